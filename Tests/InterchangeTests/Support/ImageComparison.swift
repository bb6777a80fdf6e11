import Interchange

/// The largest difference between two values in the same place; 256 where the images differ in size.
func largestDifference(_ first: Image, _ second: Image) -> Int {
  guard (first.width, first.height, first.channels) == (second.width, second.height, second.channels) else {
    return 256
  }
  return zip(first.pixels, second.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

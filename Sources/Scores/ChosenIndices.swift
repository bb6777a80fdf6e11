import GraphIR

/// So many different indices, in random order: the beginning of a shuffle.
///
/// - Parameters:
///   - stream: Other streams of one seed choose others.
/// - Precondition: There are as many.
public func chosenIndices(_ size: Int, of count: Int, seed: Int, stream: Int = 0) -> [Int] {
  precondition(size <= count, "no more than there are")
  let source = RandomSource(seed: namedSeed(seed, "subset"), stream: .noise, substream: stream)
  var indices = Array(0..<count)
  for place in 0..<size { indices.swapAt(place, place + source.integer(place, below: count - place)) }
  return Array(indices[..<size])
}

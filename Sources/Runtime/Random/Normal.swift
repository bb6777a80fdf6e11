import Glibc

extension RandomSource {
  /// Standard normal numbers at positions 0 ..< count, by Box and Muller's transform.
  public func normals(_ count: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for index in stride(from: 0, to: count, by: 2) {
      let block = block(index / 2)
      // (0, 1]: the logarithm of zero must not be taken.
      let radius = (-2 * log((Double(block.0) + 1) * 0x1p-32)).squareRoot()
      let angle = 2 * Double.pi * Double(block.1) * 0x1p-32
      values[index] = Float(radius * cos(angle))
      if index + 1 < count { values[index + 1] = Float(radius * sin(angle)) }
    }
    return values
  }
}

import CKernels
import GraphIR

/// Many numbers of a stream at once, by the kernels: each has the bits that its position gives it, on every
/// processor.
extension RandomSource {
  /// Standard normal numbers at positions 0 ..< count, by Box and Muller's method: words 0 and 1 of a block
  /// make its first two numbers, words 2 and 3 the others.
  public func normals(_ count: Int) -> [Float] {
    // For none, the standard library would write into the empty array that all threads share.
    if count == 0 { return [] }
    return unsafe [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      if let start = buffer.baseAddress { unsafe ck_random_normal(nil, kernelSource, count, 0, 1, start) }
      filled = count
    }
  }

  var kernelSource: ck_random_source {
    ck_random_source(
      seed: UInt64(key.1) << 32 | UInt64(key.0), stream: stream, step: step, offset: 0)
  }
}

extension TensorStore {
  /// Replaces a tensor by normal numbers: the one at a position is `mean` + `deviation` times that of
  /// `RandomSource.normals`, computed in Float64 and rounded.
  ///
  /// - Precondition: There is a tensor of that name; so for the others.
  public func fillNormal(_ name: String, from source: RandomSource, mean: Float, deviation: Float) {
    let slot = existingSlot(named: name)
    unsafe ck_random_normal(
      nil, source.kernelSource, slot.count, mean, deviation, arena.base + slot.offset)
    noteUpdate()
  }

  /// Replaces a tensor by numbers from `low` up to `high`, computed in Float64 from `RandomSource.uniform`
  /// at their positions and rounded.
  public func fillUniform(_ name: String, from source: RandomSource, low: Float, high: Float) {
    let slot = existingSlot(named: name)
    unsafe ck_random_uniform(nil, source.kernelSource, slot.count, low, high, arena.base + slot.offset)
    noteUpdate()
  }

  /// - Precondition: The value is a whole number if the tensor counts.
  public func fill(_ name: String, with value: Float) {
    let slot = existingSlot(named: name)
    switch slot.element {
    case .f32:
      unsafe ck_fill(nil, slot.count, value, arena.base + slot.offset)
      noteUpdate()
    case .i64: write(integers: Array(repeating: Int64(value), count: slot.count), to: name)
    }
  }
}

import CKernels
import Testing

@Suite struct RandomTests {
  static let sources = [
    ck_random_source(seed: 1, stream: 2, step: 3, offset: 0),
    ck_random_source(seed: 0x0123_4567_89AB_CDEF, stream: 7, step: 99, offset: 1),
    ck_random_source(seed: .max, stream: .max, step: .max, offset: 0x3_FFFF_FFF5),
  ]

  @Test func philoxMatchesTheAuthorsTestVectors() {
    // Random123's kat_vectors, philox4x32 10.
    var result = [UInt32](repeating: 0, count: 4)
    unsafe ck_philox4x32_10([0, 0, 0, 0], [0, 0], &result)
    #expect(result == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    unsafe ck_philox4x32_10(
      [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0], &result)
    #expect(result == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
  }

  @Test(arguments: awkwardCounts)
  func uniformNumbersAndDropoutMasksHaveTheReferencesBits(count: Int) {
    let empty = [Float](repeating: 0, count: count)
    for source in Self.sources {
      var expected = empty
      unsafe ck_random_uniform_reference(source, count, -1.3, 0.7, &expected)
      unsafe expectKernel("uniform", toMatch: expected, .exact) { pool in
        var y = empty
        unsafe ck_random_uniform(pool, source, count, -1.3, 0.7, &y)
        return y
      }
      for probability: Float in [0, 0.1, 0.5] {
        unsafe ck_random_dropout_mask_reference(source, count, probability, &expected)
        unsafe expectKernel("dropout \(probability)", toMatch: expected, .exact) { pool in
          var y = empty
          unsafe ck_random_dropout_mask(pool, source, count, probability, &y)
          return y
        }
      }
    }
  }

  @Test(arguments: awkwardCounts)
  func normalNumbersHaveTheSameBitsOnEveryTarget(count: Int) {
    let empty = [Float](repeating: 0, count: count)
    for source in Self.sources {
      var reference = empty
      unsafe ck_random_normal_reference(source, count, 0.5, 2, &reference)
      let scalar = with(CK_ISA_SCALAR) {
        var y = empty
        unsafe ck_random_normal(nil, source, count, 0.5, 2, &y)
        return y
      }
      #expect(zip(scalar, reference).allSatisfy { Tolerance(absolute: 1e-9).accepts($0, $1) })
      unsafe expectKernel("normal", toMatch: scalar, .exact) { pool in
        var y = empty
        unsafe ck_random_normal(pool, source, count, 0.5, 2, &y)
        return y
      }
    }
  }

  @Test func aSequenceContinuesWhereAnotherStopped() {
    let source = Self.sources[1]
    var rest = source
    rest.offset += 13
    for isa in vectorISAs {
      with(isa) {
        var whole = [Float](repeating: 0, count: 100)
        var tail = [Float](repeating: 0, count: 87)
        unsafe ck_random_normal(nil, source, 100, 0, 1, &whole)
        unsafe ck_random_normal(nil, rest, 87, 0, 1, &tail)
        #expect(sameBits(Array(whole[13...]), tail))
      }
    }
  }

  @Test func normalNumbersHaveMeanZeroAndVarianceOne() {
    let count = 1_000_003
    var y = [Float](repeating: 0, count: count)
    unsafe ck_random_normal(nil, Self.sources[0], count, 0, 1, &y)
    let mean = y.reduce(0) { $0 + Double($1) } / Double(count)
    let variance = y.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
    // Three standard errors.
    #expect(abs(mean) < 3e-3 && abs(variance - 1) < 4.3e-3)
  }
}

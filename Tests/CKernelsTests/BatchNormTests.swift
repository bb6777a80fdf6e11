import CKernels
import Testing

@Suite struct BatchNormTests {
  /// A batch of rows × channels elements whose channels have means of about `offset`.
  struct Batch: Sendable, CustomStringConvertible {
    var rows: Int
    var channels: Int
    var offset: Float = 0

    var description: String { "\(rows) × \(channels)" }

    static let all = [
      Batch(rows: 7, channels: 1), Batch(rows: 40_001, channels: 1, offset: 3),
      Batch(rows: 5, channels: 3), Batch(rows: 4097, channels: 3, offset: 1000),
      Batch(rows: 999, channels: 17), Batch(rows: 333, channels: 63, offset: -5),
      Batch(rows: 2000, channels: 64, offset: 10_000), Batch(rows: 300, channels: 100),
      Batch(rows: 64, channels: 513), Batch(rows: 130, channels: 1030),
    ]

    func values() -> [Float] {
      var noise = Noise(seed: 5)
      var x = noise.array(rows * channels)
      for index in x.indices { x[index] += offset * Float(index % channels % 5 + 1) }
      return x
    }

    func statistics(of x: [Float]) -> (mean: [Float], variance: [Float]) {
      var mean = [Float](repeating: 0, count: channels)
      var variance = mean
      unsafe ck_batch_norm_statistics_reference(rows, channels, x, &mean, &variance)
      return (mean, variance)
    }
  }

  static let eps: Float = 1e-5

  @Test(arguments: Batch.all + [Batch(rows: 1_000_003, channels: 1, offset: 3)])
  func statisticsAreRightAlsoWhereTheMeanIsLarge(batch: Batch) {
    let x = batch.values()
    let expected = batch.statistics(of: x)
    let bytes = ck_batch_norm_workspace_bytes(batch.rows, batch.channels)
    let tolerance = Tolerance(relative: 1e-6, absolute: 1e-7)
    unsafe expectKernel(
      "\(batch)", toMatch: expected.mean + expected.variance, tolerance
    ) { pool in
      let workspace = Workspace(bytes: bytes)
      var mean = expected.mean
      var variance = expected.variance
      unsafe ck_batch_norm_statistics(
        pool, batch.rows, batch.channels, x, &mean, &variance, workspace.base)
      return mean + variance
    }
  }

  @Test func theVarianceOfConstantChannelsIsZero() {
    let x = [Float](repeating: 0.1, count: 5000 * 3)
    let expected: [Float] = [0.1, 0.1, 0.1, 0, 0, 0]
    let bytes = ck_batch_norm_workspace_bytes(5000, 3)
    unsafe expectKernel(
      "constant", toMatch: expected, Tolerance(absolute: 1e-14)
    ) { pool in
      let workspace = Workspace(bytes: bytes)
      var mean = [Float](repeating: 0, count: 3)
      var variance = mean
      unsafe ck_batch_norm_statistics(pool, 5000, 3, x, &mean, &variance, workspace.base)
      return mean + variance
    }
  }

  @Test(arguments: Batch.all)
  func normalizationAppliesEveryActivation(batch: Batch) {
    let x = batch.values()
    let (mean, variance) = batch.statistics(of: x)
    var noise = Noise(seed: 6)
    let weight = noise.array(batch.channels, in: 0.5...1.5)
    let bias = noise.array(batch.channels)
    for activation in activations {
      var expected = x
      unsafe ck_batch_norm_normalize_reference(
        batch.rows, batch.channels, x, mean, variance, weight, bias, Self.eps, activation, &expected)
      unsafe expectKernel(
        "\(batch), \(activation.kind)", toMatch: expected, Tolerance(relative: 1e-6, absolute: 1e-6)
      ) { pool in
        var y = x
        unsafe y.withUnsafeMutableBufferPointer { y in
          unsafe ck_batch_norm_normalize(
            pool, batch.rows, batch.channels, y.baseAddress, mean, variance, weight, bias, Self.eps,
            activation,
            y.baseAddress)
        }
        return y
      }
    }
  }

  /// Elements near zero may fall on either side of it, so the test's values before the activation stay away
  /// from there: ±1 and more.
  static func backwardOperands(_ batch: Batch) -> (x: [Float], dy: [Float], mean: [Float], variance: [Float])
  {
    var noise = Noise(seed: 7)
    var x = noise.array(batch.rows * batch.channels, in: 1...2)
    for index in x.indices where noise.below(2) == 0 { x[index] *= -1 }
    let dy = noise.array(x.count)
    let mean = [Float](repeating: 0, count: batch.channels)
    return (x, dy, mean, noise.array(batch.channels, in: 0.5...2))
  }

  @Test(arguments: Batch.all)
  func theBackwardPassMatchesItsFormulas(batch: Batch) {
    let (x, dy, mean, variance) = Self.backwardOperands(batch)
    let bytes = ck_batch_norm_workspace_bytes(batch.rows, batch.channels)
    for activation in activations {
      var dbias = mean
      var dweight = mean
      unsafe ck_batch_norm_backward_reduce_reference(
        batch.rows, batch.channels, dy, x, mean, variance, nil, nil, Self.eps, activation, &dbias, &dweight)
      unsafe expectKernel(
        "reduce \(batch), \(activation.kind)", toMatch: dbias + dweight,
        Tolerance(relative: 1e-5, absolute: 1e-6 * Double(batch.rows).squareRoot())
      ) { pool in
        let workspace = Workspace(bytes: bytes)
        var dbias = mean
        var dweight = mean
        unsafe ck_batch_norm_backward_reduce(
          pool, batch.rows, batch.channels, dy, x, mean, variance, nil, nil, Self.eps, activation, &dbias,
          &dweight, workspace.base)
        return dbias + dweight
      }
      let sums = (dbias, dweight)
      var expected = dy
      unsafe ck_batch_norm_backward_apply_reference(
        batch.rows, batch.channels, dy, x, mean, variance, nil, nil, Self.eps, activation, sums.0, sums.1,
        &expected)
      unsafe expectKernel(
        "apply \(batch), \(activation.kind)", toMatch: expected, Tolerance(relative: 1e-6, absolute: 2e-6)
      ) { pool in
        var dx = dy
        unsafe dx.withUnsafeMutableBufferPointer { dx in
          unsafe ck_batch_norm_backward_apply(
            pool, batch.rows, batch.channels, dx.baseAddress, x, mean, variance, nil, nil, Self.eps,
            activation,
            sums.0, sums.1, dx.baseAddress)
        }
        return dx
      }
    }
  }

  @Test func runningStatisticsTakeInTheUnbiasedVariance() {
    var mean: [Float] = [1, 2]
    var variance: [Float] = [1, 1]
    unsafe ck_batch_norm_update_running(5, 2, 0.1, [11, 2], [8, 1], &mean, &variance)
    #expect(abs(mean[0] - 2) < 1e-6 && abs(mean[1] - 2) < 1e-6)
    #expect(abs(variance[0] - 1.9) < 1e-6 && abs(variance[1] - 1.025) < 1e-6)
  }
}

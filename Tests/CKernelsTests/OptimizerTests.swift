import CKernels
import Testing

@Suite struct OptimizerTests {
  /// A network's parameters with gradients and states as five rows of one array, in segments.
  struct Parameters {
    static let counts = [1, 7, 15, 16, 17, 40_001, 0, 64]
    static let total = counts.reduce(0, +)

    var values: [Float]

    init() {
      var noise = Noise()
      values = noise.array(3 * Self.total)
      values += noise.array(Self.total, in: 1...2)
      values += noise.array(Self.total, in: -0.1...0.1)
    }

    /// The values after three steps.
    func afterSteps(
      _ step: (UnsafePointer<ck_optimizer_segment>, Int, Int64) -> Void
    ) -> [Float] {
      var values = values
      unsafe values.withUnsafeMutableBufferPointer { values in
        let base = values.baseAddress!
        var segments: [ck_optimizer_segment] = unsafe []
        var start = 0
        for count in Self.counts {
          let row = { (index: Int) in unsafe base + index * Self.total + start }
          unsafe segments.append(
            ck_optimizer_segment(
              parameter: row(0), gradient: row(1), momentum: row(2), second_moment: row(3),
              mean_gradient: row(4),
              count: count))
          start += count
        }
        for number in [1, 2, 3] as [Int64] { unsafe step(segments, segments.count, number) }
      }
      return values
    }
  }

  @Test(arguments: [(0.5, 0.0, false), (0.0, 0.01, false), (0.9, 0.01, true)])
  func adamMatchesThePlainLoop(beta1: Double, weightDecay: Double, decoupled: Bool) {
    let options = ck_adam_options(
      learning_rate: 2e-3, beta1: beta1, beta2: 0.999, eps: 1e-8, weight_decay: weightDecay,
      decoupled_weight_decay: decoupled)
    let parameters = Parameters()
    let expected = unsafe parameters.afterSteps { segments, count, step in
      var options = options
      unsafe ck_adam_step_reference(&options, segments, count, step)
    }
    unsafe expectKernel("adam", toMatch: expected, Tolerance(absolute: 3e-7)) { pool in
      unsafe parameters.afterSteps { segments, count, step in
        var options = options
        unsafe ck_adam_step(pool, &options, segments, count, step)
      }
    }
  }

  @Test(arguments: [(0.0, false), (0.9, false), (0.9, true)])
  func sgdMatchesThePlainLoop(momentum: Double, nesterov: Bool) {
    let options = ck_sgd_options(
      learning_rate: 0.01, momentum: momentum, dampening: nesterov ? 0 : 0.1, weight_decay: 1e-3,
      nesterov: nesterov)
    let parameters = Parameters()
    let expected = unsafe parameters.afterSteps { segments, count, step in
      var options = options
      unsafe ck_sgd_step_reference(&options, segments, count, step)
    }
    unsafe expectKernel("sgd", toMatch: expected, Tolerance(absolute: 5e-7)) { pool in
      unsafe parameters.afterSteps { segments, count, step in
        var options = options
        unsafe ck_sgd_step(pool, &options, segments, count, step)
      }
    }
  }

  @Test(arguments: [(0.0, false), (0.9, false), (0.0, true), (0.9, true)])
  func rmspropMatchesThePlainLoop(momentum: Double, centered: Bool) {
    let options = ck_rmsprop_options(
      learning_rate: 0.01, alpha: 0.9, eps: 1e-8, momentum: momentum, weight_decay: 0.01, centered: centered)
    let parameters = Parameters()
    let expected = unsafe parameters.afterSteps { segments, count, _ in
      var options = options
      unsafe ck_rmsprop_step_reference(&options, segments, count)
    }
    unsafe expectKernel("rmsprop", toMatch: expected, Tolerance(relative: 1e-6, absolute: 1e-6)) { pool in
      unsafe parameters.afterSteps { segments, count, _ in
        var options = options
        unsafe ck_rmsprop_step(pool, &options, segments, count)
      }
    }
  }

  @Test func withBeta1ZeroTheMomentumIsTheGradientItself() {
    var options = ck_adam_options(
      learning_rate: 1e-3, beta1: 0, beta2: 0.9, eps: 1e-8, weight_decay: 0, decoupled_weight_decay: false)
    for isa in vectorISAs + [CK_ISA_SCALAR] {
      with(isa) {
        var parameter: [Float] = [1]
        var momentum: [Float] = [1e9]
        var second: [Float] = [0]
        let step: Int64 = 1
        let gradient: [Float] = [0.3]
        unsafe parameter.withUnsafeMutableBufferPointer { p in
          unsafe momentum.withUnsafeMutableBufferPointer { m in
            unsafe second.withUnsafeMutableBufferPointer { v in
              unsafe gradient.withUnsafeBufferPointer { g in
                var segment = unsafe ck_optimizer_segment(
                  parameter: p.baseAddress, gradient: g.baseAddress, momentum: m.baseAddress,
                  second_moment: v.baseAddress, mean_gradient: nil, count: 1)
                unsafe ck_adam_step(nil, &options, &segment, 1, step)
              }
            }
          }
        }
        #expect(momentum == gradient)
      }
    }
  }
}

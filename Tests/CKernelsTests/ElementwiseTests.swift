import CKernels
import Testing

@Suite struct ElementwiseTests {
  /// A function of one variable with its parameters, and the arguments to try it on.
  struct Case: Sendable, CustomStringConvertible {
    var function: UInt32
    var p0: Float = 0
    var p1: Float = 0
    var domain: ClosedRange<Float> = -9...9
    /// Where the float formula itself loses digits: it is held to absolute errors.
    var absolute = 0.0

    var unary: ck_unary { ck_unary(function) }
    var description: String { "function \(function)" }

    static let all: [Case] = (0..<UInt32(CK_UNARY_COUNT)).map { function in
      var sample = Case(function: function)
      switch ck_unary(function) {
      case CK_UNARY_LEAKY_RELU, CK_UNARY_ELU: sample.p0 = 0.2
      case CK_UNARY_SOFTPLUS: (sample.p0, sample.p1, sample.absolute) = (1.5, 20, 1e-7)
      case CK_UNARY_TANH, CK_UNARY_EXP, CK_UNARY_SIGMOID, CK_UNARY_SILU: sample.domain = -88...88
      case CK_UNARY_GELU: sample.absolute = 1e-9
      case CK_UNARY_GELU_TANH: sample.absolute = 1e-6
      case CK_UNARY_LOG, CK_UNARY_SQRT, CK_UNARY_RSQRT, CK_UNARY_ROOT_OF_SQUARES: sample.domain = 0...1e6
      // A bound is among the arguments.
      case CK_UNARY_CLAMP, CK_UNARY_HARDTANH: (sample.p0, sample.p1) = (-2, 1)
      case CK_UNARY_BCE: (sample.p0, sample.domain) = (0.9, 0...1)
      case CK_UNARY_BCE_WITH_LOGITS: (sample.p0, sample.domain) = (0.9, -60...60)
      default: break
      }
      return sample
    }

    func arguments(_ count: Int) -> [Float] {
      var noise = Noise(seed: 99 + UInt64(count))
      var x = noise.array(count, in: domain)
      // Small arguments, where cancellation would show.
      for index in stride(from: 3, to: count, by: 5) {
        x[index] = domain.lowerBound < 0 ? x[index] * 1e-4 : x[index]
      }
      let special: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 0x1p-140, 1]
      for (index, value) in special.enumerated() where count > 100 && (value.isNaN || domain.contains(value))
      {
        x[index] = value
      }
      return x
    }
  }

  @Test(arguments: Case.all)
  func aFunctionIsWithin4e7OfItsDefinition(sample: Case) {
    for count in awkwardCounts {
      let x = sample.arguments(count)
      var expected = x
      unsafe ck_unary_forward_reference(sample.unary, sample.p0, sample.p1, count, x, &expected)
      unsafe expectKernel(
        "\(sample), count \(count)", toMatch: expected, Tolerance(absolute: sample.absolute)
      ) { pool in
        var y = x
        unsafe ck_unary_forward(pool, sample.unary, sample.p0, sample.p1, count, x, &y)
        return y
      }
    }
  }

  @Test(arguments: Case.all)
  func aDerivativeIsWithin4e7OfTheIncomingGradient(sample: Case) {
    for count in awkwardCounts {
      var saved = sample.arguments(count)
      var noise = Noise()
      let dy = noise.array(count)
      if ck_unary_backward_reads_output(sample.unary) {
        let x = saved
        unsafe ck_unary_forward_reference(sample.unary, sample.p0, sample.p1, count, x, &saved)
      }
      var expected = dy
      unsafe ck_unary_backward_reference(sample.unary, sample.p0, sample.p1, count, saved, dy, &expected)
      unsafe expectKernel(
        "\(sample), count \(count)", toMatch: expected, Tolerance(absolute: 4e-7)
      ) { pool in
        var dx = dy
        unsafe ck_unary_backward(pool, sample.unary, sample.p0, sample.p1, count, saved, dy, &dx)
        return dx
      }
    }
  }

  @Test func infinitiesAndNaNGiveWhatTheCLibraryGives() {
    let x: [Float] = [.infinity, -.infinity, .nan, 0, -1, 0x1p-149, 200, -200, 89, -104]
    for function in [
      CK_UNARY_EXP, CK_UNARY_LOG, CK_UNARY_TANH, CK_UNARY_SIGMOID, CK_UNARY_RELU, CK_UNARY_SIGN,
    ] {
      var expected = x
      unsafe ck_unary_forward_reference(function, 0, 0, x.count, x, &expected)
      unsafe expectKernel("\(function)", toMatch: expected, .elementwise) { pool in
        var y = x
        unsafe ck_unary_forward(pool, function, 0, 0, x.count, x, &y)
        return y
      }
    }
  }

  @Test func aFunctionOfTwoVariablesIsExactAlsoWithNaN() {
    for count in awkwardCounts {
      var noise = Noise()
      var a = noise.array(count)
      var b = noise.array(count)
      if count > 10 { (a[1], b[2], a[3], b[3], b[4]) = (.nan, .nan, .nan, .nan, 0) }
      let (left, right) = (a, b)
      for function in (0..<UInt32(CK_BINARY_COUNT)).map({ ck_binary($0) }) {
        var expected = a
        unsafe ck_binary_forward_reference(function, count, left, right, &expected)
        unsafe expectKernel("\(function), count \(count)", toMatch: expected, .exact) { pool in
          var y = [Float](repeating: 0, count: count)
          unsafe ck_binary_forward(pool, function, count, left, right, &y)
          return y
        }
      }
    }
  }

  @Test func affineFillCopyAndAccumulateWorkOnAnyCount() {
    for count in awkwardCounts + [1_000_003] {
      var noise = Noise()
      let x = noise.array(count)
      let y = noise.array(count)
      var affine = x
      unsafe ck_affine_reference(count, 2, -0.5, x, &affine)
      unsafe expectKernel("affine \(count)", toMatch: affine, Tolerance(absolute: 1e-7)) { pool in
        var y = x
        unsafe y.withUnsafeMutableBufferPointer { y in
          unsafe ck_affine(pool, count, 2, -0.5, y.baseAddress, y.baseAddress)
        }
        return y
      }
      unsafe expectKernel("fill \(count)", toMatch: [Float](repeating: 3, count: count), .exact) { pool in
        var y = x
        unsafe ck_fill(pool, count, 3, &y)
        return y
      }
      unsafe expectKernel("copy \(count)", toMatch: x, .exact) { pool in
        var copy = y
        unsafe ck_copy(pool, count, x, &copy)
        return copy
      }
    }
  }

  @Test func theFirstElementThatIsNotFiniteIsFoundWhereverItStands() {
    let count = 100_003
    for isa in vectorISAs + [CK_ISA_SCALAR] {
      with(isa) {
        let pool = Pool(lanes: 3)
        var x = [Float](repeating: 1e30, count: count)
        #expect(unsafe ck_first_nonfinite(pool.handle, count, x) == -1)
        for place in [100_002, 70_000, 16_384, 17, 0] {
          x[place] = place % 2 == 0 ? .nan : -.infinity
          #expect(unsafe ck_first_nonfinite(pool.handle, count, x) == place)
        }
      }
    }
  }
}

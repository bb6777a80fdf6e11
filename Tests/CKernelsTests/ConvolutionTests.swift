import CKernels
import Testing

/// A convolution's shape with the small image's size that follows from the others.
struct Convolution: CustomStringConvertible {
  var shape: ck_conv_shape

  init(
    batch: Int = 2, _ height: Int, _ width: Int, channels: (large: Int, small: Int), kernel: (Int, Int),
    stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1
  ) {
    func small(_ large: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      (large + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
    }
    shape = ck_conv_shape(
      batch: batch, large_height: height, large_width: width, large_channels: channels.large,
      small_height: small(height, kernel.0, stride.0, padding.0, dilation.0),
      small_width: small(width, kernel.1, stride.1, padding.1, dilation.1), small_channels: channels.small,
      kernel_height: kernel.0, kernel_width: kernel.1, stride_height: stride.0, stride_width: stride.1,
      padding_height: padding.0, padding_width: padding.1, dilation_height: dilation.0,
      dilation_width: dilation.1, groups: groups)
  }

  var description: String {
    let s = shape
    return """
      \(s.batch)×\(s.large_height)×\(s.large_width)×\(s.large_channels) to \(s.small_channels), \
      kernel \(s.kernel_height)×\(s.kernel_width), stride \(s.stride_height)×\(s.stride_width), padding \
      \(s.padding_height)×\(s.padding_width), dilation \(s.dilation_height)×\(s.dilation_width), \
      \(s.groups) groups
      """
  }

  var largeCount: Int { shape.batch * shape.large_height * shape.large_width * shape.large_channels }
  var smallCount: Int { shape.batch * shape.small_height * shape.small_width * shape.small_channels }
  var fanIn: Int { shape.large_channels / shape.groups * shape.kernel_height * shape.kernel_width }
  var weightCount: Int { shape.small_channels * fanIn }

  func resultCount(_ direction: ck_conv_direction) -> Int {
    direction == CK_CONV_FORWARD ? smallCount : direction == CK_CONV_DATA_GRADIENT ? largeCount : weightCount
  }
  func resultChannels(_ direction: ck_conv_direction) -> Int {
    direction == CK_CONV_FORWARD ? shape.small_channels : shape.large_channels
  }
}

/// The images, the weight and what the result's memory holds before.
struct Operands {
  var large, small, weight, bias, before: [Float]

  init(_ convolution: Convolution, _ direction: ck_conv_direction, _ noise: inout Noise) {
    large = noise.array(convolution.largeCount)
    small = noise.array(convolution.smallCount)
    let bound = 1.7 / Float(convolution.fanIn).squareRoot()
    weight = noise.array(convolution.weightCount, in: -bound...bound)
    bias = noise.array(convolution.resultChannels(direction))
    before = noise.array(convolution.resultCount(direction))
  }
}

/// What is asked of a run.
struct Ending {
  var hasBias = false
  var activation = activations[0]
  var hasMoments = false
  var accumulates = false
}

/// Prepares and runs `algorithm`; the result, followed by the mean and the variance where they are asked for.
func run(
  _ convolution: Convolution, _ direction: ck_conv_direction, _ algorithm: ck_conv_algorithm,
  _ ending: Ending,
  _ operands: Operands, _ pool: OpaquePointer?
) -> [Float] {
  var shape = convolution.shape
  let weight = GuardedFloats(operands.weight)
  let prepared = GuardedFloats(
    [Float](repeating: .nan, count: unsafe ck_conv_prepared_floats(&shape, direction, algorithm)))
  unsafe ck_conv_prepare(pool, &shape, direction, algorithm, weight.base, prepared.base)
  let workspace = Workspace(
    bytes: unsafe ck_conv_workspace_bytes(&shape, direction, algorithm, ck_pool_lanes(pool)))
  let result = GuardedFloats(
    ending.accumulates ? operands.before : [Float](repeating: .nan, count: operands.before.count))
  let channels = ending.hasMoments ? convolution.resultChannels(direction) : 0
  let mean = GuardedFloats([Float](repeating: .nan, count: channels))
  let variance = GuardedFloats([Float](repeating: .nan, count: channels))
  let bias = GuardedFloats(operands.bias)
  let first = GuardedFloats(direction == CK_CONV_DATA_GRADIENT ? operands.small : operands.large)
  let small = GuardedFloats(operands.small)
  var epilogue = unsafe ck_conv_epilogue(
    bias: ending.hasBias ? bias.base : nil, activation: ending.activation,
    mean: ending.hasMoments ? mean.base : nil, variance: ending.hasMoments ? variance.base : nil,
    accumulate: ending.accumulates)
  let second = unsafe direction == CK_CONV_WEIGHT_GRADIENT ? small.base : prepared.base
  unsafe ck_conv_run(
    pool, &shape, direction, algorithm, first.base, second, result.base, &epilogue, workspace.base)
  return result.values + mean.values + variance.values
}

@Suite struct ConvolutionTests {
  static let directions = [CK_CONV_FORWARD, CK_CONV_DATA_GRADIENT, CK_CONV_WEIGHT_GRADIENT]
  static let fastAlgorithms = (1..<UInt32(CK_CONV_ALGORITHM_COUNT)).map { ck_conv_algorithm(rawValue: $0) }

  /// Those whose operands are floats.
  static let floatAlgorithms = fastAlgorithms.filter {
    $0 != CK_CONV_PATCHES_BF16 && $0 != CK_CONV_WINOGRAD2_BF16
  }

  static func hasLargeTiles(_ algorithm: ck_conv_algorithm) -> Bool {
    algorithm == CK_CONV_WINOGRAD4 || algorithm == CK_CONV_WINOGRAD4_PACKED
  }

  /// Every fast algorithm of every target beside the plain loops.
  func check(
    _ convolution: Convolution, _ direction: ck_conv_direction, _ ending: Ending, _ noise: inout Noise
  ) {
    let operands = Operands(convolution, direction, &noise)
    let expected = with(CK_ISA_SCALAR) {
      run(convolution, direction, CK_CONV_SCALAR, ending, operands, nil)
    }
    let scale = expected.reduce(Float(0)) { max($0, abs($1)) }
    for algorithm in Self.floatAlgorithms {
      var shape = convolution.shape
      guard with(ck_isa_best(), { unsafe ck_conv_supports(&shape, direction, algorithm) }) else { continue }
      let error = Self.hasLargeTiles(algorithm) ? 4e-5 : 8e-6
      let name = unsafe String(cString: ck_conv_algorithm_name(algorithm))
      unsafe expectKernel(
        "\(name), direction \(direction.rawValue), \(convolution), \(ending)", toMatch: expected,
        Tolerance(relative: 0, absolute: error * Double(scale))
      ) { pool in
        unsafe run(convolution, direction, algorithm, ending, operands, pool)
      }
    }
  }

  static let awkward = [
    // Strided 4×4 kernels: even and odd sizes, tiles with rests, channels that fill no vector.
    Convolution(8, 8, channels: (16, 16), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 3, 9, 7, channels: (5, 7), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(17, 19, channels: (20, 40), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(13, 11, channels: (3, 33), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 7, 4, 4, channels: (33, 65), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(6, 6, channels: (3, 4), kernel: (4, 4), stride: (2, 2), padding: (3, 3)),
    Convolution(batch: 1, 3, 3, channels: (2, 2), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 20, 16, 16, channels: (3, 32), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    // Few channels: dilated rows, and a padding that is wider than the kernel.
    Convolution(
      11, 13, channels: (3, 20), kernel: (2, 3), stride: (3, 2), padding: (0, 1), dilation: (2, 1)),
    Convolution(7, 6, channels: (2, 18), kernel: (2, 2), stride: (3, 3), padding: (4, 4)),
    // Other kernels with Winograd forms.
    Convolution(batch: 1, 5, 5, channels: (1, 1), kernel: (3, 3), padding: (1, 1)),
    Convolution(7, 9, channels: (17, 18), kernel: (3, 3), padding: (1, 1)),
    Convolution(batch: 1, 9, 9, channels: (64, 100), kernel: (3, 3)),
    Convolution(6, 6, channels: (8, 8), kernel: (3, 3), padding: (2, 2)),
    Convolution(6, 5, channels: (8, 12), kernel: (2, 2), padding: (1, 1)),
    Convolution(10, 10, channels: (17, 16), kernel: (3, 3), stride: (2, 2), padding: (1, 1)),
    Convolution(10, 10, channels: (7, 6), kernel: (5, 5), stride: (2, 2), padding: (2, 2)),
    Convolution(8, 10, channels: (12, 6), kernel: (6, 6), stride: (2, 2), padding: (2, 2), groups: 2),
    Convolution(7, 9, channels: (17, 18), kernel: (4, 4), padding: (2, 2)),
    Convolution(batch: 1, 8, 8, channels: (33, 65), kernel: (4, 4), padding: (1, 1)),
    Convolution(batch: 3, 5, 11, channels: (6, 8), kernel: (4, 4), padding: (0, 3), groups: 2),
    // From and to one pixel.
    Convolution(batch: 5, 4, 4, channels: (100, 1), kernel: (4, 4)),
    Convolution(batch: 5, 4, 4, channels: (70, 100), kernel: (4, 4)),
    // To one channel and to a few.
    Convolution(batch: 17, 8, 8, channels: (130, 1), kernel: (4, 4), padding: (1, 1)),
    Convolution(batch: 20, 7, 7, channels: (72, 2), kernel: (3, 3), padding: (2, 2), dilation: (2, 2)),
    Convolution(batch: 9, 13, 12, channels: (37, 3), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 3, 9, 10, channels: (64, 4), kernel: (5, 4), stride: (3, 2), padding: (1, 0)),
    // Rectangular kernels, dilation, groups, strides beyond the kernel.
    Convolution(10, 8, channels: (6, 9), kernel: (3, 5), stride: (2, 1), padding: (1, 2), groups: 3),
    Convolution(
      11, 13, channels: (4, 6), kernel: (2, 3), stride: (3, 2), padding: (0, 1), dilation: (2, 1), groups: 2),
    Convolution(
      batch: 1, 15, 15, channels: (8, 8), kernel: (3, 3), stride: (2, 2), padding: (2, 2), dilation: (2, 2)),
    Convolution(12, 12, channels: (6, 6), kernel: (3, 3), padding: (2, 2), dilation: (2, 2)),
    Convolution(batch: 1, 9, 9, channels: (2, 3), kernel: (2, 2), stride: (3, 3)),
    Convolution(9, 9, channels: (5, 4), kernel: (1, 1)),
    Convolution(9, 9, channels: (5, 4), kernel: (1, 1), stride: (2, 2)),
    Convolution(batch: 1, 20, 20, channels: (3, 8), kernel: (7, 7), stride: (3, 3), padding: (3, 3)),
    // Strides beyond the image, and so long that most phases have no tap.
    Convolution(3, 2, channels: (3, 4), kernel: (2, 2), stride: (5, 7), padding: (1, 0)),
    Convolution(1, 1, channels: (20, 17), kernel: (4, 4), stride: (2, 2), padding: (2, 2)),
    Convolution(1, 6, channels: (18, 33), kernel: (4, 4), stride: (2, 2), padding: (2, 1)),
    Convolution(23, 40, channels: (6, 9), kernel: (3, 2), stride: (20, 17), dilation: (3, 1), groups: 3),
    Convolution(batch: 3, 37, 20, channels: (2, 3), kernel: (2, 2), stride: (18, 17), padding: (1, 0)),
    Convolution(20, 21, channels: (19, 19), kernel: (2, 3), stride: (17, 18), groups: 19),
    // A filter a channel.
    Convolution(14, 9, channels: (12, 12), kernel: (3, 3), padding: (1, 1), groups: 12),
    Convolution(8, 8, channels: (40, 40), kernel: (4, 4), stride: (2, 2), padding: (1, 1), groups: 40),
    Convolution(
      9, 20, channels: (19, 19), kernel: (3, 2), stride: (1, 2), padding: (2, 0), dilation: (2, 1), groups: 19
    ),
  ]

  @Test(arguments: awkward) func everyAlgorithmMatchesThePlainLoops(_ convolution: Convolution) {
    var noise = Noise()
    for direction in Self.directions { check(convolution, direction, Ending(), &noise) }
  }

  @Test(arguments: awkward) func resultsAreAddedToWhatIsThere(_ convolution: Convolution) {
    var noise = Noise()
    for direction in Self.directions {
      check(convolution, direction, Ending(accumulates: true), &noise)
    }
  }

  @Test(arguments: awkward) func biasMomentsAndActivationAreAppliedOnTheWayOut(_ convolution: Convolution) {
    var noise = Noise()
    for direction in [CK_CONV_FORWARD, CK_CONV_DATA_GRADIENT] {
      check(
        convolution, direction, Ending(hasBias: true, activation: activations[2], hasMoments: true), &noise)
      check(convolution, direction, Ending(hasBias: true, activation: activations[3]), &noise)
    }
  }

  @Test func everyActivationMatchesThePlainLoops() {
    var noise = Noise()
    let convolution = Convolution(
      8, 6, channels: (5, 20), kernel: (4, 4), stride: (2, 2), padding: (1, 1))
    for activation in activations {
      check(convolution, CK_CONV_FORWARD, Ending(activation: activation), &noise)
    }
  }

  /// Layers that fill several chunks.
  static let chunked = [
    Convolution(batch: 1, 32, 32, channels: (16, 64), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 9, 12, 12, channels: (48, 96), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 2, 24, 20, channels: (64, 48), kernel: (3, 3), padding: (1, 1)),
    Convolution(batch: 1, 90, 70, channels: (3, 20), kernel: (3, 3), padding: (1, 1)),
    Convolution(batch: 1, 37, 34, channels: (3, 40), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    // Phases of unequal size; many sums in few columns.
    Convolution(batch: 9, 37, 35, channels: (20, 24), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 5, 12, 10, channels: (16, 260), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    // Chunks of unequal size, and fewer of them than eight lanes, which gather them together.
    Convolution(batch: 2, 9, 11, channels: (20, 500), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 20, 8, 8, channels: (72, 40), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(
      batch: 20, 8, 8, channels: (192, 128), kernel: (4, 4), stride: (2, 2), padding: (1, 1), groups: 2),
    // More padding than the kernel reaches: rows of the small image that no row of the large one has to do with.
    Convolution(batch: 1, 8, 8, channels: (1, 40), kernel: (5, 5), padding: (6, 6)),
    Convolution(batch: 2, 8, 9, channels: (1, 20), kernel: (3, 3), padding: (5, 5)),
  ]

  @Test func layersThatFillSeveralChunksMatchThePlainLoops() {
    var noise = Noise()
    for convolution in Self.chunked {
      for direction in Self.directions { check(convolution, direction, Ending(), &noise) }
      check(convolution, CK_CONV_FORWARD, Ending(hasMoments: true), &noise)
      check(convolution, CK_CONV_DATA_GRADIENT, Ending(hasMoments: true), &noise)
    }
  }

  @Test func packedWeightsGiveTheBitsOfPreparedOnes() {
    var noise = Noise()
    for var convolution in Self.awkward + Self.chunked {
      for direction in [CK_CONV_FORWARD, CK_CONV_DATA_GRADIENT] {
        guard unsafe ck_conv_supports(&convolution.shape, direction, CK_CONV_WINOGRAD4_PACKED)
        else { continue }
        let operands = Operands(convolution, direction, &noise)
        for isa in vectorISAs {
          let results = with(isa) {
            [CK_CONV_WINOGRAD4, CK_CONV_WINOGRAD4_PACKED].map {
              run(convolution, direction, $0, Ending(hasBias: true), operands, nil)
            }
          }
          #expect(sameBits(results[0], results[1]), "\(convolution)")
        }
      }
    }
  }

  @Test func weightsForFewTilesAreOnlyPacked() {
    var few = Convolution(
      batch: 64, 8, 8, channels: (256, 512), kernel: (4, 4), stride: (2, 2), padding: (1, 1))
    for direction in [CK_CONV_FORWARD, CK_CONV_DATA_GRADIENT] {
      for isa in vectorISAs {
        let choices = with(isa) {
          [false, true].map { unsafe ck_conv_choose(&few.shape, direction, CK_CONV_FP32, $0) }
        }
        // Where they are prepared once for many runs, they may take their time.
        #expect(choices == [CK_CONV_WINOGRAD4_PACKED, CK_CONV_WINOGRAD4])
        with(isa) {
          let floats = [CK_CONV_WINOGRAD4, CK_CONV_WINOGRAD4_PACKED].map {
            unsafe ck_conv_prepared_floats(&few.shape, direction, $0)
          }
          #expect(floats[1] * 5 < floats[0])
        }
      }
    }
  }

  @Test func aWorkspaceServesPoolsOfFewerLanes() {
    for var convolution in Self.chunked + Self.layers {
      for direction in Self.directions {
        for algorithm in Self.floatAlgorithms {
          guard unsafe ck_conv_supports(&convolution.shape, direction, algorithm) else { continue }
          let bytes = (1...8).map {
            unsafe ck_conv_workspace_bytes(&convolution.shape, direction, algorithm, Int32($0))
          }
          #expect(bytes == bytes.sorted(), "\(convolution), direction \(direction.rawValue)")
        }
      }
    }
  }

  /// Layers of a DCGAN on 64×64 pixels, and two without strides.
  static let layers = [
    Convolution(batch: 3, 64, 64, channels: (3, 64), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 3, 32, 32, channels: (64, 128), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 3, 16, 16, channels: (128, 256), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 3, 8, 8, channels: (256, 512), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    Convolution(batch: 3, 4, 4, channels: (512, 100), kernel: (4, 4)),
    Convolution(batch: 3, 16, 16, channels: (64, 64), kernel: (3, 3), padding: (1, 1)),
    Convolution(batch: 3, 8, 8, channels: (128, 256), kernel: (4, 4), padding: (1, 1)),
    Convolution(batch: 3, 16, 16, channels: (64, 64), kernel: (3, 3), padding: (1, 1), groups: 64),
  ]

  /// The largest error over the largest value that rounding may come to: twice what the layers show. Long sums
  /// lose the most in a direct convolution, which adds a pixel's products one by one.
  static func roundingBound(_ algorithm: ck_conv_algorithm, _ direction: ck_conv_direction) -> Double {
    let isWeightGradient = direction == CK_CONV_WEIGHT_GRADIENT
    return switch algorithm {
    case CK_CONV_WINOGRAD4, CK_CONV_WINOGRAD4_PACKED: isWeightGradient ? 5e-6 : 2e-5
    case CK_CONV_WINOGRAD2: 4e-6
    default: 5e-6
    }
  }

  @Test(arguments: layers, directions) func roundingStaysWithinEachAlgorithmsBound(
    _ convolution: Convolution, _ direction: ck_conv_direction
  ) {
    var noise = Noise()
    let operands = Operands(convolution, direction, &noise)
    // The plain loops add up in 64 bits.
    let expected = with(CK_ISA_SCALAR) {
      run(convolution, direction, CK_CONV_SCALAR, Ending(), operands, nil)
    }
    let scale = expected.reduce(0) { max($0, abs(Double($1))) }
    let pool = Pool(lanes: 2)
    for isa in vectorISAs {
      with(isa) {
        for algorithm in Self.floatAlgorithms {
          var shape = convolution.shape
          guard unsafe ck_conv_supports(&shape, direction, algorithm) else { continue }
          let result = unsafe run(convolution, direction, algorithm, Ending(), operands, pool.handle)
          let error = zip(result, expected).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) } / scale
          let name = unsafe String(cString: ck_conv_algorithm_name(algorithm))
          let isaName = unsafe String(cString: ck_isa_name(isa))
          // A NaN is no error that a comparison would find.
          #expect(
            error <= Self.roundingBound(algorithm, direction) && result.allSatisfy { $0.isFinite },
            "\(name), \(isaName): \(error)")
        }
      }
    }
  }

  @Test func theVarianceIsSoundWhereTheMeanIsFarLarger() {
    let convolution = Convolution(
      batch: 4, 16, 16, channels: (16, 16), kernel: (4, 4), stride: (2, 2), padding: (1, 1))
    var noise = Noise()
    var operands = Operands(convolution, CK_CONV_FORWARD, &noise)
    let ending = Ending(hasBias: true, hasMoments: true)
    let variances = { (algorithm: ck_conv_algorithm) in
      Array(run(convolution, CK_CONV_FORWARD, algorithm, ending, operands, nil).suffix(16))
    }
    operands.bias = Array(repeating: 0, count: 16)
    let expected = variances(CK_CONV_SCALAR)
    operands.bias = Array(repeating: 1000, count: 16)
    for isa in vectorISAs {
      with(isa) {
        for algorithm in [CK_CONV_PATCHES, CK_CONV_WINOGRAD2, CK_CONV_WINOGRAD4] {
          for (value, reference) in zip(variances(algorithm), expected) {
            #expect(abs(value - reference) < 2e-3 * reference)
          }
        }
      }
    }
  }

  @Test func thePlainLoopsGiveTheDefinitionsNumbers() {
    // 1 2 3      1 10
    // 4 5 6  by  100 1000, without padding.
    let convolution = Convolution(batch: 1, 2, 3, channels: (1, 1), kernel: (2, 2))
    var noise = Noise()
    var operands = Operands(convolution, CK_CONV_FORWARD, &noise)
    operands.large = [1, 2, 3, 4, 5, 6]
    operands.weight = [1, 10, 100, 1000]
    operands.small = [1, 2]
    let results = Self.directions.map { direction in
      operands.before = [Float](repeating: 0, count: convolution.resultCount(direction))
      return run(convolution, direction, CK_CONV_SCALAR, Ending(), operands, nil)
    }
    #expect(results == [[5421, 6532], [1, 12, 20, 100, 1200, 2000], [5, 8, 14, 17]])
  }

  @Test(arguments: awkward) func theGradientsAreTheAdjointsOfTheConvolution(_ convolution: Convolution) {
    var noise = Noise()
    var operands = Operands(convolution, CK_CONV_FORWARD, &noise)
    let product = { (direction: ck_conv_direction, other: [Float]) -> Double in
      operands.before = [Float](repeating: 0, count: convolution.resultCount(direction))
      let result = run(convolution, direction, CK_CONV_SCALAR, Ending(), operands, nil)
      return zip(result, other).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let forward = product(CK_CONV_FORWARD, operands.small)
    let tolerance = 1e-5 * Double(convolution.smallCount).squareRoot()
    #expect(abs(product(CK_CONV_DATA_GRADIENT, operands.large) - forward) < tolerance)
    #expect(abs(product(CK_CONV_WEIGHT_GRADIENT, operands.weight) - forward) < tolerance)
  }

  @Test func preparedWeightsServeEveryBatch() {
    var noise = Noise()
    for var convolution in Self.awkward {
      let operands = Operands(convolution, CK_CONV_FORWARD, &noise)
      for isa in vectorISAs {
        with(isa) {
          for algorithm in Self.fastAlgorithms {
            for direction in Self.directions {
              guard unsafe ck_conv_supports(&convolution.shape, direction, algorithm) else { continue }
              let prepare = {
                let count = unsafe ck_conv_prepared_floats(&convolution.shape, direction, algorithm)
                var prepared = [Float](repeating: 0, count: count)
                unsafe ck_conv_prepare(
                  nil, &convolution.shape, direction, algorithm, operands.weight, &prepared)
                return prepared
              }
              convolution.shape.batch = 1
              let one = prepare()
              convolution.shape.batch = 100
              #expect(sameBits(one, prepare()))
            }
          }
        }
      }
    }
  }

  @Test func theChoiceIsAFastAlgorithmThatSupportsTheShape() {
    for var convolution in Self.awkward {
      for direction in Self.directions {
        for isa in vectorISAs {
          with(isa) {
            let choice = unsafe ck_conv_choose(&convolution.shape, direction, CK_CONV_FP32, false)
            #expect(choice != CK_CONV_SCALAR)
            #expect(unsafe ck_conv_supports(&convolution.shape, direction, choice))
          }
        }
        let scalar = with(CK_ISA_SCALAR) {
          unsafe ck_conv_choose(&convolution.shape, direction, CK_CONV_FP32, false)
        }
        #expect(scalar == CK_CONV_SCALAR)
      }
    }
  }

  @Test func largeStridedLayersAreConvolvedByWinogradsMethod() {
    var convolution = Convolution(
      batch: 64, 32, 32, channels: (64, 128), kernel: (4, 4), stride: (2, 2), padding: (1, 1))
    for direction in Self.directions {
      for isa in vectorISAs {
        let choice = with(isa) { unsafe ck_conv_choose(&convolution.shape, direction, CK_CONV_FP32, false) }
        #expect(choice == CK_CONV_WINOGRAD4)
      }
    }
  }

  @Test func operationsAreThoseOfADirectConvolution() {
    var convolution = Convolution(
      batch: 3, 8, 8, channels: (4, 6), kernel: (4, 4), stride: (2, 2), padding: (1, 1), groups: 2)
    #expect(unsafe ck_conv_flops(&convolution.shape) == 2 * 3 * 16 * 6 * 2 * 16)
  }
}

import CKernels
import Testing

/// The convolutions whose operands are rounded to bf16.
@Suite struct BF16ConvolutionTests {
  static let directions = ConvolutionTests.directions

  /// A float and what the nearest bf16 is, ties to even, by their bits.
  static let roundings: [(bits: UInt32, rounded: UInt32)] = [
    (0x3f80_0000, 0x3f80_0000), (0x3f80_0001, 0x3f80_0000), (0x3f80_7fff, 0x3f80_0000),
    // Ties go to the even neighbour, below or above.
    (0x3f80_8000, 0x3f80_0000), (0x3f80_8001, 0x3f81_0000), (0x3f81_8000, 0x3f82_0000),
    (0xbf81_8000, 0xbf82_0000), (0xbf80_8000, 0xbf80_0000), (0x40ff_ffff, 0x4100_0000),
    (0, 0), (0x8000_0000, 0x8000_0000),
    // The smallest normal number, denormals, and the largest number, which rounds to infinity.
    (0x0080_0000, 0x0080_0000), (0x0000_0001, 0), (0x0000_8000, 0), (0x0001_8000, 0x0002_0000),
    (0x807f_ffff, 0x8080_0000), (0x7f7f_0000, 0x7f7f_0000), (0x7f7f_7fff, 0x7f7f_0000),
    (0x7f7f_ffff, 0x7f80_0000), (0xff7f_8000, 0xff80_0000),
    (0x7f80_0000, 0x7f80_0000), (0xff80_0000, 0xff80_0000),
    // What rounding up would make an infinity, or zero, of a NaN.
    (0x7f80_0001, 0x7fc0_0000), (0x7fc0_0000, 0x7fc0_0000), (0x7fff_ffff, 0x7fff_0000),
    (0xffff_ffff, 0xffff_0000), (0xff80_8000, 0xffc0_0000),
  ]

  /// What is multiplied by 1 and added to nothing shows how it was rounded.
  @Test func operandsAreRoundedToTheNearestWithTiesToEven() {
    let values = Self.roundings.map { Float(bitPattern: $0.bits) }
    let count = values.count
    func expectRounded(_ results: [Float], _ what: String) {
      for (result, rounding) in zip(results, Self.roundings) {
        let expected = Float(bitPattern: rounding.rounded)
        // Denormals may count as zero.
        let isFlushed = abs(expected) <= .leastNormalMagnitude && result == 0
        #expect(
          result == expected || (expected.isNaN && result.isNaN) || isFlushed,
          "\(String(rounding.bits, radix: 16)) as \(what) is \(result)")
      }
    }
    // The values as images of one pixel, as as many filters, and as those with the same gradient each.
    let image = Convolution(batch: count, 1, 1, channels: (1, 1), kernel: (1, 1))
    let filters = Convolution(batch: 1, 1, 1, channels: (1, count), kernel: (1, 1))
    let channels = Convolution(batch: 1, 1, 1, channels: (count, 1), kernel: (1, 1))
    var noise = Noise()
    for isa in vectorISAs {
      with(isa) {
        func result(
          _ convolution: Convolution, _ direction: ck_conv_direction, _ assign: (inout Operands) -> Void
        ) -> [Float] {
          var operands = Operands(convolution, direction, &noise)
          operands.large = operands.large.map { _ in 1 }
          operands.small = operands.small.map { _ in 1 }
          operands.weight = operands.weight.map { _ in 1 }
          assign(&operands)
          return run(convolution, direction, CK_CONV_PATCHES_BF16, Ending(), operands, nil)
        }
        expectRounded(result(image, CK_CONV_FORWARD) { $0.large = values }, "pixels")
        expectRounded(result(image, CK_CONV_DATA_GRADIENT) { $0.small = values }, "gradients")
        expectRounded(result(filters, CK_CONV_FORWARD) { $0.weight = values }, "weights")
        expectRounded(result(channels, CK_CONV_WEIGHT_GRADIENT) { $0.large = values }, "the large operand")
        expectRounded(result(filters, CK_CONV_WEIGHT_GRADIENT) { $0.small = values }, "the small operand")
      }
    }
  }

  /// A float rounded to bf16.
  static func rounded(_ value: Float) -> Float {
    let bits = value.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16) & 1) & 0xffff_0000)
  }

  /// Holds both algorithms to the plain loops: patches to their sums over rounded operands; Winograd, whose
  /// operands are rounded after their transforms, to what floats give, less closely.
  func check(
    _ convolution: Convolution, _ direction: ck_conv_direction, _ ending: Ending, _ noise: inout Noise
  ) {
    let operands = Operands(convolution, direction, &noise)
    var rounded = operands
    rounded.large = operands.large.map(Self.rounded)
    rounded.small = operands.small.map(Self.rounded)
    rounded.weight = operands.weight.map(Self.rounded)
    for (algorithm, twins, error) in [
      (CK_CONV_PATCHES_BF16, rounded, 8e-6), (CK_CONV_WINOGRAD2_BF16, operands, 1.5e-2),
    ] {
      var shape = convolution.shape
      guard unsafe ck_conv_supports(&shape, direction, algorithm) else { continue }
      let expected = with(CK_ISA_SCALAR) {
        run(convolution, direction, CK_CONV_SCALAR, ending, twins, nil)
      }
      let scale = Double(expected.reduce(Float(0)) { max($0, abs($1)) })
      let name = unsafe String(cString: ck_conv_algorithm_name(algorithm))
      unsafe expectKernel(
        "\(name), direction \(direction.rawValue), \(convolution), \(ending)", toMatch: expected,
        Tolerance(relative: 0, absolute: error * scale)
      ) { pool in unsafe run(convolution, direction, algorithm, ending, operands, pool) }
    }
  }

  static let awkward =
    ConvolutionTests.awkward + [
      // More taps than make planes, in the weight gradient.
      Convolution(batch: 1, 24, 24, channels: (3, 8), kernel: (9, 9), stride: (2, 2), padding: (3, 3))
    ]

  @Test(arguments: awkward) func theyMatchThePlainLoopsOfRoundedOperands(_ convolution: Convolution) {
    var noise = Noise()
    for direction in Self.directions {
      for ending in [Ending(), Ending(accumulates: true)] {
        check(convolution, direction, ending, &noise)
      }
    }
    for direction in [CK_CONV_FORWARD, CK_CONV_DATA_GRADIENT] {
      let ending = Ending(hasBias: true, activation: activations[2], hasMoments: true)
      check(convolution, direction, ending, &noise)
    }
  }

  static let chunked =
    ConvolutionTests.chunked + [
      // A weight gradient of more sums than stay in a cache, and one over more pixels than are multiplied at a time.
      Convolution(batch: 2, 6, 6, channels: (130, 130), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
      Convolution(batch: 4, 64, 64, channels: (3, 20), kernel: (3, 3), padding: (1, 1)),
    ]

  @Test func layersThatFillSeveralChunksMatchThePlainLoops() {
    var noise = Noise()
    for convolution in Self.chunked {
      for direction in Self.directions { check(convolution, direction, Ending(), &noise) }
    }
  }

  /// The root of the mean squared error, relative to that of the exact result: bf16's own, and twice that
  /// through Winograd's transforms.
  @Test func errorsAreThoseOfTheRounding() {
    var noise = Noise()
    for convolution in [
      Convolution(batch: 4, 16, 16, channels: (32, 64), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
      Convolution(batch: 4, 12, 12, channels: (32, 48), kernel: (3, 3), padding: (1, 1)),
    ] {
      for direction in Self.directions {
        let operands = Operands(convolution, direction, &noise)
        // It sums in Float64.
        let exact = run(convolution, direction, CK_CONV_SCALAR, Ending(), operands, nil)
        for (algorithm, range) in [
          (CK_CONV_PATCHES_BF16, 1.8e-3...2.6e-3), (CK_CONV_WINOGRAD2_BF16, 3.6e-3...5.6e-3),
        ] {
          for isa in vectorISAs {
            let result = with(isa) { run(convolution, direction, algorithm, Ending(), operands, nil) }
            let error = rootMeanSquare(zip(result, exact).map { $0 - $1 }) / rootMeanSquare(exact)
            #expect(
              range.contains(error),
              "\(algorithm.rawValue), direction \(direction.rawValue), \(convolution): \(error)")
          }
        }
      }
    }
  }

  private func rootMeanSquare(_ values: [Float]) -> Double {
    (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
  }

  @Test func preparedWeightsTakeHalfTheMemory() {
    var layer = Convolution(8, 8, channels: (64, 128), kernel: (4, 4), stride: (2, 2), padding: (1, 1))
    for isa in vectorISAs {
      with(isa) {
        for direction in [CK_CONV_FORWARD, CK_CONV_DATA_GRADIENT] {
          let floats = { unsafe ck_conv_prepared_floats(&layer.shape, direction, $0) }
          let winograd = floats(CK_CONV_WINOGRAD2)
          #expect(floats(CK_CONV_WINOGRAD2_BF16) < winograd * 55 / 100)
          #expect(floats(CK_CONV_PATCHES_BF16) == 128 * 64 * 16 / 2)
        }
      }
    }
  }

  @Test func theChoiceRoundsOnlyWhereItMay() {
    for var convolution in Self.awkward {
      for direction in Self.directions {
        for isa in vectorISAs {
          let choice = with(isa) { unsafe ck_conv_choose(&convolution.shape, direction, CK_CONV_FP32, false) }
          #expect(ConvolutionTests.floatAlgorithms.contains(choice))
        }
        let scalar = with(CK_ISA_SCALAR) {
          unsafe ck_conv_choose(&convolution.shape, direction, CK_CONV_BF16, false)
        }
        #expect(scalar == CK_CONV_SCALAR)
      }
    }
    var large = [
      Convolution(
        batch: 64, 32, 32, channels: (64, 128), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
      Convolution(
        batch: 64, 32, 32, channels: (256, 512), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
      Convolution(batch: 64, 16, 16, channels: (512, 512), kernel: (3, 3), padding: (1, 1)),
    ]
    var image = Convolution(
      batch: 64, 64, 64, channels: (3, 64), kernel: (4, 4), stride: (2, 2), padding: (1, 1))
    for isa in vectorISAs {
      with(isa) {
        for index in large.indices {
          for direction in Self.directions {
            let choice = unsafe ck_conv_choose(&large[index].shape, direction, CK_CONV_BF16, false)
            // AMX's products take less time than the transforms that would save some of them.
            #expect(choice == (isa == CK_ISA_AMX ? CK_CONV_PATCHES_BF16 : CK_CONV_WINOGRAD2_BF16))
          }
        }
        // Three channels make too few products.
        let choice = unsafe ck_conv_choose(&image.shape, CK_CONV_FORWARD, CK_CONV_BF16, false)
        #expect(ConvolutionTests.floatAlgorithms.contains(choice))
      }
    }
  }
}

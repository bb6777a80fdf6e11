import CKernels
import Testing

@Suite struct PoolingTests {
  /// A random pooling, and images for it. Values repeat, so that the first of equal ones matters.
  struct Case {
    var shape: ck_pooling
    var x: [Float]
    var dy: [Float]
    var imageCount: Int { shape.batch * shape.height * shape.width * shape.channels }
    var outputCount: Int { shape.batch * shape.out_height * shape.out_width * shape.channels }

    init(noise: inout Noise) {
      let channels = [1, 3, 7, 16, 17, 64, 130][noise.below(7)]
      let (height, width) = (3 + noise.below(9), 3 + noise.below(9))
      let kernel = (1 + noise.below(3), 1 + noise.below(3))
      let stride = (1 + noise.below(3), 1 + noise.below(3))
      let padding = (noise.below(kernel.0 / 2 + 1), noise.below(kernel.1 / 2 + 1))
      shape = ck_pooling(
        batch: 1 + noise.below(3), height: height, width: width, channels: channels,
        out_height: (height + 2 * padding.0 - kernel.0) / stride.0 + 1,
        out_width: (width + 2 * padding.1 - kernel.1) / stride.1 + 1,
        kernel_height: kernel.0, kernel_width: kernel.1, stride_height: stride.0, stride_width: stride.1,
        padding_height: padding.0, padding_width: padding.1, count_include_pad: noise.below(2) == 0)
      x = []
      dy = []
      let hasNaN = noise.below(4) == 0
      x = noise.array(imageCount)
      for index in x.indices {
        if noise.below(3) > 0 { x[index] = Float(noise.below(4)) }
        if hasNaN && noise.below(20) == 0 { x[index] = .nan }
      }
      dy = noise.array(imageCount + outputCount)
    }
  }

  static let cases: [Case] = {
    var noise = Noise()
    return (0..<100).map { _ in Case(noise: &noise) }
  }()

  @Test func averagesAndTheirAdjointMatchThePlainLoops() {
    for sample in Self.cases {
      var average = [Float](repeating: 0, count: sample.outputCount)
      var adjoint = [Float](repeating: 0, count: sample.imageCount)
      var shape = sample.shape
      unsafe ck_avg_pool2d_reference(&shape, sample.x, &average)
      unsafe ck_avg_pool2d_adjoint_reference(&shape, sample.dy, &adjoint)
      unsafe expectKernel("average \(shape)", toMatch: average, Tolerance(absolute: 1e-6)) { pool in
        var shape = sample.shape
        var y = [Float](repeating: 0, count: sample.outputCount)
        unsafe ck_avg_pool2d(pool, &shape, sample.x, &y)
        return y
      }
      unsafe expectKernel("adjoint \(shape)", toMatch: adjoint, Tolerance(absolute: 1e-6)) { pool in
        var shape = sample.shape
        var dx = [Float](repeating: 9, count: sample.imageCount)
        unsafe ck_avg_pool2d_adjoint(pool, &shape, sample.dy, &dx)
        return dx
      }
    }
  }

  @Test func maximaTheirGradientAndItsAdjointTakeTheFirstLargestElement() {
    for sample in Self.cases {
      var shape = sample.shape
      var maximum = [Float](repeating: 0, count: sample.outputCount)
      var gathered = maximum
      var gradient = [Float](repeating: 0, count: sample.imageCount)
      unsafe ck_max_pool2d_reference(&shape, sample.x, &maximum)
      unsafe ck_max_pool2d_gather_reference(&shape, sample.x, sample.dy, &gathered)
      unsafe ck_max_pool2d_gradient_reference(&shape, sample.x, sample.dy, &gradient)
      unsafe expectKernel("maximum \(shape)", toMatch: maximum, .exact) { pool in
        var shape = sample.shape
        var y = [Float](repeating: 0, count: sample.outputCount)
        unsafe ck_max_pool2d(pool, &shape, sample.x, &y)
        return y
      }
      unsafe expectKernel("gather \(shape)", toMatch: gathered, .exact) { pool in
        var shape = sample.shape
        var y = [Float](repeating: 0, count: sample.outputCount)
        unsafe ck_max_pool2d_gather(pool, &shape, sample.x, sample.dy, &y)
        return y
      }
      unsafe expectKernel("gradient \(shape)", toMatch: gradient, .exact) { pool in
        var shape = sample.shape
        var dx = [Float](repeating: 9, count: sample.imageCount)
        unsafe ck_max_pool2d_gradient(pool, &shape, sample.x, sample.dy, &dx)
        return dx
      }
    }
  }

  @Test(arguments: [(1, 1, 1), (3, 2, 3), (17, 1, 2), (64, 2, 2), (130, 3, 1)])
  func resizingRepeatsPixels(channels: Int, scaleHeight: Int, scaleWidth: Int) {
    let (batch, height, width) = (2, 5, 7)
    var noise = Noise()
    let x = noise.array(batch * height * width * channels)
    var large = [Float](repeating: 0, count: x.count * scaleHeight * scaleWidth)
    for index in large.indices {
      let (c, w) = (index % channels, index / channels % (width * scaleWidth))
      let row = index / channels / (width * scaleWidth)
      large[index] = x[((row / scaleHeight) * width + w / scaleWidth) * channels + c]
    }
    unsafe expectKernel("upsample", toMatch: large, .exact) { pool in
      var y = [Float](repeating: 0, count: large.count)
      unsafe ck_upsample_nearest2d(pool, batch, height, width, channels, scaleHeight, scaleWidth, x, &y)
      return y
    }
  }
}

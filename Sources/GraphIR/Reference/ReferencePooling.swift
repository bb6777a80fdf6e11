/// Pooling as its windows define it. Source: PyTorch `nn/modules/pooling.py`.
enum ReferencePooling {
  /// Calls `body(window, pixels)` for each window of each channel: its index in the pooled tensor, the
  /// indices of its pixels in the image, and the divisor of an average.
  private static func forEachWindow(
    _ geometry: PoolingGeometry, input: [Int], output: [Int], countIncludePad: Bool,
    _ body: (_ window: Int, _ pixels: [Int], _ divisor: Double) -> Void
  ) {
    for plane in 0..<output[0] * output[1] {
      for oy in 0..<output[2] {
        for ox in 0..<output[3] {
          let top = oy * geometry.stride.height - geometry.padding.height
          let left = ox * geometry.stride.width - geometry.padding.width
          // The divisor counts padding, but nothing beyond it.
          let bottom = min(top + geometry.kernelSize.height, input[2] + geometry.padding.height)
          let right = min(left + geometry.kernelSize.width, input[3] + geometry.padding.width)
          let padded = (bottom - top) * (right - left)
          var pixels: [Int] = []
          for y in max(top, 0)..<max(0, min(bottom, input[2])) {
            for x in max(left, 0)..<max(0, min(right, input[3])) {
              pixels.append((plane * input[2] + y) * input[3] + x)
            }
          }
          body(
            (plane * output[2] + oy) * output[3] + ox, pixels,
            Double(countIncludePad ? padded : pixels.count))
        }
      }
    }
  }

  static func average(_ op: AvgPool2D, _ input: ReferenceTensor, result: [Int]) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    forEachWindow(op.geometry, input: input.shape, output: result, countIncludePad: op.countIncludePad) {
      window, pixels, divisor in
      output.values[window] = pixels.reduce(0) { $0 + input.values[$1] } / divisor
    }
    return output
  }

  static func averageGradient(
    _ op: AvgPool2DGradient, _ cotangent: ReferenceTensor, result: [Int]
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    forEachWindow(
      op.geometry, input: result, output: cotangent.shape, countIncludePad: op.countIncludePad
    ) { window, pixels, divisor in
      for pixel in pixels { output.values[pixel] += cotangent.values[window] / divisor }
    }
    return output
  }

  /// Calls `body(window, pixel)` with each window's first maximum; a NaN wins.
  private static func forEachMaximum(
    _ geometry: PoolingGeometry, _ input: ReferenceTensor, output: [Int], _ body: (Int, Int) -> Void
  ) {
    forEachWindow(geometry, input: input.shape, output: output, countIncludePad: true) {
      window, pixels, _ in
      var best = pixels[0]
      for pixel in pixels
      where input.values[pixel] > input.values[best] || input.values[pixel].isNaN { best = pixel }
      body(window, best)
    }
  }

  static func maximum(
    _ geometry: PoolingGeometry, of tensor: ReferenceTensor, chosenBy input: ReferenceTensor, result: [Int]
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    forEachMaximum(geometry, input, output: result) { output.values[$0] = tensor.values[$1] }
    return output
  }

  static func maximumGradient(
    _ geometry: PoolingGeometry, _ cotangent: ReferenceTensor, _ input: ReferenceTensor
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: input.shape)
    forEachMaximum(geometry, input, output: cotangent.shape) {
      output.values[$1] += cotangent.values[$0]
    }
    return output
  }
}

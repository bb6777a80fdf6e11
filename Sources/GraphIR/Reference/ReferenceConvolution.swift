/// The three convolution ops, each as the loop nest that defines it.
enum ReferenceConvolution {
  /// Calls `body(largeIndex, smallIndex, weightIndex)` for every product of the convolution that maps
  /// `large` `[N, Cl, H, W]` to `small` `[N, Cs, H', W']` with a weight `[Cs, Cl/groups, kh, kw]`.
  private static func forEachProduct(
    _ geometry: ConvolutionGeometry, large: [Int], small: [Int], weight: [Int],
    _ body: (Int, Int, Int) -> Void
  ) {
    let largePerGroup = large[1] / geometry.groups
    let smallPerGroup = small[1] / geometry.groups
    for n in 0..<small[0] {
      for cs in 0..<small[1] {
        let group = cs / smallPerGroup
        for cl in 0..<largePerGroup {
          let largeChannel = (n * large[1] + group * largePerGroup + cl) * large[2]
          let smallChannel = (n * small[1] + cs) * small[2]
          let weightChannel = (cs * largePerGroup + cl) * weight[2]
          for ky in 0..<weight[2] {
            for oy in 0..<small[2] {
              let y = oy * geometry.stride.height - geometry.padding.height + ky * geometry.dilation.height
              if y < 0 || y >= large[2] { continue }
              for kx in 0..<weight[3] {
                let weightIndex = (weightChannel + ky) * weight[3] + kx
                for ox in 0..<small[3] {
                  let x = ox * geometry.stride.width - geometry.padding.width + kx * geometry.dilation.width
                  if x < 0 || x >= large[3] { continue }
                  body((largeChannel + y) * large[3] + x, (smallChannel + oy) * small[3] + ox, weightIndex)
                }
              }
            }
          }
        }
      }
    }
  }

  static func forward(
    _ geometry: ConvolutionGeometry, _ input: ReferenceTensor, _ weight: ReferenceTensor, result: [Int]
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    forEachProduct(geometry, large: input.shape, small: result, weight: weight.shape) { l, s, w in
      output.values[s] += input.values[l] * weight.values[w]
    }
    return output
  }

  static func transposed(
    _ geometry: ConvolutionGeometry, _ input: ReferenceTensor, _ weight: ReferenceTensor, result: [Int]
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    forEachProduct(geometry, large: result, small: input.shape, weight: weight.shape) { l, s, w in
      output.values[l] += input.values[s] * weight.values[w]
    }
    return output
  }

  static func weightGradient(
    _ geometry: ConvolutionGeometry, _ large: ReferenceTensor, _ small: ReferenceTensor, result: [Int]
  ) -> ReferenceTensor {
    var output = ReferenceTensor(shape: result)
    forEachProduct(geometry, large: large.shape, small: small.shape, weight: result) { l, s, w in
      output.values[w] += large.values[l] * small.values[s]
    }
    return output
  }
}

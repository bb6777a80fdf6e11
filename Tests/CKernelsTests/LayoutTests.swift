import CKernels
import Testing

@Suite struct LayoutTests {
  static let images = [
    (1, 1, 1), (2, 3, 17), (3, 3, 4096), (2, 5, 33), (2, 16, 16), (1, 17, 31), (2, 64, 100), (1, 130, 257),
  ]

  @Test(arguments: images)
  func changingTheLayoutAndBackIsExact(batch: Int, channels: Int, pixels: Int) {
    var noise = Noise()
    let nchw = noise.array(batch * channels * pixels)
    var nhwc = nchw
    for n in 0..<batch {
      for c in 0..<channels {
        for p in 0..<pixels {
          nhwc[(n * pixels + p) * channels + c] = nchw[(n * channels + c) * pixels + p]
        }
      }
    }
    let expected = nhwc
    unsafe expectKernel("to NHWC", toMatch: expected, .exact) { pool in
      var y = [Float](repeating: 0, count: nchw.count)
      unsafe ck_nchw_to_nhwc(pool, batch, channels, pixels, nchw, &y)
      return y
    }
    unsafe expectKernel("to NCHW", toMatch: nchw, .exact) { pool in
      var y = [Float](repeating: 0, count: nchw.count)
      unsafe ck_nhwc_to_nchw(pool, batch, channels, pixels, expected, &y)
      return y
    }
  }

  /// One side of a copy: strides in a random order of axes, with gaps, flips and, in a source, repetitions.
  struct Side {
    var strides: [Int]
    var count = 1
    var offset = 0

    init(dims: [Int], repeats: Bool, noise: inout Noise) {
      strides = [Int](repeating: 0, count: dims.count)
      var order = Array(dims.indices.reversed())
      if noise.below(2) == 0 { for index in order.indices { order.swapAt(index, noise.below(order.count)) } }
      for axis in order {
        strides[axis] = count
        count *= dims[axis] + (noise.below(4) == 0 ? 1 : 0)
        switch noise.below(8) {
        case 0 where repeats: strides[axis] = 0
        case 1:
          offset += strides[axis] * (dims[axis] - 1)
          strides[axis] *= -1
        default: break
        }
      }
    }
  }

  @Test func aStridedCopyMovesWhatItSaysAndNothingElse() {
    var noise = Noise()
    for _ in 0..<400 {
      var dims: [Int] = []
      for _ in 0..<noise.below(7) {
        let extent = [1, 2, 3, 5, 17, 33, 64][noise.below(7)]
        dims.append(dims.reduce(extent, *) > 30_000 ? 1 : extent)
      }
      let source = Side(dims: dims, repeats: true, noise: &noise)
      let target = Side(dims: dims, repeats: false, noise: &noise)
      let x = noise.array(source.count)
      let untouched = [Float](repeating: -7, count: target.count)
      let copy = { (kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void) -> [Float] in
        var y = untouched
        unsafe x.withUnsafeBufferPointer { x in
          unsafe y.withUnsafeMutableBufferPointer { y in
            unsafe kernel(x.baseAddress! + source.offset, y.baseAddress! + target.offset)
          }
        }
        return y
      }
      let rank = Int32(dims.count)
      let expected = unsafe copy { x, y in
        unsafe ck_strided_copy_reference(rank, dims, x, source.strides, y, target.strides)
      }
      unsafe expectKernel("\(dims), \(source), \(target)", toMatch: expected, .exact) { pool in
        unsafe copy { x, y in
          unsafe ck_strided_copy(pool, rank, dims, x, source.strides, y, target.strides)
        }
      }
    }
  }
}

import CKernels
import Testing

@Suite struct GroupNormTests {
  struct Case: Sendable, CustomStringConvertible {
    var images, pixels, channels, groups: Int
    var offset: Float = 0

    var shape: ck_group_norm {
      ck_group_norm(images: images, pixels: pixels, channels: channels, groups: groups, eps: 1e-5)
    }
    var count: Int { images * pixels * channels }
    var description: String { "\(images)×\(pixels)×\(channels) in \(groups)" }

    static let all = [
      Case(images: 1, pixels: 9, channels: 1, groups: 1), Case(images: 3, pixels: 64, channels: 3, groups: 3),
      Case(images: 5, pixels: 65, channels: 3, groups: 1, offset: 1000),
      Case(images: 2, pixels: 200, channels: 48, groups: 6, offset: -50),
      Case(images: 2, pixels: 7, channels: 1030, groups: 1),
      Case(images: 2, pixels: 70, channels: 1026, groups: 1026),
      Case(images: 4, pixels: 1, channels: 33, groups: 1),
      Case(images: 2, pixels: 30, channels: 520, groups: 8),
    ]

    func values(seed: UInt64) -> [Float] {
      var noise = Noise(seed: seed)
      return noise.array(count).map { $0 + offset }
    }
  }

  @Test(arguments: Case.all)
  func groupsAreNormalizedAsThePlainLoopsDoAlsoInPlace(sample: Case) {
    let x = sample.values(seed: 5)
    let statistics = [Float](repeating: 0, count: sample.images * sample.groups)
    var (y, mean, variance) = (x, statistics, statistics)
    var shape = sample.shape
    unsafe ck_group_norm_forward_reference(&shape, x, &y, &mean, &variance)
    let tolerance = Tolerance(relative: 2e-6, absolute: sample.offset == 0 ? 2e-6 : 4e-4)
    unsafe expectKernel("\(sample)", toMatch: y + mean + variance, tolerance) { pool in
      var (shape, y, mean, variance) = (sample.shape, x, statistics, statistics)
      let workspace = unsafe Workspace(bytes: ck_group_norm_workspace_bytes(&shape, 8))
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe ck_group_norm_forward(
          pool, &shape, y.baseAddress, y.baseAddress, &mean, &variance, workspace.base)
      }
      return y + mean + variance
    }
  }

  @Test(arguments: Case.all)
  func theGradientIsThatOfThePlainLoops(sample: Case) {
    let (x, dy) = (sample.values(seed: 5), sample.values(seed: 6).map { $0 - sample.offset })
    let statistics = [Float](repeating: 0, count: sample.images * sample.groups)
    var (y, mean, variance, dx) = (x, statistics, statistics, x)
    var shape = sample.shape
    unsafe ck_group_norm_forward_reference(&shape, x, &y, &mean, &variance)
    unsafe ck_group_norm_backward_reference(&shape, dy, x, mean, variance, &dx)
    let (means, variances) = (mean, variance)
    unsafe expectKernel("\(sample)", toMatch: dx, Tolerance(relative: 4e-6, absolute: 1e-5)) { pool in
      var (shape, dx) = (sample.shape, dy)
      let workspace = unsafe Workspace(bytes: ck_group_norm_workspace_bytes(&shape, 8))
      unsafe dx.withUnsafeMutableBufferPointer { dx in
        unsafe ck_group_norm_backward(
          pool, &shape, dx.baseAddress, x, means, variances, dx.baseAddress, workspace.base)
      }
      return dx
    }
  }
}

import CKernels

@testable import Runtime

/// The kernels that a plan can call.
enum KernelName: CaseIterable {
  case copy, fill, affine, unary, unaryBackward, binary, program, biasAdd
  case stridedCopy, broadcast, reduceSum, toChannelsLast, toRowMajor
  case translate, window
  case matmul, softmax, oneHot, prepareConvolution, convolution
  case channelStatistics, normalize, batchNormBackward, updateRunning
  case groupMean, interpolate, upsample, avgPool, avgPoolAdjoint, maxPool, maxPoolGradient, maxPoolGather,
    dropoutMask
  case randomNormal, increment
  case optimizer
}

/// What a kernel touches.
struct KernelAccesses {
  var kernel: KernelName
  var reads: [Region]
  /// Results, and what is updated in place.
  var writes: [Region]
  /// Written and read by this call alone.
  var workspace: Region?
}

extension KernelCall {
  /// What the call touches, as the kernels' headers say it.
  func accesses(in plan: CPUPlan) -> KernelAccesses {
    func touches(
      _ kernel: KernelName, _ reads: [Region?], _ writes: [Region?], workspace: Region? = nil
    ) -> KernelAccesses {
      KernelAccesses(
        kernel: kernel, reads: reads.compactMap { $0 }, writes: writes.compactMap { $0 },
        workspace: workspace)
    }
    switch self {
    case .copy(_, let x, let y): return touches(.copy, [x], [y])
    case .fill(_, _, let y): return touches(.fill, [], [y])
    case .affine(_, _, _, let x, let y): return touches(.affine, [x], [y])
    case .unary(_, _, _, _, let x, let y): return touches(.unary, [x], [y])
    case .unaryBackward(_, _, _, _, let saved, let dy, let dx):
      return touches(.unaryBackward, [saved, dy], [dx])
    case .binary(_, _, let a, let b, let y): return touches(.binary, [a, b], [y])
    case .program(let index):
      let program = plan.programs[index]
      return touches(.program, program.inputs.map(\.region), program.outputs)
    case .biasAdd(_, _, let x, let bias, let y): return touches(.biasAdd, [x, bias], [y])
    case .stridedCopy(_, let x, let y): return touches(.stridedCopy, [x], [y])
    case .broadcast(_, let x, let y): return touches(.broadcast, [x], [y])
    case .reduceSum(_, _, let x, let y, let workspace):
      return touches(.reduceSum, [x], [y], workspace: workspace)
    case .toChannelsLast(_, _, _, let x, let y): return touches(.toChannelsLast, [x], [y])
    case .toRowMajor(_, _, _, let x, let y): return touches(.toRowMajor, [x], [y])
    case .matmul(_, _, let a, let b, let c, let workspace):
      return touches(.matmul, [a, b], [c], workspace: workspace)
    case .softmax(_, _, _, let x, let y): return touches(.softmax, [x], [y])
    case .oneHot(_, let labels, let y): return touches(.oneHot, [labels], [y])
    case .translate(_, _, _, _, let x, let down, let right, let y):
      return touches(.translate, [x, down, right], [y])
    case .window(_, _, let centre, let y): return touches(.window, [centre], [y])
    case .prepareConvolution(_, let weight, let prepared):
      return touches(.prepareConvolution, [weight], [prepared])
    case .convolution(_, let first, let second, let result, let epilogue, let workspace):
      return touches(
        .convolution, [first, second, epilogue.bias, epilogue.accumulate ? result : nil],
        [result, epilogue.mean, epilogue.variance], workspace: workspace)
    case .channelStatistics(_, _, let x, let mean, let variance, let workspace):
      return touches(.channelStatistics, [x], [mean, variance], workspace: workspace)
    case .normalize(_, let x, let norm, let y): return touches(.normalize, [x] + norm.regions, [y])
    case .batchNormBackward(_, let dy, let x, let norm, let dx, let dweight, let dbias, let workspace):
      return touches(
        .batchNormBackward, [dy, x] + norm.regions, [dx, dweight, dbias], workspace: workspace)
    case .updateRunning(_, _, _, let mean, let variance, let runningMean, let runningVariance):
      let running = [runningMean, runningVariance]
      return touches(.updateRunning, [mean, variance] + running, running)
    case .groupMean(_, _, let x, let y): return touches(.groupMean, [x], [y])
    case .interpolate(_, _, let x, let y): return touches(.interpolate, [x], [y])
    case .upsample(_, let x, let y): return touches(.upsample, [x], [y])
    case .avgPool(_, let x, let y): return touches(.avgPool, [x], [y])
    case .avgPoolAdjoint(_, let dy, let dx): return touches(.avgPoolAdjoint, [dy], [dx])
    case .maxPool(_, let x, let y): return touches(.maxPool, [x], [y])
    case .maxPoolGradient(_, let x, let dy, let dx): return touches(.maxPoolGradient, [x, dy], [dx])
    case .maxPoolGather(_, let x, let t, let y): return touches(.maxPoolGather, [x, t], [y])
    case .increment(_, _, let x, let y): return touches(.increment, [x], [y])
    case .dropoutMask(_, _, _, _, let step, let y): return touches(.dropoutMask, [step], [y])
    case .randomNormal(_, _, _, let step, let y): return touches(.randomNormal, [step], [y])
    case .optimizer(let index):
      let update = plan.optimizers[index]
      let updated = update.segments.flatMap {
        [$0.parameter, $0.momentum, $0.secondMoment, $0.meanGradient].compactMap { $0 }
      }
      return touches(
        .optimizer, [update.step, update.factor] + update.segments.map(\.gradient) + updated, updated)
    }
  }
}

extension BatchNormOperands {
  fileprivate var regions: [Region?] { [mean, variance, weight, bias] }
}

extension Region {
  func overlaps(_ other: Region) -> Bool {
    space == other.space && offset < other.offset + other.count && other.offset < offset + count
  }

  func contains(_ other: Region) -> Bool {
    space == other.space && offset <= other.offset && other.offset + other.count <= offset + count
  }
}

import CKernels

extension KernelCall {
  /// Calls the kernel.
  ///
  /// - Parameters:
  ///   - bound: What the plan keeps for kernels that take more than regions.
  @unsafe func run(_ at: ArenaBases, bound: BoundArguments, pool: OpaquePointer?) {
    switch self {
    case .copy(let count, let x, let y): unsafe ck_copy(pool, count, at[x], at[y])
    case .fill(let count, let value, let y): unsafe ck_fill(pool, count, value, at[y])
    case .affine(let count, let scale, let offset, let x, let y):
      unsafe ck_affine(pool, count, scale, offset, at[x], at[y])
    case .unary(let function, let p0, let p1, let count, let x, let y):
      unsafe ck_unary_forward(pool, function, p0, p1, count, at[x], at[y])
    case .unaryBackward(let function, let p0, let p1, let count, let saved, let dy, let dx):
      unsafe ck_unary_backward(pool, function, p0, p1, count, at[saved], at[dy], at[dx])
    case .binary(let function, let count, let a, let b, let y):
      unsafe ck_binary_forward(pool, function, count, at[a], at[b], at[y])
    case .program(let index): unsafe bound.runProgram(index, pool: pool)
    case .biasAdd(let rows, let channels, let x, let bias, let y):
      let none = ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
      unsafe ck_bias_add(pool, rows, channels, at[x], at[bias], none, at[y])
    case .stridedCopy(let walk, let x, let y):
      unsafe walk.withPointers { dims, xs, ys in
        unsafe ck_strided_copy(pool, walk.rank, dims, at[x], xs, at[y], ys)
      }
    case .broadcast(let walk, let x, let y):
      unsafe walk.withPointers { dims, xs, ys in
        unsafe ck_broadcast(pool, walk.rank, dims, at[x], xs, at[y], ys)
      }
    case .reduceSum(let walk, let scale, let x, let y, let workspace):
      unsafe walk.withPointers { dims, xs, ys in
        unsafe ck_reduce_sum(pool, walk.rank, dims, scale, at[x], xs, at[y], ys, at[workspace])
      }
    case .toChannelsLast(let batch, let channels, let pixels, let x, let y):
      unsafe ck_nchw_to_nhwc(pool, batch, channels, pixels, at[x], at[y])
    case .toRowMajor(let batch, let channels, let pixels, let x, let y):
      unsafe ck_nhwc_to_nchw(pool, batch, channels, pixels, at[x], at[y])
    case .matmul(var shape, let count, let a, let b, let c, let workspace):
      let none = ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
      let (left, right, product) = (a.count / count, b.count / count, c.count / count)
      for index in 0..<count {
        unsafe ck_matmul(
          pool, &shape, at[a] + index * left, at[b] + index * right, at[c] + index * product, nil, none,
          at[workspace])
      }
    case .softmax(let rows, let columns, let isLog, let x, let y):
      unsafe ck_softmax(pool, rows, columns, isLog, at[x], at[y])
    case .oneHot(let classes, let labels, let y):
      unsafe ck_one_hot(pool, labels.count, classes, at[labels], at[y])
    case .translate(let height, let width, let channels, let back, let x, let down, let right, let y):
      unsafe ck_translate(
        pool, down.count, height, width, channels, back, at[x], at[down], at[right], at[y])
    case .window(let size, let extent, let centre, let y):
      unsafe ck_window(pool, centre.count, extent, size, at[centre], at[y])
    case .prepareConvolution(var convolution, let weight, let prepared):
      unsafe ck_conv_prepare(
        pool, &convolution.shape, convolution.direction, convolution.algorithm, at[weight], at[prepared])
    case .convolution(var convolution, let first, let second, let result, let epilogue, let workspace):
      var ending = unsafe ck_conv_epilogue(
        bias: at[optional: epilogue.bias], activation: epilogue.activation,
        mean: at[optional: epilogue.mean], variance: at[optional: epilogue.variance],
        accumulate: epilogue.accumulate)
      unsafe ck_conv_run(
        pool, &convolution.shape, convolution.direction, convolution.algorithm, at[first], at[second],
        at[result], &ending, at[workspace])
    case .channelStatistics(let rows, let channels, let x, let mean, let variance, let workspace):
      unsafe ck_batch_norm_statistics(pool, rows, channels, at[x], at[mean], at[variance], at[workspace])
    case .normalize(let shape, let x, let norm, let y):
      unsafe ck_batch_norm_normalize(
        pool, shape.rows, shape.channels, at[x], at[norm.mean], at[norm.variance], at[norm.weight],
        at[optional: norm.bias], shape.eps, shape.activation, at[y])
    case .batchNormBackward(
      let shape, let dy, let x, let norm, let dx, let dweight, let dbias, let workspace):
      unsafe ck_batch_norm_backward_reduce(
        pool, shape.rows, shape.channels, at[dy], at[x], at[norm.mean], at[norm.variance],
        at[norm.weight], at[optional: norm.bias], shape.eps, shape.activation, at[dbias], at[dweight],
        at[workspace])
      unsafe ck_batch_norm_backward_apply(
        pool, shape.rows, shape.channels, at[dy], at[x], at[norm.mean], at[norm.variance],
        at[norm.weight], at[optional: norm.bias], shape.eps, shape.activation, at[dbias], at[dweight], at[dx])
    case .updateRunning(
      let rows, let channels, let momentum, let mean, let variance, let runningMean, let runningVariance):
      unsafe ck_batch_norm_update_running(
        rows, channels, momentum, at[mean], at[variance], at[runningMean], at[runningVariance])
    case .groupMean(let batch, let group, let x, let y):
      unsafe ck_group_mean(pool, batch, x.count / batch, group, at[x], at[y])
    case .interpolate(var shape, let isAdjoint, let x, let y):
      if isAdjoint {
        unsafe ck_interpolate_adjoint(pool, &shape, at[x], at[y])
      } else {
        unsafe ck_interpolate(pool, &shape, at[x], at[y])
      }
    case .upsample(let s, let x, let y):
      unsafe ck_upsample_nearest2d(
        pool, s.batch, s.height, s.width, s.channels, s.scaleHeight, s.scaleWidth, at[x], at[y])
    case .avgPool(var shape, let x, let y): unsafe ck_avg_pool2d(pool, &shape, at[x], at[y])
    case .avgPoolAdjoint(var shape, let dy, let dx):
      unsafe ck_avg_pool2d_adjoint(pool, &shape, at[dy], at[dx])
    case .maxPool(var shape, let x, let y): unsafe ck_max_pool2d(pool, &shape, at[x], at[y])
    case .maxPoolGradient(var shape, let x, let dy, let dx):
      unsafe ck_max_pool2d_gradient(pool, &shape, at[x], at[dy], at[dx])
    case .maxPoolGather(var shape, let x, let t, let y):
      unsafe ck_max_pool2d_gather(pool, &shape, at[x], at[t], at[y])
    case .increment(let by, let count, let x, let y):
      let (source, target) = unsafe (at.counters(x), at.counters(y))
      for offset in stride(from: 0, to: count * MemoryLayout<Int64>.stride, by: MemoryLayout<Int64>.stride) {
        let value = unsafe source.load(fromByteOffset: offset, as: Int64.self)
        unsafe target.storeBytes(of: value &+ Int64(by), toByteOffset: offset, as: Int64.self)
      }
    case .dropoutMask(let seed, let stream, let rate, let count, let step, let y):
      let source = unsafe ck_random_source(
        seed: UInt64(bitPattern: Int64(seed)), stream: stream,
        step: UInt32(truncatingIfNeeded: at.counters(step).load(as: Int64.self)),
        offset: 0)
      unsafe ck_random_dropout_mask(pool, source, count, rate, at[y])
    case .randomNormal(let seed, let stream, let count, let step, let y):
      let source = unsafe ck_random_source(
        seed: UInt64(bitPattern: Int64(seed)), stream: stream,
        step: UInt32(truncatingIfNeeded: at.counters(step).load(as: Int64.self)), offset: 0)
      unsafe ck_random_normal(pool, source, count, 0, 1, at[y])
    case .optimizer(let index): unsafe bound.runOptimizer(index, pool: pool)
    }
  }
}

extension StridedWalk {
  @unsafe func withPointers(
    _ body: (UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<Int>) -> Void
  ) {
    unsafe withUnsafePointer(to: self) { walk in
      let base = unsafe UnsafeRawPointer(walk)
      func extents(_ path: KeyPath<StridedWalk, Extents>) -> UnsafePointer<Int> {
        unsafe (base + (MemoryLayout<StridedWalk>.offset(of: path) ?? 0)).assumingMemoryBound(to: Int.self)
      }
      unsafe body(extents(\.dims), extents(\.xStrides), extents(\.yStrides))
    }
  }
}

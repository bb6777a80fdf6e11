import CKernels
import GraphIR

/// The kernel table: which kernels an op becomes. Exhaustive, so that a new op is asked for its kernel.
extension KernelBinder {
  mutating func bind(_ node: Node) {
    let results = node.results.map { region($0) }
    let operands = node.operands.map { region($0) }
    switch node.op {
    case .unary(let op):
      let (function, p0, p1) = op.function.kernel
      call(.unary(function, p0: p0, p1: p1, count: results[0].count, x: operands[0], y: results[0]))
    case .unaryGradient(let op):
      let (function, p0, p1) = op.function.kernel
      call(
        .unaryBackward(
          function, p0: p0, p1: p1, count: results[0].count, saved: operands[1], dy: operands[0],
          dx: results[0]))
    case .binary(let op):
      call(.binary(op.kind.kernel, count: results[0].count, a: operands[0], b: operands[1], y: results[0]))
    case .affine(let op):
      call(
        .affine(
          count: results[0].count, scale: Float(op.scale), offset: Float(op.offset), x: operands[0],
          y: results[0]))
    case .constant(let op): call(.fill(count: results[0].count, value: Float(op.value), y: results[0]))
    case .reduce(let op): bindReduce(op, node)
    case .broadcast(let op): bindBroadcast(op, node)
    case .reshape: bindReshape(node)
    case .concat(let op): bindConcat(op, node)
    case .slice(let op): bindSlice(op, node)
    case .pad(let op): bindPad(op, node)
    case .permute(let op): bindPermute(op, node)
    case .oneHot(let op):
      call(.oneHot(classes: op.classes, labels: operands[0], y: results[0]))
    case .translate(let op):
      let x = extents(node.operands[0])
      call(
        .translate(
          height: x[2], width: x[3], channels: x[1], back: op.isAdjoint, x: operands[0], down: operands[1],
          right: operands[2], y: results[0]))
    case .window(let op):
      call(.window(size: op.size, extent: op.extent, centre: operands[0], y: results[0]))
    case .matmul(let op): bindMatmul(op, node)
    case .softmax(let op):
      let columns = extents(node.operands[0]).last ?? 1
      call(
        .softmax(
          rows: results[0].count / columns, columns: columns, isLog: op.isLog, x: operands[0], y: results[0]))
    case .biasAdd:
      let (rows, channels) = rowsAndChannels(node.results[0])
      call(.biasAdd(rows: rows, channels: channels, x: operands[0], bias: operands[1], y: results[0]))
    case .conv2D(let op): bindConvolution(FusedConvolution(op), node)
    case .convTranspose2D(let op): bindConvolution(FusedConvolution(op), node)
    case .fusedConvolution(let op): bindConvolution(op, node)
    case .conv2DWeightGradient(let op): bindWeightGradient(op, node)
    case .batchNormTrain(let op):
      bindStatistics(of: node.operands[0], mean: results[1], variance: results[2])
      bindNormalize(
        node.operands[0], eps: op.eps, activation: nil,
        BatchNormOperands(
          mean: results[1], variance: results[2], weight: operands[1], bias: operands[2]), to: results[0])
    case .batchNormInfer(let op):
      bindNormalize(
        node.operands[0], eps: op.eps, activation: nil,
        BatchNormOperands(
          mean: operands[3], variance: operands[4], weight: operands[1], bias: operands[2]),
        to: results[0])
    case .batchNormApply(let op):
      bindNormalize(
        node.operands[0], eps: op.eps, activation: op.activation,
        BatchNormOperands(
          mean: operands[3], variance: operands[4], weight: operands[1], bias: operands[2]),
        to: results[0])
    case .channelStatistics:
      bindStatistics(of: node.operands[0], mean: results[0], variance: results[1])
    case .batchNormGradient(let op):
      bindBatchNormBackward(
        node, eps: op.eps, activation: nil,
        BatchNormOperands(mean: operands[3], variance: operands[4], weight: operands[2], bias: nil))
    case .batchNormActivationGradient(let op):
      bindBatchNormBackward(
        node, eps: op.eps, activation: op.activation,
        BatchNormOperands(
          mean: operands[4], variance: operands[5], weight: operands[2], bias: operands[3]))
    case .updateRunningStatistics(let op):
      copyIfApart(operands[0], results[0])
      copyIfApart(operands[1], results[1])
      call(
        .updateRunning(
          rows: batch * op.valuesPerImage, channels: results[0].count, momentum: Float(op.momentum),
          mean: operands[2], variance: operands[3], runningMean: results[0], runningVariance: results[1]))
    case .groupMean(let op):
      let images = extents(node.operands[0])[0]
      call(
        .groupMean(
          batch: images, group: GroupMean.size(of: op.group, inBatch: images), x: operands[0], y: results[0]))
    case .interpolate(let op): bindInterpolate(op, node)
    case .upsampleNearest(let op):
      let x = extents(node.operands[0])
      call(
        .upsample(
          UpsampleShape(
            batch: x[0], height: x[2], width: x[3], channels: x[1], scaleHeight: op.scale.height,
            scaleWidth: op.scale.width), x: operands[0], y: results[0]))
    case .avgPool2D(let op):
      let shape = pooling(
        op.geometry, image: node.operands[0], pooled: node.results[0], countIncludePad: op.countIncludePad)
      call(.avgPool(shape, x: operands[0], y: results[0]))
    case .avgPool2DGradient(let op):
      let shape = pooling(
        op.geometry, image: node.results[0], pooled: node.operands[0], countIncludePad: op.countIncludePad)
      call(.avgPoolAdjoint(shape, dy: operands[0], dx: results[0]))
    case .maxPool2D(let op):
      let shape = pooling(op.geometry, image: node.operands[0], pooled: node.results[0])
      call(.maxPool(shape, x: operands[0], y: results[0]))
    case .maxPool2DGradient(let op):
      let shape = pooling(op.geometry, image: node.operands[1], pooled: node.operands[0])
      call(.maxPoolGradient(shape, x: operands[1], dy: operands[0], dx: results[0]))
    case .maxPool2DGather(let op):
      let shape = pooling(op.geometry, image: node.operands[1], pooled: node.results[0])
      call(.maxPoolGather(shape, x: operands[1], t: operands[0], y: results[0]))
    case .increment(let op):
      call(.increment(by: op.by, count: count(node.results[0]), x: operands[0], y: results[0]))
    case .dropoutMask(let op):
      call(
        .dropoutMask(
          seed: op.seed, stream: UInt32(truncatingIfNeeded: op.stream), rate: Float(op.rate),
          count: results[0].count, step: operands[0], y: results[0]))
    case .randomNormal(let op):
      call(
        .randomNormal(
          seed: op.seed, stream: UInt32(truncatingIfNeeded: op.stream), count: results[0].count,
          step: operands[0], y: results[0]))
    case .adam(let op):
      bindOptimizer(node, states: 2, .adam(op.kernelOptions)) { segment, states in
        segment.momentum = states[0]
        segment.secondMoment = states[1]
      }
    case .sgd(let op):
      bindOptimizer(node, states: 1, .sgd(op.kernelOptions)) { segment, states in
        segment.momentum = states[0]
      }
    case .rmsprop(let op):
      bindOptimizer(node, states: 3, .rmsprop(op.kernelOptions)) { segment, states in
        segment.secondMoment = states[0]
        segment.momentum = states[1]
        segment.meanGradient = states[2]
      }
    case .fusedElementwise(let op): bindProgram(op.program, node)
    case .relayout(let op): bindRelayout(to: op.layout, node)
    case .detach: copyIfApart(operands[0], results[0])
    case .gradient:
      fatalError("bug in graphc: a graph with `gradient` is planned before `differentiate` ran")
    }
  }

  // MARK: Convolutions

  private mutating func bindConvolution(_ op: FusedConvolution, _ node: Node) {
    let (input, weight, output) = (node.operands[0], node.operands[1], node.results[0])
    let kernel = extents(weight)
    let shape = convolutionShape(
      large: op.isTransposed ? output : input, small: op.isTransposed ? input : output,
      kernel: Size2(kernel[2], kernel[3]), op.geometry)
    let direction = op.isTransposed ? CK_CONV_DATA_GRADIENT : CK_CONV_FORWARD
    let isConstant = isConstant[weight.index]
    var convolution = Convolution(
      shape: shape, direction: direction,
      algorithm: convolutionPolicy.algorithm(shape, direction, isPrepared: isConstant))
    let key = ScratchRequests.PreparedKey(
      weight: weight, direction: direction.rawValue, algorithm: convolution.algorithm.rawValue,
      shape: shape.extentsWithoutBatch)
    let floats = unsafe ck_conv_prepared_floats(&convolution.shape, direction, convolution.algorithm)
    let (prepared, isNew) = memory.preparedWeights(key, floats: max(floats, 1), isConstant: isConstant)
    if isNew {
      call(
        .prepareConvolution(convolution, weight: region(weight), prepared: prepared), isConstant: isConstant)
    }
    var epilogue = ConvolutionEpilogue()
    if node.operands.count > 2 { epilogue.bias = region(node.operands[2]) }
    if let activation = op.activation { epilogue.activation = activation.activation }
    if op.emitsStatistics {
      epilogue.mean = region(node.results[1])
      epilogue.variance = region(node.results[2])
    }
    runConvolution(
      convolution, first: region(input), second: prepared, result: region(output), epilogue)
  }

  private mutating func bindWeightGradient(_ op: Conv2DWeightGradient, _ node: Node) {
    let (large, small, result) = (node.operands[0], node.operands[1], node.results[0])
    let shape = convolutionShape(large: large, small: small, kernel: op.kernelSize, op.geometry)
    let convolution = Convolution(
      shape: shape, direction: CK_CONV_WEIGHT_GRADIENT,
      algorithm: convolutionPolicy.algorithm(shape, CK_CONV_WEIGHT_GRADIENT))
    var epilogue = ConvolutionEpilogue()
    if node.operands.count > 2 {
      copyIfApart(region(node.operands[2]), region(result))
      epilogue.accumulate = true
    }
    runConvolution(
      convolution, first: region(large), second: region(small), result: region(result), epilogue)
  }

  private mutating func runConvolution(
    _ convolution: Convolution, first: Region, second: Region, result: Region, _ epilogue: ConvolutionEpilogue
  ) {
    var shape = convolution.shape
    let bytes = unsafe ck_conv_workspace_bytes(
      &shape, convolution.direction, convolution.algorithm, Int32(lanes))
    call(
      .convolution(
        convolution, first: first, second: second, result: result, epilogue,
        workspace: workspace(bytes: bytes)))
  }

  private mutating func bindMatmul(_ op: Matmul, _ node: Node) {
    func matrix(_ value: ValueID) -> [Int] { extents(value).suffix(2) + [] }
    let (a, b, c) = (matrix(node.operands[0]), matrix(node.operands[1]), matrix(node.results[0]))
    var shape = ck_matmul_shape(
      rows: c[0], columns: c[1], depth: op.transposeLeft ? a[0] : a[1], transpose_a: op.transposeLeft,
      transpose_b: op.transposeRight, lda: a[1], ldb: b[1], ldc: c[1], accumulate: false)
    let bytes = unsafe ck_matmul_workspace_bytes(&shape, Int32(lanes))
    call(
      .matmul(
        shape, count: count(node.results[0]) / (c[0] * c[1]), a: region(node.operands[0]),
        b: region(node.operands[1]), c: region(node.results[0]),
        workspace: workspace(bytes: bytes)))
  }

  // MARK: Batch norm

  private mutating func bindStatistics(of value: ValueID, mean: Region, variance: Region) {
    let (rows, channels) = rowsAndChannels(value)
    let workspace = workspace(bytes: ck_batch_norm_workspace_bytes(rows, channels))
    call(
      .channelStatistics(
        rows: rows, channels: channels, x: region(value), mean: mean, variance: variance,
        workspace: workspace))
  }

  private mutating func bindNormalize(
    _ input: ValueID, eps: Double, activation: UnaryFunction?, _ operands: BatchNormOperands,
    to result: Region
  ) {
    call(
      .normalize(
        batchNormShape(input, eps: eps, activation: activation), x: region(input), operands, y: result))
  }

  private mutating func bindBatchNormBackward(
    _ node: Node, eps: Double, activation: UnaryFunction?, _ operands: BatchNormOperands
  ) {
    let shape = batchNormShape(node.operands[1], eps: eps, activation: activation)
    let workspace = workspace(bytes: ck_batch_norm_workspace_bytes(shape.rows, shape.channels))
    call(
      .batchNormBackward(
        shape, dy: region(node.operands[0]), x: region(node.operands[1]), operands,
        dx: region(node.results[0]), dweight: region(node.results[1]), dbias: region(node.results[2]),
        workspace: workspace))
  }

  private func batchNormShape(
    _ input: ValueID, eps: Double, activation: UnaryFunction?
  ) -> BatchNormShape {
    let (rows, channels) = rowsAndChannels(input)
    let none = ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
    return BatchNormShape(
      rows: rows, channels: channels, eps: Float(eps), activation: activation?.activation ?? none)
  }

  private func pooling(
    _ geometry: PoolingGeometry, image: ValueID, pooled: ValueID, countIncludePad: Bool = true
  ) -> ck_pooling {
    let (x, y) = (extents(image), extents(pooled))
    return ck_pooling(
      batch: x[0], height: x[2], width: x[3], channels: x[1], out_height: y[2], out_width: y[3],
      kernel_height: geometry.kernelSize.height, kernel_width: geometry.kernelSize.width,
      stride_height: geometry.stride.height, stride_width: geometry.stride.width,
      padding_height: geometry.padding.height, padding_width: geometry.padding.width,
      count_include_pad: countIncludePad)
  }

  // MARK: Optimisers

  /// Parameters and states are updated where the results lie.
  private mutating func bindOptimizer(
    _ node: Node, states: Int, _ options: OptimizerCall.Options,
    assign: (inout OptimizerCall.Segment, [Region]) -> Void
  ) {
    let group = states + 2
    var update = OptimizerCall(
      options: options, step: region(node.operands[0]), factor: region(node.operands[1]), segments: [])
    for index in 0..<(node.operands.count - 2) / group {
      let operands = node.operands[(2 + index * group)..<(2 + (index + 1) * group)].map { region($0) }
      let results = node.results[(index * (states + 1))..<((index + 1) * (states + 1))].map { region($0) }
      copyIfApart(operands[0], results[0])
      for state in 0..<states { copyIfApart(operands[2 + state], results[1 + state]) }
      var segment = OptimizerCall.Segment(parameter: results[0], gradient: operands[1])
      assign(&segment, Array(results.dropFirst()))
      update.segments.append(segment)
    }
    call(.optimizer(optimizers.count))
    optimizers.append(update)
  }
}

extension ck_conv_shape {
  var extentsWithoutBatch: [Int] {
    [
      large_height, large_width, large_channels, small_height, small_width, small_channels, kernel_height,
      kernel_width, stride_height, stride_width, padding_height, padding_width, dilation_height,
      dilation_width, groups,
    ]
  }
}

extension Adam {
  var kernelOptions: ck_adam_options {
    ck_adam_options(
      learning_rate: learningRate, beta1: beta1, beta2: beta2, eps: eps, weight_decay: weightDecay,
      decoupled_weight_decay: isDecoupled)
  }
}

extension SGD {
  var kernelOptions: ck_sgd_options {
    ck_sgd_options(
      learning_rate: learningRate, momentum: momentum, dampening: dampening, weight_decay: weightDecay,
      nesterov: isNesterov)
  }
}

extension RMSprop {
  var kernelOptions: ck_rmsprop_options {
    ck_rmsprop_options(
      learning_rate: learningRate, alpha: alpha, eps: eps, momentum: momentum, weight_decay: weightDecay,
      centered: isCentered)
  }
}

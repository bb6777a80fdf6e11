/// Every op there is. The switches below have no `default`: the compiler asks a new op for each line.
public enum Op: Hashable, Sendable {
  // Element-wise.
  case unary(Unary)
  case unaryGradient(UnaryGradient)
  case binary(Binary)
  case affine(Affine)
  // Shape and reduction.
  case constant(Constant)
  case reduce(Reduce)
  case broadcast(Broadcast)
  case reshape(Reshape)
  case concat(Concat)
  case slice(Slice)
  case pad(Pad)
  // Products.
  case matmul(Matmul)
  case biasAdd(BiasAdd)
  case conv2D(Conv2D)
  case convTranspose2D(ConvTranspose2D)
  case conv2DWeightGradient(Conv2DWeightGradient)
  // Batch norm.
  case batchNormTrain(BatchNormTrain)
  case batchNormInfer(BatchNormInfer)
  case batchNormGradient(BatchNormGradient)
  case updateRunningStatistics(UpdateRunningStatistics)
  // Sampling.
  case upsampleNearest(UpsampleNearest)
  case avgPool2D(AvgPool2D)
  case avgPool2DGradient(AvgPool2DGradient)
  case maxPool2D(MaxPool2D)
  case maxPool2DGradient(MaxPool2DGradient)
  case maxPool2DGather(MaxPool2DGather)
  case dropoutMask(DropoutMask)
  // Optimisers.
  case adam(Adam)
  case sgd(SGD)
  case rmsprop(RMSprop)
  // Differentiation.
  case gradient(Gradient)
  case detach(Detach)
  // What the passes make of them.
  case fusedConvolution(FusedConvolution)
  case channelStatistics(ChannelStatistics)
  case batchNormApply(BatchNormApply)
  case batchNormActivationGradient(BatchNormActivationGradient)
  case fusedElementwise(FusedElementwise)
  case relayout(Relayout)

  public var definition: any OpDefinition {
    switch self {
    case .unary(let op): op
    case .unaryGradient(let op): op
    case .binary(let op): op
    case .affine(let op): op
    case .constant(let op): op
    case .reduce(let op): op
    case .broadcast(let op): op
    case .reshape(let op): op
    case .concat(let op): op
    case .slice(let op): op
    case .pad(let op): op
    case .matmul(let op): op
    case .biasAdd(let op): op
    case .conv2D(let op): op
    case .convTranspose2D(let op): op
    case .conv2DWeightGradient(let op): op
    case .batchNormTrain(let op): op
    case .batchNormInfer(let op): op
    case .batchNormGradient(let op): op
    case .updateRunningStatistics(let op): op
    case .upsampleNearest(let op): op
    case .avgPool2D(let op): op
    case .avgPool2DGradient(let op): op
    case .maxPool2D(let op): op
    case .maxPool2DGradient(let op): op
    case .maxPool2DGather(let op): op
    case .dropoutMask(let op): op
    case .adam(let op): op
    case .sgd(let op): op
    case .rmsprop(let op): op
    case .gradient(let op): op
    case .detach(let op): op
    case .fusedConvolution(let op): op
    case .channelStatistics(let op): op
    case .batchNormApply(let op): op
    case .batchNormActivationGradient(let op): op
    case .fusedElementwise(let op): op
    case .relayout(let op): op
    }
  }
}

/// The definition of each op, for what walks the whole set: the parser and the generic tests.
public enum OpKind: CaseIterable, Sendable {
  case unary, unaryGradient, binary, affine
  case constant, reduce, broadcast, reshape, concat, slice, pad
  case matmul, biasAdd, conv2D, convTranspose2D, conv2DWeightGradient
  case batchNormTrain, batchNormInfer, batchNormGradient, updateRunningStatistics
  case upsampleNearest, avgPool2D, avgPool2DGradient, maxPool2D, maxPool2DGradient, maxPool2DGather
  case dropoutMask
  case adam, sgd, rmsprop
  case gradient, detach
  case fusedConvolution, channelStatistics, batchNormApply, batchNormActivationGradient
  case fusedElementwise, relayout

  public var definition: any OpDefinition.Type {
    switch self {
    case .unary: Unary.self
    case .unaryGradient: UnaryGradient.self
    case .binary: Binary.self
    case .affine: Affine.self
    case .constant: Constant.self
    case .reduce: Reduce.self
    case .broadcast: Broadcast.self
    case .reshape: Reshape.self
    case .concat: Concat.self
    case .slice: Slice.self
    case .pad: Pad.self
    case .matmul: Matmul.self
    case .biasAdd: BiasAdd.self
    case .conv2D: Conv2D.self
    case .convTranspose2D: ConvTranspose2D.self
    case .conv2DWeightGradient: Conv2DWeightGradient.self
    case .batchNormTrain: BatchNormTrain.self
    case .batchNormInfer: BatchNormInfer.self
    case .batchNormGradient: BatchNormGradient.self
    case .updateRunningStatistics: UpdateRunningStatistics.self
    case .upsampleNearest: UpsampleNearest.self
    case .avgPool2D: AvgPool2D.self
    case .avgPool2DGradient: AvgPool2DGradient.self
    case .maxPool2D: MaxPool2D.self
    case .maxPool2DGradient: MaxPool2DGradient.self
    case .maxPool2DGather: MaxPool2DGather.self
    case .dropoutMask: DropoutMask.self
    case .adam: Adam.self
    case .sgd: SGD.self
    case .rmsprop: RMSprop.self
    case .gradient: Gradient.self
    case .detach: Detach.self
    case .fusedConvolution: FusedConvolution.self
    case .channelStatistics: ChannelStatistics.self
    case .batchNormApply: BatchNormApply.self
    case .batchNormActivationGradient: BatchNormActivationGradient.self
    case .fusedElementwise: FusedElementwise.self
    case .relayout: Relayout.self
    }
  }
}

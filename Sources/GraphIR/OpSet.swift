/// Every op there is. A new one has a case, a line of `definition`, and its name among the `kinds`.
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
  case permute(Permute)
  case oneHot(OneHot)
  case translate(Translate)
  case window(Window)
  // Products.
  case matmul(Matmul)
  case softmax(Softmax)
  case biasAdd(BiasAdd)
  case conv2D(Conv2D)
  case convTranspose2D(ConvTranspose2D)
  case conv2DWeightGradient(Conv2DWeightGradient)
  // Batch norm.
  case batchNormTrain(BatchNormTrain)
  case batchNormInfer(BatchNormInfer)
  case batchNormGradient(BatchNormGradient)
  case updateRunningStatistics(UpdateRunningStatistics)
  case groupMean(GroupMean)
  // Sampling.
  case upsampleNearest(UpsampleNearest)
  case interpolate(Interpolate)
  case avgPool2D(AvgPool2D)
  case avgPool2DGradient(AvgPool2DGradient)
  case maxPool2D(MaxPool2D)
  case maxPool2DGradient(MaxPool2DGradient)
  case maxPool2DGather(MaxPool2DGather)
  case dropoutMask(DropoutMask)
  case randomNormal(RandomNormal)
  // State.
  case increment(Increment)
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
    case .permute(let op): op
    case .oneHot(let op): op
    case .translate(let op): op
    case .window(let op): op
    case .matmul(let op): op
    case .softmax(let op): op
    case .biasAdd(let op): op
    case .conv2D(let op): op
    case .convTranspose2D(let op): op
    case .conv2DWeightGradient(let op): op
    case .batchNormTrain(let op): op
    case .batchNormInfer(let op): op
    case .batchNormGradient(let op): op
    case .updateRunningStatistics(let op): op
    case .groupMean(let op): op
    case .upsampleNearest(let op): op
    case .interpolate(let op): op
    case .avgPool2D(let op): op
    case .avgPool2DGradient(let op): op
    case .maxPool2D(let op): op
    case .maxPool2DGradient(let op): op
    case .maxPool2DGather(let op): op
    case .dropoutMask(let op): op
    case .randomNormal(let op): op
    case .increment(let op): op
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

extension Op {
  /// The definition of every op, for what walks the whole set: the parser and the generic tests.
  public static let kinds: [any OpDefinition.Type] = [
    Unary.self, UnaryGradient.self, Binary.self, Affine.self, Constant.self, Reduce.self, Broadcast.self,
    Reshape.self, Concat.self, Slice.self, Pad.self, Permute.self, OneHot.self,
    Translate.self, Window.self, Matmul.self, Softmax.self,
    BiasAdd.self, Conv2D.self,
    ConvTranspose2D.self, Conv2DWeightGradient.self, BatchNormTrain.self, BatchNormInfer.self,
    BatchNormGradient.self, UpdateRunningStatistics.self, GroupMean.self, UpsampleNearest.self,
    Interpolate.self, AvgPool2D.self,
    AvgPool2DGradient.self, MaxPool2D.self, MaxPool2DGradient.self, MaxPool2DGather.self, DropoutMask.self,
    RandomNormal.self, Increment.self,
    Adam.self, SGD.self, RMSprop.self, Gradient.self, Detach.self, FusedConvolution.self,
    ChannelStatistics.self, BatchNormApply.self, BatchNormActivationGradient.self, FusedElementwise.self,
    Relayout.self,
  ]
}

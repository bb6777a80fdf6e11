import Diagnostics
import GraphIR
import ModelSpec

private let classCount = AttributeSchema(
  "num_classes", .int(1...1_000_000), .required, "how many classes there are")

extension LayerDefinition {
  /// Layers that read the number of each image's class.
  static let conditioning = [
    LayerDefinition(
      Schema(
        "embedding", "A row of numbers that train for each label's class.",
        [
          .init("num_embeddings", .int(1...1_000_000), .required, "how many classes there are"),
          .init("embedding_dim", .int(1...1_000_000), .required, "the numbers of a row"),
        ] + weightAttributes), preservesRank: false
    ) { (context) throws(TypeRuleViolation) in
      let classes = context.integer("num_embeddings")
      let rows = try context.weight(
        [classes, context.integer("embedding_dim")], .normal(mean: 0, deviation: 1))
      return try context.emit(Matmul(), context.oneHot(input: 0, classes: classes), rows)
    },
    LayerDefinition(
      Schema(
        "one_hot", "A one at each label's class and zeros elsewhere.", primary: "num_classes",
        [classCount]), preservesRank: false
    ) { (context) throws(TypeRuleViolation) in
      try context.oneHot(input: 0, classes: context.integer("num_classes"))
    },
    LayerDefinition(
      Schema(
        "one_hot_planes",
        "Appends to the channels a plane for each class, which is one for the image's class and else zero. "
          + "`from` names the images and the labels.", primary: "num_classes", [classCount]),
      inputs: .exactly(2), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let (_, size) = try context.imageExtents()
      let rows = try context.oneHot(input: 1, classes: context.integer("num_classes"))
      let planes = try context.emit(
        Broadcast(axes: [2, 3], sizes: [.fixed(size.height), .fixed(size.width)]), rows)
      return try context.builder.tryEmit(Concat(axis: 1), [context.input, planes])[0]
    },
    LayerDefinition(
      Schema(
        "conditional_batch_norm2d",
        "Normalises each channel over the batch, and scales and shifts it as the image's class wants it. "
          + "`from` names the images and the labels.", [classCount] + batchNormAttributes),
      inputs: .exactly(2), input: .image, preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let (channels, _) = try context.imageExtents()
      let classes = context.integer("num_classes")
      let normalized = try batchNormalized(&context, affine: false)
      let labels = try context.oneHot(input: 1, classes: classes)
      let weights = try context.parameter("weight.weight", [classes, channels], .constant(1))
      let biases = try context.parameter("bias.weight", [classes, channels], .constant(0))
      let scaled = try context.scale(
        normalized, by: context.emit(Matmul(), labels, weights), along: [2, 3])
      return try context.shift(scaled, by: context.emit(Matmul(), labels, biases), along: [2, 3])
    },
    LayerDefinition(
      Schema(
        "projection",
        "A score of the features, and how well they agree with the image's class: w·h + b + ⟨v(class), h⟩, h "
          + "being the features summed over the image. `from` names the features and the labels.",
        [classCount, .init("bias", .bool, .defaultsTo(.bool(true)), "whether a number is added")]
          + weightAttributes), inputs: .exactly(2), preservesRank: false
    ) { (context) throws(TypeRuleViolation) in try projection(&context) },
  ]
}

/// Source: Miyato and Koyama, "cGANs with Projection Discriminator" (2018).
private func projection(_ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
  let features = try context.inputChannels("projection")
  let classes = context.integer("num_classes")
  var h = context.input
  let axes = Array(context.type(of: h).shape.indices.dropFirst(2))
  if !axes.isEmpty { h = try context.emit(Reduce(axes: axes, mean: false), h) }
  func xavier(_ rows: Int) -> ParameterDefinition.Initializer {
    .uniform(bound: (6 / Double(features + rows)).squareRoot())
  }
  let weight = try context.weight([1, features], named: "linear.weight", xavier(1))
  var score = try context.multiply(h, by: weight)
  if context.layer.kind.bool("bias") == true {
    score = try context.emit(BiasAdd(), score, context.bias(1, named: "linear.bias", .constant(0)))
  }
  let table = try context.weight([classes, features], named: "embedding.weight", xavier(classes))
  let labels = try context.oneHot(input: 1, classes: classes)
  let row = try context.emit(Matmul(), labels, table)
  let agreement = try context.emit(
    Reduce(axes: [1], mean: false), context.emit(Binary(.multiply), row, h))
  let shape = context.type(of: score).shape
  return try context.emit(
    Binary(.add), score, context.emit(Reshape(shape: shape), agreement))
}

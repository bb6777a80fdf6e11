import GraphIR

extension ImportNode {
  private func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
  }

  func batchNorm() throws(ImportProblem) -> [ImportedValue] {
    guard try integer("training_mode", 0) == 0 else {
      throw refuse("is in training mode: export the network with `model.eval()`")
    }
    let x = try tensor(0)
    let shape = shape(of: x)
    guard shape.count >= 2 else { throw refuse("is of a tensor of \(shape.count) axes") }
    let norm = BatchNormInfer(eps: try float("epsilon", 1e-5))
    return try result(emit(norm, [x, tensor(1), tensor(2), tensor(3), tensor(4)]))
  }

  /// (value − mean) / √(variance + eps) over some axes, with what is subtracted and multiplied by.
  private func normalized(
    _ value: ValueID, over axes: [Int], eps: Double
  ) throws(ImportProblem) -> (value: ValueID, mean: ValueID, inverse: ValueID) {
    let shape = shape(of: value)
    let sizes = axes.map { shape[$0] }
    let mean = try emit(Reduce(axes: axes, mean: true), value)
    let centred = try emit(
      Binary(.add), value, emit(Broadcast(axes: axes, sizes: sizes), affine(scale: -1, mean)))
    let variance = try emit(Reduce(axes: axes, mean: true), unary(.square, nil, centred))
    let inverse = try unary(.rsqrt, nil, affine(offset: eps, variance))
    let scaled = try emit(Binary(.multiply), centred, emit(Broadcast(axes: axes, sizes: sizes), inverse))
    return (scaled, mean, inverse)
  }

  /// Scaled and shifted by numbers a channel, unless they would change nothing.
  private func perChannel(
    _ value: ValueID, _ scale: ReferenceTensor?, _ bias: ReferenceTensor?
  ) throws(ImportProblem) -> (value: ValueID, isAffine: Bool) {
    guard let scale, let bias else {
      let shape = shape(of: value)
      let axes = shape.indices.filter { $0 != 1 }
      let spread = try emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }), tensor(1))
      return (try emit(BiasAdd(), emit(Binary(.multiply), value, spread), tensor(2)), true)
    }
    if scale.values.allSatisfy({ $0 == 1 }), bias.values.allSatisfy({ $0 == 0 }) { return (value, false) }
    return try perChannel(value, nil, nil)
  }

  func instanceNorm() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let eps = try float("epsilon", 1e-5)
    let rank = shape(of: x).count
    guard rank >= 3 else { throw refuse("is of a tensor of \(rank) axes") }
    let normal = try normalized(x, over: Array(2..<rank), eps: eps).value
    let (scale, bias) = (knownConstant(1), knownConstant(2))
    let (value, isAffine) = try perChannel(normal, scale, bias)
    if rank == 4, let scale, let bias {
      layer(
        "instance_norm2d", (eps == 1e-5 ? [] : [("eps", text(eps))]) + (isAffine ? [("affine", "true")] : []),
        of: [x], isAffine ? [("weight", scale), ("bias", bias)] : [])
    }
    return result(value)
  }

  func groupNorm() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let eps = try float("epsilon", 1e-5)
    let groups = try integer("num_groups", 0)
    let shape = shape(of: x)
    guard shape.count >= 2, let channels = shape[1].fixedExtent, groups > 0, channels % groups == 0 else {
      throw refuse("does not cut its channels into \(groups) groups")
    }
    let grouped = try reshape(x, [shape[0], .fixed(groups), .fixed(channels / groups)] + shape[2...])
    let axes = Array(2..<shape.count + 1)
    let normal = try reshape(normalized(grouped, over: axes, eps: eps).value, shape)
    // Operator set 18 has a number a group, those from 21 on one a channel.
    let scale = knownConstant(1).map { perChannel($0, channels) }
    let bias = knownConstant(2).map { perChannel($0, channels) }
    guard let scale, let bias, scale.values.count == channels, bias.values.count == channels else {
      throw refuse("has weights that are not known")
    }
    var value = normal
    let isAffine = !(scale.values.allSatisfy { $0 == 1 } && bias.values.allSatisfy { $0 == 0 })
    if isAffine {
      let others = shape.indices.filter { $0 != 1 }
      let factor = try emit(
        Broadcast(axes: others, sizes: others.map { shape[$0] }),
        importer.parameter(scale, named: "\(name).weight"))
      value = try emit(
        BiasAdd(), emit(Binary(.multiply), value, factor), importer.parameter(bias, named: "\(name).bias"))
    }
    layer(
      "group_norm",
      [("num_groups", "\(groups)")] + (eps == 1e-5 ? [] : [("eps", text(eps))])
        + (isAffine ? [] : [("affine", "false")]),
      of: [x], isAffine ? [("weight", scale), ("bias", bias)] : [])
    return result(value)
  }

  private func perChannel(_ tensor: ReferenceTensor, _ channels: Int) -> ReferenceTensor {
    guard !tensor.values.isEmpty, channels % tensor.values.count == 0 else { return tensor }
    let repeats = channels / tensor.values.count
    return ReferenceTensor(
      shape: [channels], values: tensor.values.flatMap { Array(repeating: $0, count: repeats) })
  }

  func layerNorm() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let axis = try axis(integer("axis", -1), rank: shape.count)
    let eps = try float("epsilon", 1e-5)
    let axes = Array(axis..<shape.count)
    let normal = try normalized(x, over: axes, eps: eps)
    var value = try emit(Binary(.multiply), normal.value, broadcast(tensor(1), to: shape))
    if input(2) != nil { value = try emit(Binary(.add), value, broadcast(tensor(2), to: shape)) }
    let wanted = node.outputs.count
    if wanted == 1, axis == 1, let weight = knownConstant(1) {
      let bias = input(2) == nil ? ReferenceTensor(shape: weight.shape) : knownConstant(2)
      let extents = shape.dropFirst().map { $0.extent(batch: 1) }
      if let bias, weight.shape == extents, bias.shape == extents {
        layer(
          "layer_norm", eps == 1e-5 ? [] : [("eps", text(eps))], of: [x],
          [("weight", weight), ("bias", bias)])
      }
    }
    guard wanted > 1 else { return result(value) }
    let kept = shape.enumerated().map { axes.contains($0) ? 1 : $1 }
    return [
      .tensor(value, isInteger: false), .tensor(try reshape(normal.mean, kept), isInteger: false),
      .tensor(try reshape(normal.inverse, kept), isInteger: false),
    ]
  }
}

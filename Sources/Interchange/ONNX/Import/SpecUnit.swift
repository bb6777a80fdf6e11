import GraphIR

/// A layer of the language, found in a graph.
struct SpecUnit {
  /// The graph's node that makes the layer's result.
  var root: Int
  var kind: String
  /// Names, and values as the language writes them.
  var attributes: [(name: String, text: String)] = []
  var inputs: [ValueID]
  var result: ValueID
  /// What the layer keeps, by the names that it has for them.
  var parameters: [(name: String, tensor: ReferenceTensor)] = []
  /// What the weight is called in the file that it came from.
  var origin: String?
}

/// Finds the layers that a graph is made of, from its outputs to its inputs.
struct SpecUnits {
  let imported: ImportedGraph
  let graph: Graph
  private let defining: [Int?]
  private let uses: [Int]
  private let compositeEnding: [Int: ImportedGraph.Composite]
  private(set) var units: [SpecUnit] = []
  private(set) var problems: [ImportProblem] = []

  init(_ imported: ImportedGraph) {
    self.imported = imported
    graph = imported.graph
    defining = graph.definingNodes()
    uses = graph.useCounts()
    compositeEnding = Dictionary(
      imported.composites.map { ($0.nodes.upperBound - 1, $0) }, uniquingKeysWith: { first, _ in first })
    find()
  }

  private mutating func find() {
    var wanted = graph.outputs.map(\.value)
    var found: Set<ValueID> = []
    while let value = wanted.popLast() {
      guard found.insert(value).inserted, let root = defining[value.index] else { continue }
      guard let unit = unit(at: root) else {
        let node = graph.nodes[root]
        problems.append(
          ImportProblem(
            node: imported.sources[root], operation: node.op.definition.mnemonic,
            reason: "is no layer of the language by itself, nor part of one that was recognised"))
        continue
      }
      units.append(unit)
      wanted += unit.inputs
    }
    units.sort { $0.root < $1.root }
    problems.reverse()
  }

  // MARK: What stands where

  private func node(_ value: ValueID) -> Node? { defining[value.index].map { graph.nodes[$0] } }

  /// The values of a parameter; nil for any other value.
  private func parameter(_ value: ValueID) -> (name: String, tensor: ReferenceTensor)? {
    guard let input = graph.inputs.first(where: { $0.value == value && $0.kind == .parameter }) else {
      return nil
    }
    return imported.parameters[input.name].map { (input.name, $0) }
  }

  private func isOnlyUse(_ value: ValueID) -> Bool { uses[value.index] == 1 }

  private func shape(_ value: ValueID) -> [Dimension] { graph.type(of: value).shape }

  private func unit(at root: Int) -> SpecUnit? {
    let node = graph.nodes[root]
    if let composite = compositeEnding[root] {
      return SpecUnit(
        root: root, kind: composite.kind, attributes: composite.attributes, inputs: composite.inputs,
        result: node.results[0], parameters: composite.parameters)
    }
    func layer(
      _ kind: String, _ attributes: [(name: String, text: String)] = [], _ inputs: [ValueID]? = nil,
      _ parameters: [(name: String, tensor: ReferenceTensor)] = [], origin: String? = nil
    ) -> SpecUnit {
      SpecUnit(
        root: root, kind: kind, attributes: attributes, inputs: inputs ?? [node.operands[0]],
        result: node.results[0], parameters: parameters, origin: origin)
    }
    switch node.op {
    case .biasAdd: return biased(root, node)
    case .conv2D, .convTranspose2D, .matmul: return weighted(root, node, bias: nil)
    case .batchNormInfer(let op):
      let parameters = node.operands.dropFirst().compactMap { parameter($0) }
      let rank = shape(node.operands[0]).count
      guard parameters.count == 4, rank == 2 || rank == 4 else { return nil }
      let names = ["weight", "bias", "running_mean", "running_var"]
      return layer(
        rank == 4 ? "batch_norm2d" : "batch_norm1d",
        op.eps == 1e-5 ? [] : [("eps", Self.number(op.eps))], nil,
        zip(names, parameters).map { ($0, $1.tensor) }, origin: parameters[0].name)
    case .unary(let op): return activation(op.function).map { layer($0.kind, $0.attributes) }
    case .binary(let op): return binary(op.kind, root, node)
    case .concat(let op):
      if let deviation = minibatchDeviation(op, root, node) { return deviation }
      return op.axis > 0 ? layer("concat", op.axis == 1 ? [] : [("dim", "\(op.axis)")], node.operands) : nil
    case .slice(let op):
      guard op.axis > 0 else { return nil }
      let axis = op.axis == 1 ? [] : [(name: "dim", text: "\(op.axis)")]
      return layer("slice", axis + [("start", "\(op.start)"), ("length", "\(op.count)")])
    case .softmax(let op):
      let rank = shape(node.operands[0]).count
      return layer(op.isLog ? "log_softmax" : "softmax", rank == 2 ? [] : [("dim", "\(rank - 1)")])
    case .reshape(let op): return reshaped(op.shape, root, node)
    case .upsampleNearest(let op): return layer("upsample", [("scale_factor", Self.size(op.scale))])
    case .interpolate(let op): return interpolated(op, root, node)
    case .reduce(let op):
      return op.axes.contains(0) ? nil : layer(op.mean ? "mean" : "sum", [("dim", "\(op.axes)")])
    case .affine(let op):
      return layer(
        "affine",
        (op.scale == 1 ? [] : [("scale", Self.number(op.scale))])
          + (op.offset == 0 ? [] : [("offset", Self.number(op.offset))]))
    case .permute(let op):
      return op.order.first == 0 ? layer("permute", [("dims", "\(Array(op.order.dropFirst()))")]) : nil
    case .broadcast(let op):
      let sizes = op.sizes.compactMap(\.fixedExtent)
      guard !op.mean, sizes.count == op.axes.count, shape(node.operands[0]).first == .batch else {
        return nil
      }
      return layer("repeat_along", [("dim", "\(op.axes)"), ("size", "\(sizes)")])
    case .pad(let op): return padded(op, root, node)
    case .avgPool2D(let op):
      return layer(
        "avg_pool2d", Self.window(op.geometry) + (op.countIncludePad ? [] : [("count_include_pad", "false")]))
    case .maxPool2D(let op): return layer("max_pool2d", Self.window(op.geometry))
    case .oneHot(let op): return layer("one_hot", [("num_classes", "\(op.classes)")])
    default: return nil
    }
  }

  // MARK: Layers with weights

  private func biased(_ root: Int, _ node: Node) -> SpecUnit? {
    var source = node.operands[1]
    if let before = self.node(source), case .reshape = before.op { source = before.operands[0] }
    guard var bias = parameter(source) else { return nil }
    bias.tensor = ReferenceTensor(shape: [bias.tensor.values.count], values: bias.tensor.values)
    if isOnlyUse(node.operands[0]), let producer = defining[node.operands[0].index],
      let unit = weighted(root, graph.nodes[producer], bias: bias.tensor), unit.parameters.count == 2
    {
      return unit
    }
    return SpecUnit(
      root: root, kind: "shift", attributes: [("dim", "[1]")], inputs: [node.operands[0]],
      result: node.results[0], parameters: [("bias", bias.tensor)], origin: bias.name)
  }

  /// Numbers that are the same for every image, and the axes along which they differ; nil for any other value.
  private func weights(_ value: ValueID) -> (name: String, tensor: ReferenceTensor, axes: [Int])? {
    guard let spread = node(value), case .broadcast(let op) = spread.op, !op.mean else { return nil }
    let axes = shape(value).indices.filter { !op.axes.contains($0) }
    guard !axes.isEmpty else { return nil }
    // The way from the parameter may drop axes of one.
    var source = spread.operands[0]
    if let before = node(source), case .reshape = before.op { source = before.operands[0] }
    guard let parameter = parameter(source) else { return nil }
    let extents = axes.map { shape(value)[$0].extent(batch: 1) }
    return (parameter.name, ReferenceTensor(shape: extents, values: parameter.tensor.values), axes)
  }

  /// A convolution or a matrix product with weights that are known, and the bias behind it.
  private func weighted(_ root: Int, _ node: Node, bias: ReferenceTensor?) -> SpecUnit? {
    if case .matmul(let op) = node.op { return product(op, root, node, bias: bias) }
    guard let weight = parameter(node.operands[1]) else { return nil }
    let geometry: ConvolutionGeometry
    var extra = Size2(0)
    let isTransposed: Bool
    switch node.op {
    case .conv2D(let op): (geometry, isTransposed) = (op.geometry, false)
    case .convTranspose2D(let op): (geometry, isTransposed, extra) = (op.geometry, true, op.outputPadding)
    default: return nil
    }
    let extents = weight.tensor.shape
    let outputs = isTransposed ? extents[1] * geometry.groups : extents[0]
    var attributes = [
      (name: "out_channels", text: "\(outputs)"), ("kernel_size", Self.size(Size2(extents[2], extents[3]))),
    ]
    for (name, value, standard) in [
      ("stride", geometry.stride, Size2(1)), ("padding", geometry.padding, 0), ("output_padding", extra, 0),
      ("dilation", geometry.dilation, 1),
    ] where value != standard { attributes.append((name, Self.size(value))) }
    if geometry.groups > 1 { attributes.append(("groups", "\(geometry.groups)")) }
    if bias == nil { attributes.append(("bias", "false")) }
    return SpecUnit(
      root: root, kind: isTransposed ? "conv_transpose2d" : "conv2d", attributes: attributes,
      inputs: [node.operands[0]], result: graph.nodes[root].results[0],
      parameters: [("weight", weight.tensor)] + (bias.map { [("bias", $0)] } ?? []), origin: weight.name)
  }

  private func product(_ op: Matmul, _ root: Int, _ node: Node, bias: ReferenceTensor?) -> SpecUnit? {
    if bias == nil, node.operands.allSatisfy({ shape($0).count == 3 && shape($0).first == .batch }) {
      return SpecUnit(
        root: root, kind: "matmul",
        attributes: (op.transposeLeft ? [("transpose_left", "true")] : [])
          + (op.transposeRight ? [("transpose_right", "true")] : []),
        inputs: node.operands, result: node.results[0])
    }
    guard let weight = parameter(node.operands[1]), !op.transposeLeft, shape(node.operands[0]).count == 2
    else {
      return nil
    }
    if bias == nil, !op.transposeRight, let choice = self.node(node.operands[0]), case .oneHot = choice.op {
      let extents = weight.tensor.shape
      return SpecUnit(
        root: root, kind: "embedding",
        attributes: [("num_embeddings", "\(extents[0])"), ("embedding_dim", "\(extents[1])")],
        inputs: [choice.operands[0]], result: graph.nodes[root].results[0],
        parameters: [("weight", weight.tensor)], origin: weight.name)
    }
    let matrix =
      op.transposeRight
      ? weight.tensor
      : Permute(order: [1, 0]).evaluate([weight.tensor], results: [weight.tensor.shape.reversed()], batch: 1)[
        0]
    return SpecUnit(
      root: root, kind: "linear",
      attributes: [("out_features", "\(matrix.shape[0])")] + (bias == nil ? [("bias", "false")] : []),
      inputs: [node.operands[0]], result: graph.nodes[root].results[0],
      parameters: [("weight", matrix)] + (bias.map { [("bias", $0)] } ?? []), origin: weight.name)
  }

  // MARK: Layers without

  private func activation(_ function: UnaryFunction) -> (
    kind: String, attributes: [(name: String, text: String)]
  )? {
    let p = function.parameters
    switch function.kind {
    case .relu, .tanh, .sigmoid, .silu: return (function.kind.rawValue, [])
    case .leakyReLU: return ("leaky_relu", [("negative_slope", Self.number(p[0]))])
    case .elu: return ("elu", p[0] == 1 ? [] : [("alpha", Self.number(p[0]))])
    case .softplus:
      return ("softplus", (p[0] == 1 ? [] : [("beta", Self.number(p[0]))]))
    case .gelu: return ("gelu", p[0] == 1 ? [("approximate", "tanh")] : [])
    case .hardtanh:
      if p == [0, 6] { return ("relu6", []) }
      return ("hardtanh", [("min_val", Self.number(p[0])), ("max_val", Self.number(p[1]))])
    case .exp, .log, .sqrt, .rsqrt, .square, .reciprocal, .absolute, .sign:
      return (function.kind.rawValue, [])
    case .bce, .bceWithLogits, .step, .clamp, .rootOfSquares: return nil
    }
  }

  private func binary(_ kind: Binary.Kind, _ root: Int, _ node: Node) -> SpecUnit? {
    func layer(_ kind: String, _ inputs: [ValueID]) -> SpecUnit {
      SpecUnit(root: root, kind: kind, inputs: inputs, result: node.results[0])
    }
    let (left, right) = (node.operands[0], node.operands[1])
    for (x, gate) in [(left, right), (right, left)] where kind == .multiply {
      if let sigmoid = self.node(gate), case .unary(let op) = sigmoid.op, op.function.kind == .sigmoid,
        sigmoid.operands == [x], isOnlyUse(gate)
      {
        return layer("silu", [x])
      }
      if let tanh = self.node(gate), case .unary(let outer) = tanh.op, outer.function.kind == .tanh,
        isOnlyUse(gate),
        let smooth = self.node(tanh.operands[0]), case .unary(let inner) = smooth.op,
        inner.function.kind == .softplus, inner.function.parameters[0] == 1, smooth.operands == [x],
        isOnlyUse(tanh.operands[0])
      {
        return layer("mish", [x])
      }
      // A number a channel of each image.
      if let spread = self.node(gate), case .broadcast(let op) = spread.op, op.axes == [2, 3], !op.mean,
        shape(x).count == 4, self.node(x).map({ if case .broadcast = $0.op { false } else { true } }) ?? true,
        shape(spread.operands[0]).first == .batch
      {
        return layer("multiply", [x, spread.operands[0]])
      }
    }
    for (x, other) in [(left, right), (right, left)] where kind == .add || kind == .multiply {
      guard let weights = weights(other), self.weights(x) == nil else { continue }
      return SpecUnit(
        root: root, kind: kind == .add ? "shift" : "scale", attributes: [("dim", "\(weights.axes)")],
        inputs: [x], result: node.results[0],
        parameters: [(kind == .add ? "bias" : "weight", weights.tensor)], origin: weights.name)
    }
    guard shape(left).first == .batch else { return nil }
    return layer(kind.rawValue, [left, right])
  }

  private func reshaped(_ target: [Dimension], _ root: Int, _ node: Node) -> SpecUnit? {
    guard target.first == .batch, shape(node.operands[0]).first == .batch else { return nil }
    let extents = target.dropFirst().compactMap(\.fixedExtent)
    guard extents.count == target.count - 1 else { return nil }
    if target.count == 4, target[2] == 1, target[3] == 1, let mean = self.node(node.operands[0]),
      case .reduce(let op) = mean.op, op.mean, op.axes == [2, 3], isOnlyUse(node.operands[0])
    {
      return SpecUnit(
        root: root, kind: "global_avg_pool", inputs: [mean.operands[0]], result: node.results[0])
    }
    return SpecUnit(
      root: root, kind: extents.count == 1 ? "flatten" : "reshape",
      attributes: extents.count == 1 ? [] : [("shape", "\(extents)")], inputs: [node.operands[0]],
      result: node.results[0])
  }

  /// Planes of how much the images of a group differ, behind the channels.
  private func minibatchDeviation(_ op: Concat, _ root: Int, _ node: Node) -> SpecUnit? {
    /// What an op that nothing else reads was given.
    func through(_ value: ValueID, _ isOp: (Op) -> Bool) -> ValueID? {
      guard isOnlyUse(value), let node = self.node(value), isOp(node.op) else { return nil }
      return node.operands[0]
    }
    func throughReshapes(_ value: ValueID) -> ValueID {
      var source = value
      while let before = through(source, { if case .reshape = $0 { true } else { false } }) {
        source = before
      }
      return source
    }
    func throughMean(_ value: ValueID) -> (input: ValueID, group: Int)? {
      guard let node = self.node(value), case .groupMean(let op) = node.op else { return nil }
      return (node.operands[0], op.group)
    }
    let input = node.operands[0]
    guard op.axis == 1, node.operands.count == 2, shape(input).count == 4,
      let planes = through(node.operands[1], { if case .broadcast(let op) = $0 { !op.mean } else { false } }),
      let parts = through(
        throughReshapes(planes),
        { if case .reduce(let op) = $0 { op.mean && op.axes == [2, 3, 4] } else { false } }),
      shape(parts).count == 5, let count = shape(parts)[1].fixedExtent,
      let offset = through(throughReshapes(parts), { $0 == .unary(Unary(UnaryFunction(.sqrt))) }),
      let variance = through(
        offset,
        { if case .affine(let op) = $0 { op.scale == 1 && Float(op.offset) == 1e-8 } else { false } }),
      isOnlyUse(variance), let squares = throughMean(variance), isOnlyUse(squares.input),
      let square = self.node(squares.input), case .binary(let product) = square.op, product.kind == .multiply,
      square.operands[0] == square.operands[1], let centred = self.node(square.operands[0]),
      case .binary(let difference) = centred.op, difference.kind == .subtract, centred.operands[0] == input,
      isOnlyUse(centred.operands[1]), let mean = throughMean(centred.operands[1]), mean.input == input,
      mean.group == squares.group
    else { return nil }
    return SpecUnit(
      root: root, kind: "minibatch_stddev",
      attributes: [("group_size", "\(mean.group)")] + (count == 1 ? [] : [("num_channels", "\(count)")]),
      inputs: [input], result: node.results[0])
  }

  /// Rows and columns interpolated together.
  private func interpolated(_ op: Interpolate, _ root: Int, _ node: Node) -> SpecUnit? {
    var (input, factors) = (node.operands[0], [1, 1])
    func factor(_ op: Interpolate, _ value: ValueID) -> Int? {
      guard let extent = shape(value)[op.axis].fixedExtent, op.size % extent == 0, !op.isAdjoint else {
        return nil
      }
      return op.size / extent
    }
    guard let last = factor(op, input) else { return nil }
    factors[op.axis - 2] = last
    if let before = self.node(input), case .interpolate(let first) = before.op, first.axis != op.axis,
      first.alignsCorners == op.alignsCorners, isOnlyUse(input), let scale = factor(first, before.operands[0])
    {
      factors[first.axis - 2] = scale
      input = before.operands[0]
    }
    return SpecUnit(
      root: root, kind: "upsample",
      attributes: [("scale_factor", Self.size(Size2(factors[0], factors[1]))), ("mode", "bilinear")]
        + (op.alignsCorners ? [("align_corners", "true")] : []),
      inputs: [input], result: node.results[0])
  }

  /// Zeros around images, one axis after the other.
  private func padded(_ op: Pad, _ root: Int, _ node: Node) -> SpecUnit? {
    guard op.axis >= 2, shape(node.operands[0]).count == 4 else { return nil }
    var sides = [0, 0, 0, 0]
    func set(_ op: Pad) {
      // Left, right, top, bottom.
      let first = op.axis == 3 ? 0 : 2
      (sides[first], sides[first + 1]) = (op.before, op.after)
    }
    set(op)
    var input = node.operands[0]
    if let before = self.node(input), case .pad(let first) = before.op, first.axis >= 2,
      first.axis != op.axis,
      isOnlyUse(input)
    {
      set(first)
      input = before.operands[0]
    }
    return SpecUnit(
      root: root, kind: "pad",
      attributes: [("padding", Set(sides).count == 1 ? "\(sides[0])" : "\(sides)")], inputs: [input],
      result: node.results[0])
  }

  // MARK: Text

  static func number(_ value: Double) -> String {
    // Files hold 32-bit floats: the shortest number that is the same one.
    let text = Double(Float(value)) == value ? Float(value).description : value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  static func size(_ size: Size2) -> String {
    size.height == size.width ? "\(size.height)" : "[\(size.height), \(size.width)]"
  }

  private static func window(_ geometry: PoolingGeometry) -> [(name: String, text: String)] {
    var attributes = [(name: "kernel_size", text: size(geometry.kernelSize))]
    if geometry.stride != geometry.kernelSize { attributes.append(("stride", size(geometry.stride))) }
    if geometry.padding != 0 { attributes.append(("padding", size(geometry.padding))) }
    return attributes
  }
}

import GraphIR

/// Shapes, products and images.
extension ExportRow {
  /// The entries of a `Reshape`: 0 is the input's extent at this place, -1 what is left over.
  private func target(from: [Dimension], to: [Dimension]) -> [Int] {
    to.enumerated().map { place, extent in
      switch extent {
      case .fixed(let extent): extent
      case .batch: place < from.count && from[place] == .batch ? 0 : -1
      }
    }
  }

  func reshaped(_ name: String, from: [Dimension], to: [Dimension]) -> String {
    step(
      "Reshape", [name, integers(target(from: from, to: to), "shape")],
      shape: to.map(ONNXExporter.dimension))
  }

  func reshape(_ value: ValueID, to shape: [Dimension]) {
    finish("Reshape", [operand(value), integers(target(from: type(of: value).shape, to: shape), "shape")])
  }

  /// The result as a value of fewer or shorter axes, repeated.
  func expand(_ name: String, _ from: [Dimension], _ type: TensorType) {
    guard type.shape.contains(.batch) else {
      return finish("Expand", [name, integers(type.extents(batch: 1), "shape")])
    }
    // Where the batch is new, only an input of the graph tells its size.
    let known = type.shape.enumerated().map { place, extent in
      extent.fixedExtent ?? (from.indices.contains(place) && from[place] == .batch ? 1 : -1)
    }
    guard known.contains(-1) else { return finish("Expand", [name, integers(known, "shape")]) }
    let batch = batchSize()
    var parts: [String] = []
    for (place, extent) in known.enumerated() {
      parts.append(extent == -1 ? batch : integers([extent], "extent\(place)"))
    }
    let target = step(
      "Concat", parts, [.init("axis", .integer(0))], shape: [.fixed(known.count)], element: .int64)
    finish("Expand", [name, target])
  }

  /// The batch size as a tensor of one number.
  private func batchSize() -> String {
    guard
      let input = exporter.graph.inputs.first(where: {
        $0.kind == .data && type(of: $0.value).shape.first == .batch
      })
    else { preconditionFailure("a network without an input that has a batch") }
    return size(ofAxis: 0, operand(input.value))
  }

  private func size(ofAxis axis: Int, _ name: String) -> String {
    step(
      "Shape", [name], [.init("start", .integer(Int64(axis))), .init("end", .integer(Int64(axis + 1)))],
      shape: [.fixed(1)], element: .int64)
  }

  func oneHot(_ op: OneHot, _ node: Node) {
    let depth = integers([op.classes], "classes")
    let values = exporter.initializer(named: "\(layer).values", [2], [0, 1])
    finish("OneHot", [wholeLabels(node.operands[0]), depth, values], [.init("axis", .integer(-1))])
  }

  /// Classes as whole numbers.
  private func wholeLabels(_ value: ValueID) -> String {
    let name = operand(value)
    if exporter.isLabel(value) { return name }
    return step(
      "Cast", [name], [.init("to", .integer(Int64(ONNXElementType.int64.rawValue)))],
      shape: ONNXExporter.shape(type(of: value)), element: .int64)
  }

  /// - Parameter bias: A constant that is added to each row.
  func matmul(_ op: Matmul, _ node: Node, bias: ValueID?) {
    if bias == nil, let choice = exporter.producer(of: node.operands[0]), case .oneHot = choice.node.op,
      exporter.isConstant(node.operands[1]), !op.transposeLeft, !op.transposeRight
    {
      let table = operand(node.operands[1], suggested: "\(layer).weight")
      return finish(
        "Gather", [table, wholeLabels(choice.node.operands[0])], [.init("axis", .integer(0))])
    }
    let left = operand(node.operands[0])
    let right = operand(node.operands[1], suggested: "\(layer).weight")
    guard type(of: node.operands[0]).rank == 2 else {
      return finish(
        "MatMul",
        [
          op.transposeLeft ? swapped(left, node.operands[0]) : left,
          op.transposeRight ? swapped(right, node.operands[1]) : right,
        ])
    }
    let added = bias.map { operand($0, suggested: "\(layer).bias") } ?? ""
    finish(
      "Gemm", [left, right, added],
      [
        .init("alpha", .float(1)), .init("beta", .float(1)),
        .init("transA", .integer(op.transposeLeft ? 1 : 0)),
        .init("transB", .integer(op.transposeRight ? 1 : 0)),
      ])
  }

  /// A batch of matrices, each transposed.
  private func swapped(_ name: String, _ value: ValueID) -> String {
    let shape = type(of: value).shape
    return step(
      "Transpose", [name], [.init("perm", [0, 2, 1])],
      shape: [shape[0], shape[2], shape[1]].map(ONNXExporter.dimension))
  }

  /// - Parameter outputPadding: Of a transposed convolution; nil for any other.
  func convolution(_ geometry: ConvolutionGeometry, outputPadding: Size2?, _ node: Node) {
    let kernel = type(of: node.operands[1]).extents(batch: 1)
    let (padding, stride, dilation) = (geometry.padding, geometry.stride, geometry.dilation)
    var inputs = [operand(node.operands[0]), operand(node.operands[1], suggested: "\(layer).weight")]
    if node.operands.count > 2 { inputs.append(operand(node.operands[2], suggested: "\(layer).bias")) }
    var attributes: [ONNXAttribute] = [
      .init("kernel_shape", [kernel[2], kernel[3]]), .init("strides", [stride.height, stride.width]),
      .init("dilations", [dilation.height, dilation.width]), .init("group", .integer(Int64(geometry.groups))),
      .init("pads", [padding.height, padding.width, padding.height, padding.width]),
    ]
    if let outputPadding {
      attributes.append(.init("output_padding", [outputPadding.height, outputPadding.width]))
    }
    finish(outputPadding == nil ? "Conv" : "ConvTranspose", inputs, attributes)
  }

  func resize(
    _ node: Node, scales: (height: Int, width: Int), _ mode: String, _ coordinates: String, floor: Bool
  ) {
    let scales = exporter.initializer(
      named: "\(layer).scales", [4], [1, 1, Double(scales.height), Double(scales.width)])
    var attributes: [ONNXAttribute] = [
      .init("mode", .string(mode)), .init("coordinate_transformation_mode", .string(coordinates)),
    ]
    if floor { attributes.append(.init("nearest_mode", .string("floor"))) }
    finish("Resize", [operand(node.operands[0]), "", scales], attributes)
  }

  /// The size of the groups is the largest that divides the batch, up to a limit.
  /// Groups as the channels of an instance norm, which is how PyTorch writes it.
  func groupNorm(_ op: GroupNorm, _ node: Node, _ type: TensorType) {
    let count = type.extents(batch: 1).dropFirst().reduce(1, *)
    let grouped: [Dimension] = [.batch, .fixed(op.groups), .fixed(count / op.groups)]
    let x = reshaped(operand(node.operands[0]), from: type.shape, to: grouped)
    let ones = exporter.initializer(
      named: "\(layer).ones", [op.groups], Array(repeating: 1, count: op.groups))
    let zeros = exporter.initializer(
      named: "\(layer).zeros", [op.groups], Array(repeating: 0, count: op.groups))
    let normal = step(
      "InstanceNormalization", [x, ones, zeros], [.init("epsilon", .float(Float(op.eps)))],
      shape: grouped.map(ONNXExporter.dimension))
    finish("Reshape", [normal, integers([0] + type.extents(batch: 1).dropFirst(), "shape")])
  }

  func groupMean(_ op: GroupMean, _ node: Node, _ type: TensorType) {
    let x = operand(node.operands[0])
    let batch = size(ofAxis: 0, x)
    let one: [ONNXValueInfo.Dimension] = [.fixed(1)]
    let limit = min(op.group, 1024)
    let sizes = integers(Array(1...limit), "sizes")
    let all: [ONNXValueInfo.Dimension] = [.fixed(limit)]
    let rest = step("Mod", [batch, sizes], shape: all, element: .int64)
    let zero = integers([0], "zero")
    let divides = step("Equal", [rest, zero], shape: all, element: .bool)
    let fitting = step("Where", [divides, sizes, zero], shape: all, element: .int64)
    let group = step(
      "ReduceMax", [fitting], [.init("axes", [0]), .init("keepdims", .integer(1))], shape: one,
      element: .int64)
    let count = step("Div", [batch, group], shape: one, element: .int64)
    let inner = Array(type.extents(batch: 1).dropFirst())
    let places = integers(inner, "extents")
    let target = step(
      "Concat", [group, count, places], [.init("axis", .integer(0))], shape: [.fixed(inner.count + 2)],
      element: .int64)
    let extents = inner.map { ONNXValueInfo.Dimension.fixed($0) }
    let grouped = step("Reshape", [x, target], shape: [.unknown, .unknown] + extents)
    let mean = step(
      "ReduceMean", [grouped], [.init("axes", [0]), .init("keepdims", .integer(0))],
      shape: [.unknown] + extents)
    let ones = integers(Array(repeating: 1, count: inner.count), "ones")
    let repeats = step(
      "Concat", [group, ones], [.init("axis", .integer(0))], shape: [.fixed(inner.count + 1)],
      element: .int64)
    finish("Tile", [mean, repeats])
  }
}

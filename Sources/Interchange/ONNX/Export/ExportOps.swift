import GraphIR

/// Each op of the graph as ONNX nodes. A new op has its row in `emit`, or says why it has none.
extension ONNXExporter {
  /// The nodes that other nodes of ONNX take in: a bias behind a matrix product, a row of a table that a class
  /// chooses.
  func absorb(_ node: Node, _ index: Int) {
    switch node.op {
    case .biasAdd:
      guard graph.type(of: node.results[0]).rank == 2, isConstant(node.operands[1]),
        let product = producer(of: node.operands[0]), case .matmul = product.node.op,
        isOnlyReader(index, of: node.operands[0]), !tableLookup(product.node)
      else { return }
      absorb(product.index)
    case .oneHot:
      let readers = uses[node.results[0].index]
      let isTable = !readers.isEmpty && readers.allSatisfy { tableLookup(graph.nodes[$0]) }
      if isTable, !graph.outputs.contains(where: { $0.value == node.results[0] }) { absorb(index) }
    case .broadcast(let op):
      // Element-wise nodes repeat their operands by themselves.
      let readers = uses[node.results[0].index]
      let isImplied = readers.allSatisfy { reader in
        guard case .binary = graph.nodes[reader].op else { return false }
        return graph.nodes[reader].operands.contains { !isBroadcast($0) && !isConstant($0) }
      }
      if isImplied, !op.mean, !graph.outputs.contains(where: { $0.value == node.results[0] }) {
        absorb(index)
      }
    default: return
    }
  }

  private func isBroadcast(_ value: ValueID) -> Bool {
    if case .broadcast? = producer(of: value)?.node.op { true } else { false }
  }

  /// Whether a matrix product only picks the rows of a table.
  private func tableLookup(_ node: Node) -> Bool {
    guard case .matmul(let op) = node.op, !op.transposeLeft, !op.transposeRight, isConstant(node.operands[1]),
      case .oneHot? = producer(of: node.operands[0])?.node.op
    else { return false }
    return true
  }

  /// Writes what a node becomes.
  ///
  /// - Parameter outputs: What results are called that are outputs of the graph.
  func emit(
    _ node: Node, _ index: Int, outputs: [ValueID: String]
  ) throws(ONNXExportError) {
    let layer = node.origin.layer ?? node.op.definition.mnemonic
    let result = node.results[0]
    let type = graph.type(of: result)
    let row = ExportRow(
      layer: layer, result: result, shape: Self.shape(type), output: outputs[result], exporter: self)
    func refuse(_ reason: String) -> ONNXExportError {
      ONNXExportError(operation: node.op.definition.mnemonic, layer: node.origin.layer, reason: reason)
    }
    let training = "belongs to training, and is in no network's inference form"
    let fused = "is made by passes that run after export"
    switch node.op {
    case .unary(let op): try row.unary(op.function, node, refuse)
    case .binary(let op): row.binary(op.kind, node)
    case .affine(let op): row.affine(op, node)
    case .constant(let op):
      let number = row.scalar(op.value, "value")
      row.expand(number, Array(repeating: 1, count: type.rank), type)
    case .reduce(let op): row.reduce(op, node, type)
    case .broadcast(let op):
      guard !op.mean else { throw refuse(training) }
      let view = row.view(node.operands[0], without: op.axes, of: type)
      row.expand(view.name, view.shape, type)
    case .reshape(let op): row.reshape(node.operands[0], to: op.shape)
    case .concat(let op):
      row.finish("Concat", node.operands.map { row.operand($0) }, [.init("axis", .integer(Int64(op.axis)))])
    case .slice(let op):
      row.finish(
        "Slice",
        [
          row.operand(node.operands[0]), row.integers([op.start], "starts"),
          row.integers([op.start + op.count], "ends"), row.integers([op.axis], "axes"),
        ])
    case .pad(let op):
      var pads = Array(repeating: 0, count: 2 * type.rank)
      pads[op.axis] = op.before
      pads[type.rank + op.axis] = op.after
      row.finish(
        "Pad", [row.operand(node.operands[0]), row.integers(pads, "pads")],
        [.init("mode", .string("constant"))])
    case .permute(let op): row.finish("Transpose", [row.operand(node.operands[0])], [.init("perm", op.order)])
    case .oneHot(let op): row.oneHot(op, node)
    case .matmul(let op): row.matmul(op, node, bias: nil)
    case .softmax(let op):
      row.finish(
        op.isLog ? "LogSoftmax" : "Softmax", [row.operand(node.operands[0])], [.init("axis", .integer(-1))])
    case .biasAdd:
      if let product = producer(of: node.operands[0]), isAbsorbed(product.index),
        case .matmul(let op) = product.node.op
      {
        row.matmul(op, product.node, bias: node.operands[1])
      } else {
        row.biasAdd(node, type)
      }
    case .conv2D(let op):
      row.convolution(op.geometry, outputPadding: nil, node)
    case .convTranspose2D(let op):
      row.convolution(op.geometry, outputPadding: op.outputPadding, node)
    case .fusedConvolution(let op):
      // Of the passes before export, those that fold batch norm and biases make these.
      guard op.activation == nil, !op.emitsStatistics else { throw refuse(fused) }
      row.convolution(op.geometry, outputPadding: op.isTransposed ? op.outputPadding : nil, node)
    case .batchNormInfer(let op):
      row.finish(
        "BatchNormalization",
        zip(node.operands, ["", "weight", "bias", "running_mean", "running_var"]).map {
          row.operand($0, suggested: "\(layer).\($1)")
        }, [.init("epsilon", .float(Float(op.eps))), .init("momentum", .float(0.9))])
    case .groupNorm(let op): row.groupNorm(op, node, type)
    case .groupMean(let op): row.groupMean(op, node, type)
    case .upsampleNearest(let op):
      row.resize(node, scales: (op.scale.height, op.scale.width), "nearest", "asymmetric", floor: true)
    case .interpolate(let op):
      guard !op.isAdjoint else { throw refuse(training) }
      let extent = graph.type(of: node.operands[0]).shape[op.axis].extent(batch: 1)
      guard op.size % extent == 0 else { throw refuse("has no whole factor, which alone is exact in ONNX") }
      let scale = op.size / extent
      row.resize(
        node, scales: op.axis == 2 ? (scale, 1) : (1, scale), "linear",
        op.alignsCorners ? "align_corners" : "half_pixel", floor: false)
    case .avgPool2D(let op):
      row.finish(
        "AveragePool", [row.operand(node.operands[0])],
        op.geometry.attributes + [
          .init("count_include_pad", .integer(op.countIncludePad ? 1 : 0))
        ])
    case .maxPool2D(let op): row.finish("MaxPool", [row.operand(node.operands[0])], op.geometry.attributes)
    case .detach: row.finish("Identity", [row.operand(node.operands[0])])
    case .unaryGradient, .conv2DWeightGradient, .batchNormTrain, .batchNormGradient, .groupNormGradient,
      .updateRunningStatistics,
      .avgPool2DGradient, .maxPool2DGradient, .maxPool2DGather, .dropoutMask, .increment, .adam, .sgd,
      .rmsprop, .gradient, .translate, .window:
      throw refuse(training)
    case .randomNormal: throw refuse("draws random numbers, which a model in ONNX would draw as others")
    case .channelStatistics, .batchNormApply, .batchNormActivationGradient, .fusedElementwise, .relayout:
      throw refuse(fused)
    }
  }
}

/// The nodes of one op.
struct ExportRow {
  let layer: String
  let result: ValueID
  /// Of the result.
  let shape: [ONNXValueInfo.Dimension]
  /// What the result is called where it is an output of the graph.
  let output: String?
  let exporter: ONNXExporter

  // MARK: Writing

  func operand(_ value: ValueID, suggested: String? = nil) -> String {
    exporter.operand(value, suggested: suggested ?? "\(layer).constant")
  }

  func scalar(_ value: Double, _ name: String) -> String {
    exporter.scalar(value, "\(layer).\(name)")
  }

  func integers(_ values: [Int], _ name: String) -> String {
    exporter.integers(values, "\(layer).\(name)")
  }

  /// The node that makes the result.
  func finish(_ operation: String, _ inputs: [String], _ attributes: [ONNXAttribute] = []) {
    exporter.add(
      operation, inputs, attributes, layer: layer, shape: shape, result: result, named: output)
  }

  /// A node on the way.
  func step(
    _ operation: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [],
    shape: [ONNXValueInfo.Dimension]? = nil, element: ONNXElementType = .float
  ) -> String {
    exporter.add(
      operation, inputs, attributes, layer: layer, shape: shape ?? self.shape, element: element)
  }

  func type(of value: ValueID) -> TensorType { exporter.graph.type(of: value) }
}

extension ONNXAttribute {
  init(_ name: String, _ values: [Int]) { self.init(name, .integers(values.map { Int64($0) })) }
}

extension PoolingGeometry {
  var attributes: [ONNXAttribute] {
    [
      .init("kernel_shape", [kernelSize.height, kernelSize.width]),
      .init("strides", [stride.height, stride.width]),
      .init("pads", [padding.height, padding.width, padding.height, padding.width]),
      .init("ceil_mode", .integer(0)),
    ]
  }
}

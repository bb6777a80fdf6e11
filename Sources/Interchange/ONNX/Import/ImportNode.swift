import Diagnostics
import GraphIR

/// A node while it is translated: its inputs and attributes, and the ops that it becomes.
final class ImportNode {
  /// The layer that the node's ops are together.
  struct Form {
    var kind: String
    var attributes: [(name: String, text: String)]
    var inputs: [ValueID]
    var parameters: [(name: String, tensor: ReferenceTensor)]
  }

  let node: ONNXNode
  let inputs: [ImportedValue?]
  let name: String
  let importer: ONNXImporter
  /// Nil where the ops speak for themselves.
  var form: Form?

  init(_ node: ONNXNode, _ inputs: [ImportedValue?], name: String, importer: ONNXImporter) {
    self.node = node
    self.inputs = inputs
    self.name = name
    self.importer = importer
  }

  var operatorSet: Int { importer.operatorSet }

  func refuse(_ reason: String) -> ImportProblem {
    ImportProblem(node: name, operation: node.operation, reason: reason)
  }

  // MARK: Inputs

  func input(_ index: Int) -> ImportedValue? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// An input as a value of the graph.
  func tensor(_ index: Int) throws(ImportProblem) -> ValueID {
    switch input(index) {
    case .tensor(let value, isInteger: false): return value
    case .tensor(_, isInteger: true): throw refuse("computes with whole numbers that are given when it runs")
    case .constant(let tensor, let name): return importer.parameter(tensor, named: name)
    case .integers: throw refuse("computes with whole numbers")
    case .above: throw refuse("computes with a comparison")
    case .errorFunction: throw refuse("reads the error function, which graphc has inside of GELU alone")
    case .missing, nil: throw refuse("lacks its input \(index)")
    }
  }

  /// An input of floats that must be known; nil where it is left out.
  func constant(_ index: Int) throws(ImportProblem) -> ReferenceTensor? {
    switch input(index) {
    case .constant(let tensor, _): return tensor
    case .missing, nil: return nil
    case .tensor, .integers, .errorFunction, .above:
      throw refuse("needs its input \(index) to be an initialiser, and it is made when the network runs")
    }
  }

  /// An input of floats, if it is known.
  func knownConstant(_ index: Int) -> ReferenceTensor? {
    if case .constant(let tensor, _)? = input(index) { tensor } else { nil }
  }

  /// An input of whole numbers that must be known; nil where it is left out.
  func symbolic(_ index: Int) throws(ImportProblem) -> IntegerTensor? {
    switch input(index) {
    case .integers(let tensor): return tensor
    case .missing, nil: return nil
    case .tensor, .constant, .errorFunction, .above:
      throw refuse("needs its input \(index) to be known whole numbers")
    }
  }

  /// The same, none of which may depend on the batch.
  func integers(_ index: Int) throws(ImportProblem) -> [Int]? {
    guard let tensor = try symbolic(index) else { return nil }
    guard let numbers = tensor.numbers else { throw refuse("depends on the batch in its input \(index)") }
    return numbers
  }

  /// Floats or whole numbers that are known, as floats; nil where they are left out.
  func numbers(_ index: Int) throws(ImportProblem) -> [Double]? {
    if case .integers? = input(index) { return try integers(index)?.map(Double.init) }
    return try constant(index)?.values
  }

  // MARK: Attributes

  private func attribute(_ name: String) -> ONNXAttribute.Value? {
    node.attributes.first { $0.name == name }?.value
  }

  func integer(_ name: String, _ standard: Int) throws(ImportProblem) -> Int {
    switch attribute(name) {
    case .integer(let value): return Int(value)
    case nil: return standard
    default: throw refuse("has the attribute `\(name)` of another type")
    }
  }

  func float(_ name: String, _ standard: Double) throws(ImportProblem) -> Double {
    switch attribute(name) {
    // The shortest number that the 32-bit float stands for: 0.2, not 0.20000000298.
    case .float(let value): return Double(value.description) ?? Double(value)
    case nil: return standard
    default: throw refuse("has the attribute `\(name)` of another type")
    }
  }

  func string(_ name: String, _ standard: String) throws(ImportProblem) -> String {
    switch attribute(name) {
    case .string(let value): return value
    case nil: return standard
    default: throw refuse("has the attribute `\(name)` of another type")
    }
  }

  func integers(_ name: String) throws(ImportProblem) -> [Int]? {
    switch attribute(name) {
    case .integers(let values): return values.map { Int($0) }
    case nil: return nil
    default: throw refuse("has the attribute `\(name)` of another type")
    }
  }

  func floats(_ name: String) throws(ImportProblem) -> [Double]? {
    switch attribute(name) {
    case .floats(let values): return values.map { Double($0) }
    case nil: return nil
    default: throw refuse("has the attribute `\(name)` of another type")
    }
  }

  func tensor(attribute name: String) -> ONNXTensor? {
    if case .tensor(let tensor)? = attribute(name) { tensor } else { nil }
  }

  /// Axes, which are an attribute in older operator sets and an input in newer ones; nil where they are left out.
  func axes(input: Int, rank: Int) throws(ImportProblem) -> [Int]? {
    let written: [Int]?
    if let attribute = try integers("axes") {
      written = attribute
    } else {
      written = try integers(input)
    }
    guard let written else { return nil }
    var axes: [Int] = []
    for axis in written { axes.append(try self.axis(axis, rank: rank)) }
    return axes
  }

  /// An axis that is counted from the end where it is negative.
  func axis(_ axis: Int, rank: Int) throws(ImportProblem) -> Int {
    guard (-rank..<rank).contains(axis) else { throw refuse("names the axis \(axis) of a tensor of \(rank)") }
    return axis < 0 ? axis + rank : axis
  }

  // MARK: Ops

  func type(of value: ValueID) -> TensorType { importer.builder.type(of: value) }

  func shape(of value: ValueID) -> [Dimension] { type(of: value).shape }

  func emit(_ op: some OpDefinition, _ operands: ValueID...) throws(ImportProblem) -> ValueID {
    try emit(op, operands)
  }

  func emit(_ op: some OpDefinition, _ operands: [ValueID]) throws(ImportProblem) -> ValueID {
    do throws(TypeRuleViolation) {
      return try importer.builder.tryEmit(op, operands)[0]
    } catch {
      let details = error.arguments.filter { $0.name != "op" }.map { "\($0.name) \($0.value)" }
      throw refuse("does not fit its input: \(error.kind.code) (\(details.joined(separator: ", ")))")
    }
  }

  func unary(_ kind: UnaryKind, _ parameters: [Double]? = nil, _ x: ValueID) throws(ImportProblem) -> ValueID
  {
    try emit(Unary(UnaryFunction(kind, parameters)), x)
  }

  /// scale · x + offset, one op with an affine op that x comes from.
  func affine(scale: Double = 1, offset: Double = 0, _ x: ValueID) throws(ImportProblem) -> ValueID {
    guard let inner = scaledSource(x) else {
      return scale == 1 && offset == 0 ? x : try emit(Affine(scale: scale, offset: offset), x)
    }
    let both = Affine(scale: scale * inner.op.scale, offset: scale * inner.op.offset + offset)
    return abs(both.scale - 1) < 1e-7 && both.offset == 0 ? inner.source : try emit(both, inner.source)
  }

  /// The affine op that a value comes from, and what that reads.
  func scaledSource(_ value: ValueID) -> (op: Affine, source: ValueID)? {
    guard let node = importer.builder.graph.nodes.last(where: { $0.results[0] == value }),
      case .affine(let op) = node.op
    else { return nil }
    return (op, node.operands[0])
  }

  /// k·x·(1 + erf(x/√2)), where that is what the node's two inputs are together.
  func gelu() throws(ImportProblem) -> ValueID? {
    for index in 0..<2 {
      guard case .errorFunction(let argument, plusOne: true)? = input(index) else { continue }
      let x = try tensor(1 - index)
      func source(_ value: ValueID) -> (scale: Double, value: ValueID) {
        if let inner = scaledSource(value), inner.op.offset == 0 { return (inner.op.scale, inner.source) }
        return (1, value)
      }
      let (inner, outer) = (source(argument), source(x))
      guard inner.value == outer.value, abs(inner.scale * 2.0.squareRoot() - 1) < 1e-6 else {
        throw refuse("reads the error function, which graphc has inside of GELU alone")
      }
      return try affine(scale: 2 * outer.scale, unary(.gelu, [0], inner.value))
    }
    return nil
  }

  func reshape(_ value: ValueID, _ shape: [Dimension]) throws(ImportProblem) -> ValueID {
    self.shape(of: value) == shape ? value : try emit(Reshape(shape: shape), value)
  }

  /// The extents of an axis that is not the batch.
  func extent(_ value: ValueID, _ axis: Int) throws(ImportProblem) -> Int {
    guard let extent = shape(of: value)[axis].fixedExtent else { throw refuse("changes the batch") }
    return extent
  }

  /// A value repeated until it has a shape, as NumPy repeats: extents of one, and axes that are missing in front.
  func broadcast(_ value: ValueID, to target: [Dimension]) throws(ImportProblem) -> ValueID {
    let shape = self.shape(of: value)
    if shape == target { return value }
    let missing = target.count - shape.count
    guard missing >= 0 else { throw refuse("has operands whose shapes do not fit together") }
    var kept: [Dimension] = []
    var axes: [Int] = []
    for (axis, extent) in target.enumerated() {
      if axis >= missing, shape[axis - missing] == extent {
        kept.append(extent)
      } else if axis < missing || shape[axis - missing] == 1 {
        axes.append(axis)
      } else {
        throw refuse("has operands whose shapes do not fit together")
      }
    }
    return try emit(Broadcast(axes: axes, sizes: axes.map { target[$0] }), reshape(value, kept))
  }

  /// The shape that values have together.
  func commonShape(_ shapes: [[Dimension]]) throws(ImportProblem) -> [Dimension] {
    let rank = shapes.map(\.count).max() ?? 0
    var common: [Dimension] = Array(repeating: 1, count: rank)
    for shape in shapes {
      for (index, extent) in shape.enumerated() {
        let axis = rank - shape.count + index
        if common[axis] == 1 {
          common[axis] = extent
        } else if extent != 1, extent != common[axis] {
          throw refuse("has operands whose shapes do not fit together")
        }
      }
    }
    return common
  }

  /// Entries of an axis by their numbers, in any order.
  func select(_ value: ValueID, axis: Int, _ places: [Int]) throws(ImportProblem) -> ValueID {
    let extent = try extent(value, axis)
    guard !places.isEmpty, places.count <= 4096, places.allSatisfy({ (0..<extent).contains($0) }) else {
      throw refuse("takes \(places.count) entries of an axis of \(extent)")
    }
    if places == Array(0..<extent) { return value }
    var parts: [ValueID] = []
    var start = 0
    while start < places.count {
      var end = start + 1
      while end < places.count, places[end] == places[end - 1] + 1 { end += 1 }
      parts.append(try emit(Slice(axis: axis, start: places[start], count: end - start), value))
      start = end
    }
    return parts.count == 1 ? parts[0] : try emit(Concat(axis: axis), parts)
  }

  /// A number repeated before and after along an axis.
  func padded(
    _ value: ValueID, axis: Int, before: Int, after: Int, with filling: Double
  ) throws(ImportProblem) -> ValueID {
    if before == 0, after == 0 { return value }
    let extent = try extent(value, axis)
    if before < 0 || after < 0 {
      let start = max(0, -before)
      let count = extent - start - max(0, -after)
      guard count > 0 else { throw refuse("cuts off more than there is") }
      let part = try emit(Slice(axis: axis, start: start, count: count), value)
      return try padded(part, axis: axis, before: max(0, before), after: max(0, after), with: filling)
    }
    if filling == 0 { return try emit(Pad(axis: axis, before: before, after: after), value) }
    func edge(_ count: Int) throws(ImportProblem) -> [ValueID] {
      if count == 0 { return [] }
      var shape = shape(of: value)
      shape[axis] = .fixed(count)
      return [try emit(Constant(value: filling, shape: shape), [])]
    }
    return try emit(Concat(axis: axis), edge(before) + [value] + edge(after))
  }

  // MARK: Results

  /// The node's one result.
  func result(_ value: ValueID) -> [ImportedValue] { [.tensor(value, isInteger: false)] }

  /// A layer of one input, which the ops that were emitted are together.
  func layer(
    _ kind: String, _ attributes: [(String, String)] = [], of inputs: [ValueID],
    _ parameters: [(String, ReferenceTensor)] = []
  ) {
    form = Form(
      kind: kind, attributes: attributes.map { (name: $0.0, text: $0.1) }, inputs: inputs,
      parameters: parameters.map { (name: $0.0, tensor: $0.1) })
  }
}

import GraphIR

/// What moves elements, and what is known of shapes.
extension ImportNode {
  func identity() throws(ImportProblem) -> [ImportedValue] {
    guard let value = input(0) else { throw refuse("lacks its input") }
    return [value]
  }

  func dropout() throws(ImportProblem) -> [ImportedValue] {
    if operatorSet >= 12, let mode = try symbolic(2), mode.numbers?.first != 0 {
      throw refuse("drops at random while it runs: export the network with `model.eval()`")
    }
    guard node.outputs.count == 1 || node.outputs[1].isEmpty else { throw refuse("tells its mask") }
    return try identity()
  }

  func cast() throws(ImportProblem) -> [ImportedValue] {
    let number = try integer("to", 0)
    guard let type = ONNXElementType(rawValue: number) else { throw refuse("casts to an unknown type") }
    let toFloat = [.float, .double, .float16, .bfloat16].contains(type)
    switch input(0) {
    case .tensor(let value, let isInteger):
      // Floats that are cast to whole numbers are the numbers of classes.
      guard toFloat || type == .int64 || type == .int32, toFloat || isInteger else {
        throw refuse("rounds to \(type.text)")
      }
      return [.tensor(value, isInteger: !toFloat)]
    case .constant(let tensor, _):
      if toFloat { return [.constant(tensor, name: node.outputs[0])] }
      guard tensor.values.count <= IntegerTensor.limit, tensor.values.allSatisfy({ abs($0) < 0x1p53 }) else {
        throw refuse("casts more numbers than a shape has")
      }
      return [
        .integers(
          IntegerTensor(
            shape: tensor.shape,
            tensor.values.map { SymbolicInteger(type == .bool ? ($0 == 0 ? 0 : 1) : Int($0)) },
            isBoolean: type == .bool))
      ]
    case .integers(let tensor):
      guard toFloat else {
        let values = tensor.values.map {
          type == .bool && !$0.isBatch ? SymbolicInteger($0.factor == 0 ? 0 : 1) : $0
        }
        return [.integers(IntegerTensor(shape: tensor.shape, values, isBoolean: type == .bool))]
      }
      guard let numbers = tensor.numbers else { throw refuse("computes with the size of the batch") }
      return [
        .constant(
          ReferenceTensor(shape: tensor.shape, values: numbers.map(Double.init)), name: node.outputs[0])
      ]
    case .errorFunction, .above, .missing, nil: throw refuse("lacks its input")
    }
  }

  func constantValue() throws(ImportProblem) -> [ImportedValue] {
    let output = node.outputs.first ?? name
    for attribute in node.attributes {
      switch attribute.value {
      case .tensor(let tensor):
        if let integers = tensor.integers {
          return [
            .integers(
              IntegerTensor(
                shape: tensor.shape, integers.map { SymbolicInteger(Int($0)) },
                isBoolean: tensor.elementType == .bool))
          ]
        }
        guard let floats = tensor.floats else { throw refuse("is of \(tensor.elementType.text)") }
        return [
          .constant(ReferenceTensor(shape: tensor.shape, values: floats.map(Double.init)), name: output)
        ]
      case .float(let value):
        return [.constant(ReferenceTensor(shape: [], values: [Double(value)]), name: output)]
      case .floats(let values):
        return [
          .constant(ReferenceTensor(shape: [values.count], values: values.map(Double.init)), name: output)
        ]
      case .integer(let value): return [.integers(IntegerTensor(shape: [], [SymbolicInteger(Int(value))]))]
      case .integers(let values):
        return [.integers(IntegerTensor(shape: [values.count], values.map { SymbolicInteger(Int($0)) }))]
      case .string, .strings, .graph, .other: continue
      }
    }
    throw refuse("holds no numbers")
  }

  func constantOfShape() throws(ImportProblem) -> [ImportedValue] {
    guard let target = try symbolic(0) else { throw refuse("lacks its shape") }
    let value = tensor(attribute: "value")
    guard let extents = target.numbers, extents.allSatisfy({ $0 >= 0 }),
      extents.reduce(1, { $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : min($0 * $1, 1 << 40) })
        <= IntegerTensor.limit
    else { throw refuse("makes a tensor that depends on the batch, or is large") }
    let count = extents.reduce(1, *)
    if let integer = value?.integers?.first {
      return [
        .integers(
          IntegerTensor(
            shape: extents, Array(repeating: SymbolicInteger(Int(integer)), count: count),
            isBoolean: value?.elementType == .bool))
      ]
    }
    let number = Double(value?.floats?.first ?? 0)
    return [.constant(ReferenceTensor(shape: extents, repeating: number), name: node.outputs[0])]
  }

  private func extents(_ index: Int) throws(ImportProblem) -> [SymbolicInteger] {
    switch input(index) {
    case .tensor(let value, _): return shape(of: value).map(SymbolicInteger.init)
    case .constant(let tensor, _): return tensor.shape.map { SymbolicInteger($0) }
    case .integers(let tensor): return tensor.shape.map { SymbolicInteger($0) }
    case .errorFunction, .above, .missing, nil: throw refuse("lacks its input")
    }
  }

  func shapeOfInput() throws(ImportProblem) -> [ImportedValue] {
    let extents = try extents(0)
    func bound(_ value: Int) -> Int { min(max(value < 0 ? value + extents.count : value, 0), extents.count) }
    let (start, end) = try (bound(integer("start", 0)), bound(integer("end", extents.count)))
    let part = start < end ? Array(extents[start..<end]) : []
    return [.integers(IntegerTensor(shape: [part.count], part))]
  }

  func sizeOfInput() throws(ImportProblem) -> [ImportedValue] {
    let extents = try extents(0)
    guard extents.count(where: \.isBatch) <= 1 else { throw refuse("is a square of the batch") }
    return [
      .integers(
        IntegerTensor(
          shape: [],
          [SymbolicInteger(extents.reduce(1) { $0 * $1.factor }, isBatch: extents.contains(where: \.isBatch))]
        ))
    ]
  }

  func range() throws(ImportProblem) -> [ImportedValue] {
    guard let start = try integers(0)?.first, let limit = try integers(1)?.first,
      let delta = try integers(2)?.first,
      delta != 0, abs(start) < 1 << 40, abs(limit) < 1 << 40, abs(delta) < 1 << 40
    else { throw refuse("lacks a bound") }
    let values = stride(from: start, to: limit, by: delta).prefix(IntegerTensor.limit + 1).map {
      SymbolicInteger($0)
    }
    guard values.count <= IntegerTensor.limit else { throw refuse("counts further than shapes do") }
    return [.integers(IntegerTensor(shape: [values.count], values))]
  }

  // MARK: Shapes

  func reshape() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    guard let target = try symbolic(1) else { throw refuse("lacks its shape") }
    return try result(reshape(x, resolved(target.values, of: shape(of: x))))
  }

  /// A shape with what is copied, inferred, and the batch for which the file was written.
  private func resolved(
    _ target: [SymbolicInteger], of shape: [Dimension]
  ) throws(ImportProblem) -> [Dimension] {
    let copiesZero = try integer("allowzero", 0) == 0
    var extents: [Dimension?] = []
    for (axis, entry) in target.enumerated() {
      switch entry {
      case SymbolicInteger(1, isBatch: true): extents.append(.batch)
      case SymbolicInteger(-1): extents.append(nil)
      case SymbolicInteger(0) where copiesZero && axis < shape.count: extents.append(shape[axis])
      default:
        guard let number = entry.number, number > 0 else { throw refuse("has no shape that fits") }
        if axis == 0, number == importer.fixedBatch, shape.first == .batch, !target.contains(where: \.isBatch)
        {
          importer.note("the file was written for batches of \(number); now every size is taken")
          extents.append(.batch)
        } else {
          extents.append(.fixed(number))
        }
      }
    }
    guard extents.count(where: { $0 == nil }) <= 1, extents.count <= ONNXLimits.rank else {
      throw refuse("has no shape that fits")
    }
    guard let open = extents.firstIndex(where: { $0 == nil }) else { return extents.compactMap { $0 } }
    let known = TensorType(extents.compactMap { $0 })
    let whole = TensorType(shape)
    let (total, part) = (whole.elementCount(batch: 1), known.isAddressable ? known.elementCount(batch: 1) : 0)
    guard part > 0, total % part == 0 else { throw refuse("has no shape that fits") }
    let rest = total / part
    if shape.contains(.batch), !known.shape.contains(.batch) {
      guard rest == 1 else { throw refuse("joins the batch with other axes") }
      extents[open] = .batch
    } else {
      extents[open] = .fixed(rest)
    }
    return extents.compactMap { $0 }
  }

  func flatten() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let written = try integer("axis", 1)
    guard (-shape.count...shape.count).contains(written) else { throw refuse("names the axis \(written)") }
    let axis = written < 0 ? written + shape.count : written
    func product(_ extents: ArraySlice<Dimension>) throws(ImportProblem) -> Dimension {
      let count = TensorType(Array(extents)).elementCount(batch: 1)
      if !extents.contains(.batch) { return .fixed(count) }
      guard count == 1 else { throw refuse("joins the batch with other axes") }
      return .batch
    }
    return try result(reshape(x, [product(shape[..<axis]), product(shape[axis...])]))
  }

  func squeeze() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let axes = try axes(input: 1, rank: shape.count) ?? shape.indices.filter { shape[$0] == 1 }
    guard axes.allSatisfy({ shape[$0] == 1 }) else { throw refuse("removes an axis whose size is not 1") }
    return try result(reshape(x, shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element)))
  }

  func unsqueeze() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    guard let written = try node.attributes.isEmpty ? integers(1) : integers("axes") else {
      throw refuse("lacks its axes")
    }
    let rank = shape.count + written.count
    guard rank <= ONNXLimits.rank else { throw refuse("makes more than \(ONNXLimits.rank) axes") }
    var axes: [Int] = []
    for axis in written { axes.append(try self.axis(axis, rank: rank)) }
    guard Set(axes).count == axes.count else { throw refuse("names an axis twice") }
    var rest = shape[...]
    let extents: [Dimension] = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
    return try result(reshape(x, extents))
  }

  func transpose() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let rank = shape(of: x).count
    let order = try integers("perm") ?? Array((0..<rank).reversed())
    return try result(order == Array(0..<rank) ? x : emit(Permute(order: order), x))
  }

  func concat() throws(ImportProblem) -> [ImportedValue] {
    // Files join shapes with empty ones.
    var parts: [ValueID] = []
    for index in inputs.indices {
      if case .constant(let tensor, _)? = input(index), tensor.values.isEmpty { continue }
      parts.append(try tensor(index))
    }
    guard let first = parts.first else {
      return [.constant(ReferenceTensor(shape: [0]), name: node.outputs[0])]
    }
    let axis = try axis(integer("axis", 1), rank: shape(of: first).count)
    return try result(parts.count == 1 ? first : emit(Concat(axis: axis), parts))
  }

  func split() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let axis = try axis(integer("axis", 0), rank: shape(of: x).count)
    let extent = try extent(x, axis)
    var sizes: [Int]
    if let written = try operatorSet < 13 ? integers("split") : integers(1) {
      sizes = written
    } else {
      let count = try integer("num_outputs", node.outputs.count)
      guard count > 0, count <= ONNXLimits.listLength else { throw refuse("makes \(count) parts") }
      let size = (extent + count - 1) / count
      sizes = (0..<count).map { min(size, extent - min(extent, $0 * size)) }
    }
    guard sizes.allSatisfy({ $0 > 0 && $0 <= extent }), sizes.reduce(0, +) == extent else {
      throw refuse("cuts an axis of \(extent) into \(sizes)")
    }
    var parts: [ImportedValue] = []
    var start = 0
    for size in sizes {
      let part = size == extent ? x : try emit(Slice(axis: axis, start: start, count: size), x)
      parts.append(.tensor(part, isInteger: false))
      start += size
    }
    return parts
  }

  func slice() throws(ImportProblem) -> [ImportedValue] {
    var value = try tensor(0)
    let rank = shape(of: value).count
    let isOld = operatorSet < 10
    guard let starts = try isOld ? integers("starts") : integers(1),
      let ends = try isOld ? integers("ends") : integers(2)
    else { throw refuse("lacks its bounds") }
    let axes = try isOld ? integers("axes") : integers(3)
    let steps = try isOld ? nil : integers(4)
    guard ends.count == starts.count, axes?.count ?? starts.count == starts.count,
      steps?.count ?? starts.count == starts.count
    else { throw refuse("has bounds for different numbers of axes") }
    for index in starts.indices {
      let axis = try axis(axes?[index] ?? index, rank: rank)
      let step = steps?[index] ?? 1
      guard step != 0, abs(step) < 1 << 40 else { throw refuse("goes in steps of \(step)") }
      // The whole batch is no slice of it.
      if shape(of: value)[axis] == .batch, starts[index] == 0, step == 1,
        ends[index] >= Int(Int32.max) || ends[index] == importer.fixedBatch
      {
        continue
      }
      let extent = try extent(value, axis)
      func bound(_ written: Int, _ range: ClosedRange<Int>) -> Int {
        let place = written < 0 ? max(written, -extent - 1) + extent : written
        return min(max(place, range.lowerBound), range.upperBound)
      }
      let places =
        step > 0
        ? Array(stride(from: bound(starts[index], 0...extent), to: bound(ends[index], 0...extent), by: step))
        : Array(
          stride(
            from: bound(starts[index], -1...(extent - 1)), to: bound(ends[index], -1...(extent - 1)), by: step
          ))
      value = try select(value, axis: axis, places)
    }
    return result(value)
  }

  func gather() throws(ImportProblem) -> [ImportedValue] {
    if case .tensor(let labels, isInteger: true)? = input(1) { return try result(lookUp(labels)) }
    let x = try tensor(0)
    let shape = shape(of: x)
    let axis = try axis(integer("axis", 0), rank: shape.count)
    guard let indices = try symbolic(1), let numbers = indices.numbers else {
      throw refuse("takes entries by numbers that are not known")
    }
    let extent = try extent(x, axis)
    let part = try select(x, axis: axis, numbers.map { $0 < 0 ? $0 + extent : $0 })
    let extents = shape[..<axis] + indices.shape.map(Dimension.fixed) + shape[(axis + 1)...]
    return try result(reshape(part, Array(extents)))
  }

  /// The rows of a table that classes choose.
  private func lookUp(_ labels: ValueID) throws(ImportProblem) -> ValueID {
    let table = try tensor(0)
    let shape = shape(of: table)
    guard shape.count == 2, let classes = shape[0].fixedExtent, try integer("axis", 0) == 0 else {
      throw refuse("chooses from what is no table")
    }
    let extents = self.shape(of: labels)
    let flat = try extents.count == 1 ? labels : reshape(labels, [.batch])
    let rows = try emit(Matmul(), emit(OneHot(classes: classes), flat), table)
    return try reshape(rows, extents + [shape[1]])
  }

  func oneHot() throws(ImportProblem) -> [ImportedValue] {
    guard case .tensor(let labels, isInteger: true)? = input(0), shape(of: labels).count == 1 else {
      throw refuse("has a form for one class an image, given when the network runs")
    }
    guard let classes = try numbers(1)?.first, classes >= 1, classes <= 1e6, let values = try numbers(2),
      values.count == 2, [-1, 1].contains(try integer("axis", -1))
    else { throw refuse("lacks its number of classes") }
    let ones = try emit(OneHot(classes: Int(classes)), labels)
    return try result(affine(scale: values[1] - values[0], offset: values[0], ones))
  }

  func expand() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    guard let target = try symbolic(1) else { throw refuse("lacks its shape") }
    var extents: [Dimension] = []
    for entry in target.values {
      if entry == SymbolicInteger(1, isBatch: true) {
        extents.append(.batch)
      } else if let number = entry.number, number > 0 {
        extents.append(.fixed(number))
      } else {
        throw refuse("has no shape that fits")
      }
    }
    let common = try commonShape([shape(of: x), extents])
    guard TensorType(common).isAddressable else { throw refuse("makes a tensor that is too large") }
    return try result(broadcast(x, to: common))
  }

  func tile() throws(ImportProblem) -> [ImportedValue] {
    var value = try tensor(0)
    guard let repeats = try integers(1), repeats.count == shape(of: value).count,
      repeats.allSatisfy({ (1...1024).contains($0) })
    else { throw refuse("repeats along other axes than there are") }
    for (axis, count) in repeats.enumerated() where count > 1 {
      _ = try extent(value, axis)
      value = try emit(Concat(axis: axis), Array(repeating: value, count: count))
    }
    return result(value)
  }

  func pad() throws(ImportProblem) -> [ImportedValue] {
    var value = try tensor(0)
    let rank = shape(of: value).count
    guard let pads = try operatorSet < 11 ? integers("pads") : integers(1) else {
      throw refuse("lacks its pads")
    }
    let filling = try operatorSet < 11 ? float("value", 0) : (numbers(2)?.first ?? 0)
    let axes = try operatorSet < 18 ? nil : integers(3)
    let mode = try string("mode", "constant")
    let count = axes?.count ?? rank
    guard pads.count == 2 * count, pads.allSatisfy({ abs($0) <= 1 << 20 }) else {
      throw refuse("has `pads` \(pads)")
    }
    for index in 0..<count {
      let axis = try axis(axes?[index] ?? index, rank: rank)
      let (before, after) = (pads[index], pads[count + index])
      if before == 0, after == 0 { continue }
      if mode == "constant" {
        value = try padded(value, axis: axis, before: before, after: after, with: filling)
        continue
      }
      let extent = try extent(value, axis)
      guard extent + before + after > 0 else { throw refuse("cuts off more than there is") }
      let range = -before..<extent + after
      let places: [Int]
      switch mode {
      case "edge": places = range.map { min(max($0, 0), extent - 1) }
      case "wrap": places = range.map { (($0 % extent) + extent) % extent }
      case "reflect":
        guard extent > 1 || range == 0..<1 else { throw refuse("mirrors an axis of one") }
        let period = max(1, 2 * (extent - 1))
        places = range.map { place in
          let phase = ((place % period) + period) % period
          return phase < extent ? phase : period - phase
        }
      default: throw refuse("has `mode` \(quotedForDisplay(mode))")
      }
      value = try select(value, axis: axis, places)
    }
    return result(value)
  }
}

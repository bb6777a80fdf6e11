import GraphIR

/// Sums, averages, products of matrices.
extension ImportNode {
  /// A sum or an average over axes, with a function before it and one after it.
  func reduce(
    mean: Bool, before: UnaryKind? = nil, after: UnaryKind? = nil
  ) throws(ImportProblem) -> [ImportedValue] {
    var value = try tensor(0)
    let shape = shape(of: value)
    let written = try axes(input: 1, rank: shape.count)
    if written?.isEmpty ?? true, try integer("noop_with_empty_axes", 0) != 0 {
      for function in [before, after].compactMap({ $0 }) { value = try unary(function, nil, value) }
      return result(value)
    }
    let axes = Set(written ?? []).isEmpty ? Array(shape.indices) : Set(written ?? []).sorted()
    if let before { value = try unary(before, nil, value) }
    if !axes.isEmpty { value = try emit(Reduce(axes: axes, mean: mean), value) }
    if let after { value = try unary(after, nil, value) }
    if try integer("keepdims", 1) != 0 {
      value = try reshape(value, shape.enumerated().map { axes.contains($0) ? 1 : $1 })
    }
    return result(value)
  }

  /// The largest or smallest of known whole numbers.
  func extreme(_ combine: (Int, Int) -> Int) throws(ImportProblem) -> [ImportedValue] {
    guard case .integers(let tensor)? = input(0), let numbers = tensor.numbers, let first = numbers.first
    else {
      throw refuse("has a form for known whole numbers alone")
    }
    let axes = try axes(input: 1, rank: tensor.shape.count) ?? Array(tensor.shape.indices)
    guard Set(axes).count == tensor.shape.count else { throw refuse("has a form over all axes alone") }
    let shape = try integer("keepdims", 1) != 0 ? tensor.shape.map { _ in 1 } : []
    return [.integers(IntegerTensor(shape: shape, [SymbolicInteger(numbers.reduce(first, combine))]))]
  }

  func softmax(isLog: Bool) throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let axis = try axis(integer("axis", operatorSet < 13 ? 1 : -1), rank: shape.count)
    if operatorSet < 13, axis != shape.count - 1 {
      // The axes from there on are one.
      let inner = TensorType(Array(shape[axis...]))
      guard !inner.shape.contains(.batch) else { throw refuse("runs over the batch") }
      let rows = try reshape(x, Array(shape[..<axis]) + [.fixed(inner.elementCount(batch: 1))])
      return try result(reshape(emit(Softmax(isLog: isLog), rows), shape))
    }
    if axis == shape.count - 1 { return try result(emit(Softmax(isLog: isLog), x)) }
    var order = Array(shape.indices)
    order.swapAt(axis, shape.count - 1)
    let turned = try emit(Permute(order: order), x)
    let value = try emit(Permute(order: order), emit(Softmax(isLog: isLog), turned))
    if axis > 0 { layer(isLog ? "log_softmax" : "softmax", [("dim", "\(axis)")], of: [x]) }
    return result(value)
  }

  // MARK: Products

  func gemm() throws(ImportProblem) -> [ImportedValue] {
    let (alpha, beta) = try (float("alpha", 1), float("beta", 1))
    let (left, right) = try (integer("transA", 0) != 0, integer("transB", 0) != 0)
    let x = try tensor(0)
    // The layer has its weight with an output a row.
    let isLinear = alpha == 1 && beta == 1 && !left
    var value: ValueID
    if isLinear, !right, let weight = knownConstant(1), weight.shape.count == 2,
      case .constant(_, let name)? = input(1)
    {
      let turned = Permute(order: [1, 0]).evaluate(
        [weight], results: [weight.shape.reversed()], batch: 1)[0]
      value = try emit(Matmul(transposeRight: true), x, importer.parameter(turned, named: name))
    } else {
      value = try emit(Matmul(transposeLeft: left, transposeRight: right), x, tensor(1))
    }
    value = try affine(scale: alpha, value)
    guard input(2) != nil, beta != 0 else { return result(value) }
    let shape = shape(of: value)
    let bias = try affine(scale: beta, tensor(2))
    let extents = self.shape(of: bias)
    if extents == [shape[1]] || extents == [1, shape[1]] {
      return try result(emit(BiasAdd(), value, reshape(bias, [shape[1]])))
    }
    return try result(emit(Binary(.add), value, broadcast(bias, to: shape)))
  }

  func matrixProduct() throws(ImportProblem) -> [ImportedValue] {
    var (left, right) = try (tensor(0), tensor(1))
    let (leftRank, rightRank) = (shape(of: left).count, shape(of: right).count)
    guard leftRank > 0, rightRank > 0 else { throw refuse("multiplies single numbers") }
    // A vector is a matrix of one row, or one column.
    if leftRank == 1 { left = try reshape(left, [1] + shape(of: left)) }
    if rightRank == 1 { right = try reshape(right, shape(of: right) + [1]) }
    let value = try product(left, right)
    var shape = shape(of: value)
    if rightRank == 1 { shape.removeLast() }
    if leftRank == 1 { shape.remove(at: shape.count - (rightRank == 1 ? 1 : 2)) }
    return try result(reshape(value, shape))
  }

  private func product(_ left: ValueID, _ right: ValueID) throws(ImportProblem) -> ValueID {
    let (leftShape, rightShape) = (shape(of: left), shape(of: right))
    if leftShape.count == 2, rightShape.count == 2 {
      // The layer has its weight with an output a row.
      if let weight = knownConstant(1), weight.shape.count == 2, case .constant(_, let name)? = input(1),
        case .tensor? = input(0)
      {
        let turned = Permute(order: [1, 0]).evaluate(
          [weight], results: [weight.shape.reversed()], batch: 1)[0]
        return try emit(Matmul(transposeRight: true), left, importer.parameter(turned, named: name))
      }
      return try emit(Matmul(), left, right)
    }
    let outer = try commonShape([Array(leftShape.dropLast(2)), Array(rightShape.dropLast(2))])
    let (lefts, rights) = try (
      broadcast(left, to: outer + leftShape.suffix(2)), broadcast(right, to: outer + rightShape.suffix(2))
    )
    let result = outer + [leftShape[leftShape.count - 2], rightShape[rightShape.count - 1]]
    if outer.count == 1 { return try emit(Matmul(), lefts, rights) }
    guard !outer.contains(.batch) || outer.allSatisfy({ $0 == .batch || $0 == 1 }) else {
      return try perMatrix(lefts, rights, outer, result)
    }
    let count: Dimension = outer.contains(.batch) ? .batch : .fixed(TensorType(outer).elementCount(batch: 1))
    let product = try emit(
      Matmul(), reshape(lefts, [count] + leftShape.suffix(2)), reshape(rights, [count] + rightShape.suffix(2))
    )
    return try reshape(product, result)
  }

  /// Products of matrices for each image and each of a few places, such as the heads of attention.
  private func perMatrix(
    _ lefts: ValueID, _ rights: ValueID, _ outer: [Dimension], _ shape: [Dimension]
  ) throws(ImportProblem) -> ValueID {
    guard outer.count == 2, outer[0] == .batch, let count = outer[1].fixedExtent, count <= 64 else {
      throw refuse("multiplies matrices along more axes than graphc has products for")
    }
    var products: [ValueID] = []
    for index in 0..<count {
      func part(_ value: ValueID) throws(ImportProblem) -> ValueID {
        let extents = self.shape(of: value)
        return try reshape(emit(Slice(axis: 1, start: index, count: 1), value), [.batch] + extents.suffix(2))
      }
      let product = try emit(Matmul(), part(lefts), part(rights))
      products.append(try reshape(product, [.batch, 1] + shape.suffix(2)))
    }
    return products.count == 1 ? products[0] : try emit(Concat(axis: 1), products)
  }
}

import GraphIR

/// How the windows of convolutions and poolings lie, along each axis of the images.
struct WindowGeometry {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  var before: [Int]
  var after: [Int]

  var isSymmetric: Bool { before == after }
  func size(_ values: [Int]) -> Size2 { Size2(values[0], values[1]) }
}

extension ImportNode {
  /// Images of one axis get a second one of extent 1; the geometry then has both.
  func image(_ value: ValueID) throws(ImportProblem) -> (image: ValueID, isLine: Bool) {
    let shape = shape(of: value)
    switch shape.count {
    case 4: return (value, false)
    case 3: return (try reshape(value, [shape[0], shape[1], 1, shape[2]]), true)
    default: throw refuse("is of \(max(0, shape.count - 2)) axes; images have two, and lines one")
    }
  }

  /// The result of an image operation in the shape of what went in.
  func flattened(_ value: ValueID, isLine: Bool) throws(ImportProblem) -> ValueID {
    guard isLine else { return value }
    let shape = shape(of: value)
    return try reshape(value, [shape[0], shape[1], shape[3]])
  }

  /// The windows by the node's attributes; `before` and `after` are what it pads, `auto_pad` worked out.
  ///
  /// - Parameter extents: Of the images that the windows lie on: the input's, two of them.
  func window(kernel: [Int], on extents: [Int], isLine: Bool) throws(ImportProblem) -> WindowGeometry {
    func pair(_ name: String, _ standard: Int) throws(ImportProblem) -> [Int] {
      let values = try integers(name) ?? Array(repeating: standard, count: isLine ? 1 : 2)
      guard values.count == (isLine ? 1 : 2), values.allSatisfy({ $0 > 0 && $0 <= 1 << 20 }) else {
        throw refuse("has `\(name)` \(values)")
      }
      return isLine ? [1] + values : values
    }
    var geometry = WindowGeometry(
      kernel: kernel, strides: try pair("strides", 1), dilations: try pair("dilations", 1), before: [0, 0],
      after: [0, 0])
    let automatic = try string("auto_pad", "NOTSET")
    switch automatic {
    case "NOTSET":
      let pads = try integers("pads") ?? Array(repeating: 0, count: isLine ? 2 : 4)
      guard pads.count == (isLine ? 2 : 4), pads.allSatisfy({ (0...1 << 20).contains($0) }) else {
        throw refuse("has `pads` \(pads)")
      }
      geometry.before = isLine ? [0, pads[0]] : Array(pads[..<2])
      geometry.after = isLine ? [0, pads[1]] : Array(pads[2...])
    case "VALID": break
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<2 {
        let stride = geometry.strides[axis]
        let reach = geometry.dilations[axis] * (kernel[axis] - 1) + 1
        let outputs = (extents[axis] + stride - 1) / stride
        let total = max(0, (outputs - 1) * stride + reach - extents[axis])
        geometry.before[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
        geometry.after[axis] = total - geometry.before[axis]
      }
    default: throw refuse("has `auto_pad` \(quotedForDisplay(automatic))")
    }
    return geometry
  }

  private func weight(isLine: Bool) throws(ImportProblem) -> (value: ValueID, extents: [Int]) {
    let weight = try tensor(1)
    let extents = shape(of: weight).map { $0.fixedExtent ?? 0 }
    guard extents.count == (isLine ? 3 : 4), !extents.contains(0) else {
      throw refuse("has a weight of \(extents.count) axes")
    }
    guard isLine else { return (weight, extents) }
    let wide = [extents[0], extents[1], 1, extents[2]]
    return (try reshape(weight, wide.map(Dimension.fixed)), wide)
  }

  private func withBias(_ value: ValueID) throws(ImportProblem) -> ValueID {
    guard input(2) != nil else { return value }
    return try emit(BiasAdd(), value, tensor(2))
  }

  private func imageExtents(_ value: ValueID) throws(ImportProblem) -> [Int] {
    [try extent(value, 2), try extent(value, 3)]
  }

  func convolution() throws(ImportProblem) -> [ImportedValue] {
    var (x, isLine) = try image(tensor(0))
    let (weight, extents) = try weight(isLine: isLine)
    let geometry = try window(kernel: [extents[2], extents[3]], on: imageExtents(x), isLine: isLine)
    var padding = Size2(0)
    if geometry.isSymmetric {
      padding = geometry.size(geometry.before)
    } else {
      for axis in 0..<2 {
        x = try padded(x, axis: axis + 2, before: geometry.before[axis], after: geometry.after[axis], with: 0)
      }
    }
    let convolution = Conv2D(
      ConvolutionGeometry(
        stride: geometry.size(geometry.strides), padding: padding,
        dilation: geometry.size(geometry.dilations),
        groups: try integer("group", 1)))
    return try result(flattened(withBias(emit(convolution, x, weight)), isLine: isLine))
  }

  func transposedConvolution() throws(ImportProblem) -> [ImportedValue] {
    let (x, isLine) = try image(tensor(0))
    let (weight, extents) = try weight(isLine: isLine)
    let sizes = try imageExtents(x)
    let written = try integers("output_padding") ?? Array(repeating: 0, count: isLine ? 1 : 2)
    guard written.count == (isLine ? 1 : 2), written.allSatisfy({ (0...1 << 20).contains($0) }) else {
      throw refuse("has `output_padding` \(written)")
    }
    var extra = isLine ? [0] + written : written
    var geometry = try window(kernel: [extents[2], extents[3]], on: sizes, isLine: isLine)
    let automatic = try string("auto_pad", "NOTSET")
    // Without any padding the result would have so many rows and columns.
    var full: [Int] = []
    for axis in 0..<2 {
      let reach = geometry.dilations[axis] * (geometry.kernel[axis] - 1) + 1
      full.append((sizes[axis] - 1) * geometry.strides[axis] + reach)
    }
    var outputs = try integers("output_shape").map { isLine ? [1] + $0.suffix(1) : Array($0.suffix(2)) }
    if outputs == nil, automatic.hasPrefix("SAME") {
      outputs = (0..<2).map { sizes[$0] * geometry.strides[$0] }
    }
    if let outputs {
      guard outputs.count == 2 else { throw refuse("has an `output_shape` of other axes") }
      for axis in 0..<2 {
        let total = full[axis] + extra[axis] - outputs[axis]
        geometry.before[axis] = max(0, automatic == "SAME_UPPER" ? total / 2 : total - total / 2)
        geometry.after[axis] = max(0, total) - geometry.before[axis]
        if total < 0 { extra[axis] -= total }
      }
    }
    let groups = try integer("group", 1)
    let isPlain = geometry.isSymmetric && (0..<2).allSatisfy { extra[$0] < geometry.strides[$0] }
    let convolution = ConvTranspose2D(
      ConvolutionGeometry(
        stride: geometry.size(geometry.strides), padding: isPlain ? geometry.size(geometry.before) : 0,
        dilation: geometry.size(geometry.dilations), groups: groups),
      outputPadding: isPlain ? geometry.size(extra) : 0)
    var value = try emit(convolution, x, weight)
    if !isPlain {
      for axis in 0..<2 {
        value = try padded(
          value, axis: axis + 2, before: -geometry.before[axis], after: extra[axis] - geometry.after[axis],
          with: 0)
      }
    }
    return try result(flattened(withBias(value), isLine: isLine))
  }
}

import GraphIR

/// Images of other sizes.
extension ImportNode {
  /// How one axis is resized.
  private struct AxisScale {
    var input: Int
    var output: Int
    /// As the file says it; output over input where the file says sizes.
    var scale: Double
  }

  func upsample() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let scales = try operatorSet < 9 ? floats("scales") : constant(1)?.values
    guard let scales else { throw refuse("lacks its scales") }
    return try resized(x, scales: scales, axes: nil, coordinates: "asymmetric", rounding: "floor")
  }

  func resize() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    if operatorSet < 11 {
      guard let scales = try constant(1)?.values else { throw refuse("lacks its scales") }
      return try resized(x, scales: scales, axes: nil, coordinates: "asymmetric", rounding: "floor")
    }
    let rank = shape(of: x).count
    let axes = try integers("axes")
    var resolved: [Int]?
    if let axes {
      var list: [Int] = []
      for axis in axes { list.append(try self.axis(axis, rank: rank)) }
      resolved = list
    }
    let coordinates = try string("coordinate_transformation_mode", "half_pixel")
    let rounding = try string("nearest_mode", "round_prefer_floor")
    if case .constant(let scales, _)? = input(2), !scales.values.isEmpty {
      return try resized(
        x, scales: scales.values, axes: resolved, coordinates: coordinates, rounding: rounding)
    }
    guard let sizes = try symbolic(3) else { throw refuse("lacks scales and sizes") }
    return try resized(x, sizes: sizes.values, axes: resolved, coordinates, rounding)
  }

  private func resized(
    _ x: ValueID, scales: [Double], axes: [Int]?, coordinates: String, rounding: String
  ) throws(ImportProblem) -> [ImportedValue] {
    let shape = shape(of: x)
    let axes = axes ?? Array(shape.indices)
    guard axes.count == scales.count, scales.allSatisfy({ $0 > 0 && $0 < 1e6 }) else {
      throw refuse("has scales \(scales) for a tensor of \(shape.count) axes")
    }
    var plan: [Int: AxisScale] = [:]
    for (axis, scale) in zip(axes, scales) where scale != 1 {
      let extent = try extent(x, axis)
      plan[axis] = AxisScale(
        input: extent, output: Int((Double(extent) * scale).rounded(.down)), scale: scale)
    }
    return try resized(x, plan, coordinates, rounding)
  }

  private func resized(
    _ x: ValueID, sizes: [SymbolicInteger], axes: [Int]?, _ coordinates: String, _ rounding: String
  ) throws(ImportProblem) -> [ImportedValue] {
    let shape = shape(of: x)
    let axes = axes ?? Array(shape.indices)
    guard axes.count == sizes.count else { throw refuse("has sizes for other axes than there are") }
    let policy = try string("keep_aspect_ratio_policy", "stretch")
    var wanted: [(axis: Int, size: Int)] = []
    for (axis, size) in zip(axes, sizes) {
      // The batch keeps its size, which a file may say as a number.
      if shape[axis] == .batch { continue }
      guard let number = size.number, number > 0 else { throw refuse("has a size that is not known") }
      wanted.append((axis, number))
    }
    var plan: [Int: AxisScale] = [:]
    var ratios: [Double] = []
    for (axis, size) in wanted { ratios.append(Double(size) / Double(try extent(x, axis))) }
    let common: Double?
    switch policy {
    case "stretch": common = nil
    case "not_larger": common = ratios.min()
    case "not_smaller": common = ratios.max()
    default: throw refuse("has `keep_aspect_ratio_policy` \(quotedForDisplay(policy))")
    }
    for (axis, size) in wanted {
      let extent = try extent(x, axis)
      let output = common.map { Int((Double(extent) * $0).rounded()) } ?? size
      if output != extent {
        plan[axis] = AxisScale(
          input: extent, output: output, scale: common ?? Double(output) / Double(extent))
      }
    }
    return try resized(x, plan, coordinates, rounding)
  }

  private func resized(
    _ x: ValueID, _ plan: [Int: AxisScale], _ coordinates: String, _ rounding: String
  ) throws(ImportProblem) -> [ImportedValue] {
    for (_, axis) in plan where axis.output < 1 || axis.output > 1 << 16 {
      throw refuse("makes an axis of \(axis.output)")
    }
    if coordinates == "align_corners",
      plan.values.contains(where: { abs($0.scale * Double($0.input) - Double($0.output)) > 1e-6 })
    {
      throw refuse("aligns the corners of a size with a fraction, which programs read differently")
    }
    let mode = try string("mode", "nearest")
    switch mode {
    case "nearest": return try result(nearest(x, plan, coordinates, rounding))
    case "linear", "cubic":
      return try result(interpolated(x, plan, coordinates, isCubic: mode == "cubic"))
    default: throw refuse("has `mode` \(quotedForDisplay(mode))")
    }
  }

  /// Where an output lies among the inputs of its axis.
  private func place(_ output: Int, _ axis: AxisScale, _ mode: String) throws(ImportProblem) -> Double {
    let o = Double(output)
    switch mode {
    case "asymmetric": return o / axis.scale
    case "half_pixel": return (o + 0.5) / axis.scale - 0.5
    case "pytorch_half_pixel": return axis.output > 1 ? (o + 0.5) / axis.scale - 0.5 : 0
    case "align_corners":
      return axis.output > 1 ? o * Double(axis.input - 1) / Double(axis.output - 1) : 0
    case "half_pixel_symmetric":
      let adjustment = Double(axis.output) / (axis.scale * Double(axis.input))
      let offset = Double(axis.input) / 2 * (1 - adjustment)
      return offset + (o + 0.5) / axis.scale - 0.5
    default: throw refuse("has `coordinate_transformation_mode` \(quotedForDisplay(mode))")
    }
  }

  private func nearest(
    _ x: ValueID, _ plan: [Int: AxisScale], _ coordinates: String, _ rounding: String
  ) throws(ImportProblem) -> ValueID {
    var value = x
    var repeats = [1, 1]
    for (axis, scale) in plan.sorted(by: { $0.key < $1.key }) {
      var places: [Int] = []
      for output in 0..<scale.output {
        let place = try place(output, scale, coordinates)
        let rounded: Double
        switch rounding {
        case "floor": rounded = place.rounded(.down)
        case "ceil": rounded = place.rounded(.up)
        case "round_prefer_floor": rounded = (place - 0.5).rounded(.up)
        case "round_prefer_ceil": rounded = (place + 0.5).rounded(.down)
        default: throw refuse("has `nearest_mode` \(quotedForDisplay(rounding))")
        }
        places.append(min(max(Int(rounded), 0), scale.input - 1))
      }
      let factor = scale.output / scale.input
      let isRepeat =
        scale.output % scale.input == 0 && places.indices.allSatisfy { places[$0] == $0 / factor }
      if isRepeat, shape(of: x).count == 4, axis >= 2 {
        repeats[axis - 2] = factor
      } else {
        value = try select(value, axis: axis, places)
      }
    }
    if repeats == [1, 1] { return value }
    return try emit(UpsampleNearest(scale: Size2(repeats[0], repeats[1])), value)
  }

  private func interpolated(
    _ x: ValueID, _ plan: [Int: AxisScale], _ coordinates: String, isCubic: Bool
  ) throws(ImportProblem) -> ValueID {
    guard try integer("antialias", 0) == 0 else { throw refuse("smooths as it shrinks (`antialias`)") }
    var value = x
    let isImage = shape(of: x).count == 4
    for (axis, scale) in plan.sorted(by: { $0.key < $1.key }) {
      let isOurs =
        coordinates == "align_corners"
        || (coordinates == "half_pixel" || coordinates == "pytorch_half_pixel" && scale.output > 1)
          && abs(scale.scale * Double(scale.input) - Double(scale.output)) < 1e-6
      if !isCubic, isImage, axis >= 2, isOurs {
        value = try emit(
          Interpolate(axis: axis, size: scale.output, alignsCorners: coordinates == "align_corners"), value)
      } else {
        value = try weighted(value, axis: axis, scale, coordinates, isCubic: isCubic)
      }
    }
    return value
  }

  /// An axis through a matrix: each output is a weighted sum of inputs.
  private func weighted(
    _ value: ValueID, axis: Int, _ scale: AxisScale, _ coordinates: String, isCubic: Bool
  ) throws(ImportProblem) -> ValueID {
    let excludesOutside = try integer("exclude_outside", 0) != 0
    let a = try float("cubic_coeff_a", -0.75)
    guard scale.input * scale.output <= 1 << 22 else { throw refuse("is too large to write out") }
    var matrix = [Double](repeating: 0, count: scale.input * scale.output)
    for output in 0..<scale.output {
      let place = try place(output, scale, coordinates)
      let first = place.rounded(.down)
      let fraction = place - first
      let taps: [(offset: Int, weight: Double)] =
        isCubic
        ? (-1...2).map { ($0, Self.cubic(abs(fraction - Double($0)), a)) }
        : [(0, 1 - fraction), (1, fraction)]
      var row = [Double](repeating: 0, count: scale.input)
      var sum = 0.0
      for (offset, weight) in taps {
        let place = Int(first) + offset
        if excludesOutside, !(0..<scale.input).contains(place) { continue }
        row[min(max(place, 0), scale.input - 1)] += weight
        sum += weight
      }
      for (input, weight) in row.enumerated() { matrix[input * scale.output + output] = weight / sum }
    }
    let shape = shape(of: value)
    var order = Array(shape.indices)
    order.swapAt(axis, shape.count - 1)
    let turned = order == Array(shape.indices) ? value : try emit(Permute(order: order), value)
    let outer = Array(self.shape(of: turned).dropLast())
    // Matrices one batch, or all rows one matrix.
    let rows: [Dimension] =
      outer.first == .batch
      ? [.batch, .fixed(TensorType(Array(outer.dropFirst())).elementCount(batch: 1))]
      : [.fixed(TensorType(outer).elementCount(batch: 1))]
    let weights = importer.parameter(
      ReferenceTensor(shape: [scale.input, scale.output], values: matrix), named: "\(name).weights\(axis)")
    let flat = try reshape(turned, rows + [.fixed(scale.input)])
    let factor = rows.count == 2 ? try broadcast(weights, to: [.batch] + self.shape(of: weights)) : weights
    let product = try reshape(emit(Matmul(), flat, factor), outer + [.fixed(scale.output)])
    return order == Array(shape.indices) ? product : try emit(Permute(order: order), product)
  }

  /// Keys' cubic kernel.
  private static func cubic(_ x: Double, _ a: Double) -> Double {
    if x <= 1 { return (a + 2) * x * x * x - (a + 3) * x * x + 1 }
    if x < 2 { return a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a }
    return 0
  }
}

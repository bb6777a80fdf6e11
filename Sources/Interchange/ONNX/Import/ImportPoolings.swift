import GraphIR

extension ImportNode {
  /// The windows of a pooling, with the rows and columns behind the end that rounding up asks for.
  private func poolingWindow(
    _ x: ValueID, isLine: Bool
  ) throws(ImportProblem) -> (geometry: WindowGeometry, overhang: [Int]) {
    guard let written = try integers("kernel_shape"), written.count == (isLine ? 1 : 2),
      written.allSatisfy({ $0 > 0 && $0 <= 1 << 20 })
    else { throw refuse("has no `kernel_shape` that fits") }
    let sizes = [try extent(x, 2), try extent(x, 3)]
    let kernel = isLine ? [1] + written : written
    let geometry = try window(kernel: kernel, on: sizes, isLine: isLine)
    guard geometry.dilations == [1, 1] else {
      throw refuse("has dilated windows, which graphc's poolings lack")
    }
    var overhang = [0, 0]
    if try integer("ceil_mode", 0) != 0, try string("auto_pad", "NOTSET") == "NOTSET" {
      for axis in 0..<2 {
        let stride = geometry.strides[axis]
        let padded = sizes[axis] + geometry.before[axis] + geometry.after[axis]
        let room = padded - kernel[axis]
        guard room >= 0 else { throw refuse("has windows larger than the image") }
        var steps = (room + stride - 1) / stride
        // A window that would begin behind the image and its padding is none.
        if steps * stride >= sizes[axis] + geometry.before[axis] { steps -= 1 }
        overhang[axis] = max(0, steps * stride - room)
      }
    }
    return (geometry, overhang)
  }

  func averagePool() throws(ImportProblem) -> [ImportedValue] {
    let (x, isLine) = try image(tensor(0))
    let (geometry, overhang) = try poolingWindow(x, isLine: isLine)
    let countsPadding = try integer("count_include_pad", 0) != 0
    let (kernel, stride) = (geometry.size(geometry.kernel), geometry.size(geometry.strides))
    let isUnpadded = geometry.before == [0, 0] && geometry.after == [0, 0]
    if geometry.isSymmetric, overhang == [0, 0], isHalfAtMost(geometry) {
      let pool = AvgPool2D(
        kernelSize: kernel, stride: stride, padding: geometry.size(geometry.before),
        countIncludePad: countsPadding || isUnpadded)
      return try result(flattened(emit(pool, x), isLine: isLine))
    }
    // The sum of each window over how many of its numbers count.
    let pool = AvgPool2D(kernelSize: kernel, stride: stride)
    func pooled(_ value: ValueID, counting: Bool) throws(ImportProblem) -> ValueID {
      var value = value
      for axis in 0..<2 {
        value = try padded(
          value, axis: axis + 2, before: geometry.before[axis], after: geometry.after[axis],
          with: counting && countsPadding ? 1 : 0)
        value = try padded(value, axis: axis + 2, before: 0, after: overhang[axis], with: 0)
      }
      return try emit(pool, value)
    }
    let average = try pooled(x, counting: false)
    let ones = try emit(Constant(value: 1, shape: [1, 1] + shape(of: x)[2...]), [])
    let share = try pooled(ones, counting: true)
    let value = try emit(Binary(.divide), average, broadcast(share, to: shape(of: average)))
    return try result(flattened(value, isLine: isLine))
  }

  /// Whether no window lies in the padding alone.
  private func isHalfAtMost(_ geometry: WindowGeometry) -> Bool {
    zip(geometry.before, geometry.kernel).allSatisfy { 2 * $0 <= $1 }
  }

  func maxPool() throws(ImportProblem) -> [ImportedValue] {
    guard node.outputs.count == 1 else {
      throw refuse("tells where its maxima lie, which graphc's poolings do not")
    }
    guard try integer("storage_order", 0) == 0 else { throw refuse("counts columns first") }
    var (x, isLine) = try image(tensor(0))
    let (geometry, overhang) = try poolingWindow(x, isLine: isLine)
    var padding = geometry.size(geometry.before)
    if !geometry.isSymmetric || overhang != [0, 0] || !isHalfAtMost(geometry) {
      padding = 0
      for axis in 0..<2 {
        x = try padded(
          x, axis: axis + 2, before: geometry.before[axis], after: geometry.after[axis] + overhang[axis],
          with: -.infinity)
      }
    }
    let pool = MaxPool2D(
      kernelSize: geometry.size(geometry.kernel), stride: geometry.size(geometry.strides), padding: padding)
    return try result(flattened(emit(pool, x), isLine: isLine))
  }

  func globalAveragePool() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    guard shape.count > 2 else { throw refuse("is of a tensor of \(shape.count) axes") }
    let mean = try emit(Reduce(axes: Array(2..<shape.count), mean: true), x)
    return try result(reshape(mean, shape[..<2] + Array(repeating: 1, count: shape.count - 2)))
  }

  func globalMaxPool() throws(ImportProblem) -> [ImportedValue] {
    let (x, isLine) = try image(tensor(0))
    let kernel = Size2(try extent(x, 2), try extent(x, 3))
    return try result(flattened(emit(MaxPool2D(kernelSize: kernel, stride: kernel), x), isLine: isLine))
  }

  // MARK: Pixels and channels

  func depthToSpace() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let size = try integer("blocksize", 0)
    guard shape.count == 4, size > 0, size <= 1024, let channels = shape[1].fixedExtent,
      channels % (size * size) == 0
    else { throw refuse("has blocks that do not divide its channels") }
    let (height, width) = (try extent(x, 2), try extent(x, 3))
    let isColumnsFirst = try string("mode", "DCR") == "CRD"
    let output = channels / (size * size)
    let split = isColumnsFirst ? [output, size, size, height, width] : [size, size, output, height, width]
    let order = isColumnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    let turned = try emit(
      Permute(order: order), reshape(x, [shape[0]] + split.map(Dimension.fixed)))
    let value = try reshape(turned, [shape[0], .fixed(output), .fixed(height * size), .fixed(width * size)])
    if isColumnsFirst { layer("pixel_shuffle", [("upscale_factor", "\(size)")], of: [x]) }
    return result(value)
  }

  func spaceToDepth() throws(ImportProblem) -> [ImportedValue] {
    let x = try tensor(0)
    let shape = shape(of: x)
    let size = try integer("blocksize", 0)
    guard shape.count == 4, size > 0, size <= 1024, let channels = shape[1].fixedExtent else {
      throw refuse("is of a tensor of \(shape.count) axes")
    }
    let (height, width) = (try extent(x, 2), try extent(x, 3))
    guard height % size == 0, width % size == 0 else {
      throw refuse("has blocks that do not divide the image")
    }
    let split = [channels, height / size, size, width / size, size]
    let order = try string("mode", "DCR") == "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
    let turned = try emit(
      Permute(order: order), reshape(x, [shape[0]] + split.map(Dimension.fixed)))
    return try result(
      reshape(
        turned, [shape[0], .fixed(channels * size * size), .fixed(height / size), .fixed(width / size)]))
  }
}

import CKernels
import GraphIR

/// Kernels of the ops that move, repeat and add up elements.
extension KernelBinder {
  mutating func bindReduce(_ op: Reduce, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let (inExtents, inStrides, outStrides) = (extents(x), strides(x), strides(y))
    var reducedStrides = Array(repeating: 0, count: inExtents.count)
    for (position, axis) in inExtents.indices.filter({ !op.axes.contains($0) }).enumerated() {
      reducedStrides[axis] = outStrides[position]
    }
    let order = memoryOrder(x)
    let count = op.axes.reduce(1) { $0 * inExtents[$1] }
    let walk = StridedWalk(
      dims: order.map { inExtents[$0] }, xStrides: order.map { inStrides[$0] },
      yStrides: order.map { reducedStrides[$0] })
    let innermost = order.last.map { inExtents[$0] } ?? 1
    call(
      .reduceSum(
        walk, scale: op.mean ? 1 / Float(count) : 1, x: region(x), y: region(y),
        workspace: workspace(bytes: ck_reduce_workspace_bytes(self.count(x), innermost))))
  }

  mutating func bindBroadcast(_ op: Broadcast, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let (outExtents, outStrides, inStrides) = (extents(y), strides(y), strides(x))
    var repeated = Array(repeating: 0, count: outExtents.count)
    for (position, axis) in outExtents.indices.filter({ !op.axes.contains($0) }).enumerated() {
      repeated[axis] = inStrides[position]
    }
    var source = region(x)
    if op.mean {
      let copies = op.axes.reduce(1) { $0 * outExtents[$1] }
      let scaled = workspace(bytes: source.count * 4)
      call(.affine(count: source.count, scale: 1 / Float(copies), offset: 0, x: source, y: scaled))
      source = scaled
    }
    let order = memoryOrder(y)
    call(
      .broadcast(
        StridedWalk(
          dims: order.map { outExtents[$0] }, xStrides: order.map { repeated[$0] },
          yStrides: order.map { outStrides[$0] }), x: source, y: region(y)))
  }

  /// The elements keep their logical order, which the layout of images does not.
  mutating func bindReshape(_ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let source = reordered(x)
    let target = reordered(y)
    switch (source, target) {
    case (nil, nil): copyIfApart(region(x), region(y))
    case (let image?, nil):
      call(
        .toRowMajor(
          batch: image.batch, channels: image.channels, pixels: image.pixels, x: region(x), y: region(y)))
    case (nil, let image?):
      call(
        .toChannelsLast(
          batch: image.batch, channels: image.channels, pixels: image.pixels, x: region(x), y: region(y)))
    case (let from?, let to?):
      let between = workspace(bytes: count(x) * 4)
      call(
        .toRowMajor(batch: from.batch, channels: from.channels, pixels: from.pixels, x: region(x), y: between)
      )
      call(
        .toChannelsLast(batch: to.batch, channels: to.channels, pixels: to.pixels, x: between, y: region(y)))
    }
  }

  mutating func bindRelayout(to layout: Layout, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    if type(x).layout == layout { return copyIfApart(region(x), region(y)) }
    let e = extents(x)
    switch layout {
    case .channelsLast:
      call(.toChannelsLast(batch: e[0], channels: e[1], pixels: e[2] * e[3], x: region(x), y: region(y)))
    case .rowMajor:
      call(.toRowMajor(batch: e[0], channels: e[1], pixels: e[2] * e[3], x: region(x), y: region(y)))
    }
  }

  /// The extents of an image whose elements lie in another order than the logical one.
  private func reordered(_ value: ValueID) -> (batch: Int, channels: Int, pixels: Int)? {
    if type(value).hasLogicalOrder { return nil }
    let e = extents(value)
    return (e[0], e[1], e[2] * e[3])
  }

  mutating func bindConcat(_ op: Concat, _ node: Node) {
    let y = node.results[0]
    let outStrides = strides(y)
    var start = 0
    for x in node.operands {
      copyPart(
        walking: x, from: region(x), strides(x),
        to: part(region(y), offset: start * outStrides[op.axis]), outStrides)
      start += extents(x)[op.axis]
    }
  }

  mutating func bindSlice(_ op: Slice, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let inStrides = strides(x)
    copyPart(
      walking: y, from: part(region(x), offset: op.start * inStrides[op.axis]), inStrides,
      to: region(y), strides(y))
  }

  mutating func bindPad(_ op: Pad, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let outStrides = strides(y)
    call(.fill(count: count(y), value: 0, y: region(y)))
    copyPart(
      walking: x, from: region(x), strides(x),
      to: part(region(y), offset: op.before * outStrides[op.axis]), outStrides)
  }

  mutating func bindPermute(_ op: Permute, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let source = strides(x)
    copyPart(walking: y, from: region(x), op.order.map { source[$0] }, to: region(y), strides(y))
  }

  mutating func bindInterpolate(_ op: Interpolate, _ node: Node) {
    let (x, y) = (node.operands[0], node.results[0])
    let e = extents(x)
    let (small, large) = op.isAdjoint ? (op.size, e[op.axis]) : (e[op.axis], op.size)
    // Channels are innermost.
    let shape = ck_interpolation(
      outer: op.axis == 2 ? e[0] : e[0] * e[2], small: small, large: large,
      inner: op.axis == 2 ? e[3] * e[1] : e[1], align_corners: op.alignsCorners)
    call(.interpolate(shape, isAdjoint: op.isAdjoint, x: region(x), y: region(y)))
  }

  private func part(_ region: Region, offset: Int) -> Region {
    Region(space: region.space, offset: region.offset + offset, count: region.count - offset)
  }

  private mutating func copyPart(
    walking value: ValueID, from x: Region, _ xStrides: [Int], to y: Region,
    _ yStrides: [Int]
  ) {
    let order = memoryOrder(value)
    let e = extents(value)
    call(
      .stridedCopy(
        StridedWalk(
          dims: order.map { e[$0] }, xStrides: order.map { xStrides[$0] },
          yStrides: order.map { yStrides[$0] }), x: x, y: y))
  }
}

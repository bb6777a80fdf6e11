import Diagnostics
import GraphIR
import ModelSpec

extension LayerDefinition {
  static let resampling = [
    LayerDefinition(
      Schema(
        "pixel_shuffle", "Turns channels into pixels: (C·r²)×H×W becomes C×(H·r)×(W·r).",
        primary: "upscale_factor",
        [.init("upscale_factor", .int(1...1024), .required, "r")]), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let (channels, size) = try context.imageExtents()
      let r = context.integer("upscale_factor")
      guard channels % (r * r) == 0 else {
        throw TypeRuleViolation(
          .groupsDoNotDivide,
          ["op": "pixel_shuffle", "groups": "\(r * r)", "channels": "\(channels)", "which": "input"])
      }
      let batch = context.type(of: context.input).shape[0]
      let (height, width, output) = (size.height, size.width, channels / (r * r))
      let split = try context.emit(
        Reshape(shape: [batch] + [output, r, r, height, width].map(Dimension.fixed)), context.input)
      let turned = try context.emit(Permute(order: [0, 1, 4, 2, 5, 3]), split)
      return try context.emit(
        Reshape(shape: [batch] + [output, height * r, width * r].map(Dimension.fixed)), turned)
    },
    LayerDefinition(
      Schema(
        "pixel_unshuffle", "Turns pixels into channels: C×(H·r)×(W·r) becomes (C·r²)×H×W.",
        primary: "downscale_factor",
        [.init("downscale_factor", .int(1...1024), .required, "r")]), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let (channels, size) = try context.imageExtents()
      let r = context.integer("downscale_factor")
      guard size.height % r == 0, size.width % r == 0 else {
        throw TypeRuleViolation(
          .attributeOutOfRange, ["op": "pixel_unshuffle", "attribute": "downscale_factor", "value": "\(r)"])
      }
      let batch = context.type(of: context.input).shape[0]
      let (height, width) = (size.height / r, size.width / r)
      let split = try context.emit(
        Reshape(shape: [batch] + [channels, height, r, width, r].map(Dimension.fixed)), context.input)
      let turned = try context.emit(Permute(order: [0, 1, 3, 5, 2, 4]), split)
      return try context.emit(
        Reshape(shape: [batch] + [channels * r * r, height, width].map(Dimension.fixed)), turned)
    },
    LayerDefinition(
      Schema(
        "blur",
        "Filters each channel, with the products of the taps at their sum of 1, and may double or halve the image "
          + "on the way. The edges are padded with zeros.", primary: "taps",
        [
          .init(
            "taps", .ints(-1000...1000), .defaultsTo(.ints([1, 3, 3, 1])),
            "the filter along each axis, which reads the same both ways"),
          .init(
            "up", .int(1...16), .defaultsTo(.int(1)),
            "how many times larger it makes the image; at most the number of taps"),
          .init(
            "down", .int(1...16), .defaultsTo(.int(1)), "how many times smaller it makes the image, instead"),
        ]), input: .image
    ) { (context) throws(TypeRuleViolation) in try blur(&context) },
  ]
}

/// Source: StyleGAN2's `upfirdn2d`, `upsample2d` and `downsample2d`.
private func blur(_ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
  let (channels, size) = try context.imageExtents()
  guard let taps = context.layer.kind.ints("taps") else { preconditionFailure("`blur` without its taps") }
  let (up, down) = (context.integer("up"), context.integer("down"))
  let sum = taps.reduce(0, +)
  for (attribute, value, isRight) in [
    ("taps", "\(taps)", sum != 0 && taps == taps.reversed()), ("up", "\(up)", taps.count >= up),
    ("down", "\(down)", taps.count >= down && (down == 1 || up == 1)),
  ] where !isRight {
    throw TypeRuleViolation(
      .attributeOutOfRange, ["op": "blur", "attribute": attribute, "value": value])
  }
  let count = taps.count
  let filter = taps.flatMap { row in taps.map { Double(row * $0) / Double(sum * sum) } }
  let stored = context.statistic("resample_filter", [count, count], .values(filter))
  if up > 1 {
    // The gain makes up for the zeros between the pixels.
    let scaled = try context.emit(Affine(scale: Double(up * up)), stored)
    let weight = try context.emit(Broadcast(axes: [0, 1], sizes: [.fixed(channels), 1]), scaled)
    var image = try context.emit(
      ConvTranspose2D(ConvolutionGeometry(stride: Size2(up), groups: channels)), context.input, weight)
    // Of all that the filter touches, the pixels that a padding of (count + up − 1) / 2 before leaves.
    let start = count - 1 - (count + up - 1) / 2
    for (axis, extent) in [(2, size.height), (3, size.width)] {
      image = try context.emit(Slice(axis: axis, start: start, count: extent * up), image)
    }
    return image
  }
  let weight = try context.emit(Broadcast(axes: [0, 1], sizes: [.fixed(channels), 1]), stored)
  let (before, after) = ((count - down + 1) / 2, (count - down) / 2)
  var image = context.input
  for axis in [2, 3] where before != after {
    image = try context.padded(image, axis: axis, before: before - after, after: 0, mode: .zeros)
  }
  return try context.emit(
    Conv2D(ConvolutionGeometry(stride: Size2(down), padding: Size2(after), groups: channels)), image, weight)
}

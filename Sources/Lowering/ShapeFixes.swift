import Diagnostics
import GraphIR
import ModelSpec

/// Edits of a layer that make it fit its input.
struct ShapeFixes {
  let layer: LayerSpec
  /// The layer's first input.
  let input: TensorType
  let sources: SourceMap

  func fixes(for violation: TypeRuleViolation) -> [FixIt] {
    switch violation.kind {
    case .kernelTooLarge: return [smallerKernel].compactMap { $0 }
    case .rankMismatch where input.rank == 4: return [insertBefore("flatten")]
    case .rankMismatch where input.rank == 2:
      return input.shape[1].fixedExtent.map { [insertBefore("reshape: [\($0), 1, 1]")] } ?? []
    case .declaredChannels:
      let attribute = violation.arguments.first { $0.name == "attribute" }?.value ?? ""
      let actual = violation.arguments.first { $0.name == "actual" }?.value ?? ""
      return [Self.set(attribute, to: actual, in: layer)].compactMap { $0 }
    case .groupsDoNotDivide: return [Self.set("groups", to: "1", in: layer)].compactMap { $0 }
    case .outputPaddingTooLarge: return [smallerOutputPadding].compactMap { $0 }
    case .poolPaddingTooLarge: return [smallerPoolPadding].compactMap { $0 }
    case .emptyOutput: return [smallerPadding].compactMap { $0 }
    case .elementCountMismatch: return [firstExtent, linearBefore].compactMap { $0 }
    case .axisOutOfRange: return [Self.set("dim", to: "1", in: layer)].compactMap { $0 }
    case .operandsDiffer where layer.kind.name.value == "residual":
      return ResidualFixes(layer: layer, input: input, sources: sources).all + [
        FixIt(
          "give the residual a shortcut that makes the same shape, such as "
            + "`shortcut: [conv2d: {out_channels: …, kernel_size: 1}]`")
      ]
    default: return []
    }
  }

  private var size: Size2? {
    guard input.rank == 4, let height = input.shape[2].fixedExtent, let width = input.shape[3].fixedExtent
    else { return nil }
    return Size2(height, width)
  }

  private func attribute(_ name: String, default value: Size2) -> Size2 {
    layer.kind.size(name).map { Size2($0.height, $0.width) } ?? value
  }

  /// The largest kernel that fits.
  private var smallerKernel: FixIt? {
    guard let size, let kernel = layer.kind.size("kernel_size") else { return nil }
    let padding = attribute("padding", default: 0)
    let dilation = attribute("dilation", default: 1)
    return Self.setSize(
      "kernel_size",
      to: Size2(
        min(kernel.height, (size.height + 2 * padding.height - 1) / dilation.height + 1),
        min(kernel.width, (size.width + 2 * padding.width - 1) / dilation.width + 1)), in: layer)
  }

  private var smallerOutputPadding: FixIt? {
    let padding = attribute("output_padding", default: 0)
    let stride = attribute("stride", default: 1)
    let dilation = attribute("dilation", default: 1)
    return Self.setSize(
      "output_padding",
      to: Size2(
        min(padding.height, max(stride.height, dilation.height) - 1),
        min(padding.width, max(stride.width, dilation.width) - 1)), in: layer)
  }

  /// Half a window, beyond which a window would see padding alone.
  private var smallerPoolPadding: FixIt? {
    let padding = attribute("padding", default: 0)
    let kernel = attribute("kernel_size", default: 1)
    return Self.setSize(
      "padding",
      to: Size2(min(padding.height, kernel.height / 2), min(padding.width, kernel.width / 2)), in: layer)
  }

  /// The largest padding that leaves a transposed convolution a pixel.
  private var smallerPadding: FixIt? {
    guard let size else { return nil }
    let kernel = attribute("kernel_size", default: 1)
    let geometry = ConvolutionGeometry(
      stride: attribute("stride", default: 1), dilation: attribute("dilation", default: 1))
    let unpadded = geometry.large(small: size, kernel: kernel)
    let extra = attribute("output_padding", default: 0)
    let padding = attribute("padding", default: 0)
    return Self.setSize(
      "padding",
      to: Size2(
        min(padding.height, (unpadded.height + extra.height - 1) / 2),
        min(padding.width, (unpadded.width + extra.width - 1) / 2)), in: layer)
  }

  /// A reshape whose first extent takes what the others leave.
  private var firstExtent: FixIt? {
    guard var extents = layer.kind.ints("shape"), extents.count > 1 else { return nil }
    let count = TensorType(Array(input.shape.dropFirst())).elementCount(batch: 1)
    extents[0] = -1
    guard let filled = filledExtents(extents, count: count) else { return nil }
    return Self.set("shape", to: "[\(filled.map(String.init).joined(separator: ", "))]", in: layer)
  }

  /// A vector is brought to what a reshape wants: the product of its extents, as they are written.
  private var linearBefore: FixIt? {
    guard input.rank == 2, let extents = layer.kind.ints("shape"), !extents.contains(-1) else { return nil }
    var product = "\(extents.reduce(1, *))"
    if let span = layer.kind.attributes["shape"]?.span {
      let text = sources.text(of: span)
      let factors = text.dropFirst().dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
      // What has a function's commas, or is no list, is given as a number.
      if text.hasPrefix("["), text.hasSuffix("]"), factors.count == extents.count {
        product = factors.map { $0.contains { "+-".contains($0) } ? "(\($0))" : String($0) }
          .joined(separator: " * ")
      }
    }
    return insertBefore("linear: \(product)")
  }

  /// Sets an attribute that stands in the text.
  static func setSize(_ attribute: String, to size: Size2, in layer: LayerSpec) -> FixIt? {
    let text = size.height == size.width ? "\(size.height)" : "[\(size.height), \(size.width)]"
    return set(attribute, to: text, in: layer)
  }

  static func set(_ attribute: String, to text: String, in layer: LayerSpec) -> FixIt? {
    guard let span = layer.kind.attributes[attribute]?.span else { return nil }
    return FixIt("set `\(attribute)` to \(text)", edits: [.init(span: span, replacement: text)])
  }

  private func insertBefore(_ item: String) -> FixIt {
    FixIt("write `- \(item)` before it", edits: ListEdits(sources: sources).insert(item, before: layer))
  }
}

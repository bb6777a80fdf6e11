import Diagnostics
import GraphIR
import ModelSpec

/// Edits of a layer that make it fit its input.
enum ShapeFixes {
  static func fixes(
    for violation: TypeRuleViolation, layer: LayerSpec, input: TensorType?, sources: SourceMap
  ) -> [FixIt] {
    guard let input else { return [] }
    switch violation.kind {
    case .kernelTooLarge:
      guard input.rank == 4, let height = input.shape[2].fixedExtent, let width = input.shape[3].fixedExtent,
        let kernel = layer.kind.size("kernel_size")
      else { return [] }
      let padding = layer.kind.size("padding") ?? (0, 0)
      let dilation = layer.kind.size("dilation") ?? (1, 1)
      let size = Size2(
        min(kernel.height, (height + 2 * padding.height - 1) / dilation.height + 1),
        min(kernel.width, (width + 2 * padding.width - 1) / dilation.width + 1))
      return [setSize("kernel_size", to: size, in: layer)].compactMap { $0 }
    case .rankMismatch where input.rank == 4:
      return [insertBefore(layer, "flatten", sources)]
    case .rankMismatch where input.rank == 2:
      guard let features = input.shape[1].fixedExtent else { return [] }
      return [insertBefore(layer, "reshape: {shape: [\(features), 1, 1]}", sources)]
    case .declaredChannels:
      let attribute = violation.arguments.first { $0.name == "attribute" }?.value ?? ""
      let actual = violation.arguments.first { $0.name == "actual" }?.value ?? ""
      guard let span = layer.kind.attributes[attribute]?.span else { return [] }
      return [FixIt("set `\(attribute)` to \(actual)", edits: [.init(span: span, replacement: actual)])]
    case .groupsDoNotDivide:
      guard let span = layer.kind.attributes["groups"]?.span else { return [] }
      return [FixIt("set `groups` to 1", edits: [.init(span: span, replacement: "1")])]
    case .outputPaddingTooLarge:
      guard let stride = layer.kind.size("stride"), let padding = layer.kind.size("output_padding"),
        let dilation = layer.kind.size("dilation")
      else { return [] }
      let size = Size2(
        min(padding.height, max(stride.height, dilation.height) - 1),
        min(padding.width, max(stride.width, dilation.width) - 1))
      return [setSize("output_padding", to: size, in: layer)].compactMap { $0 }
    default: return []
    }
  }

  /// Sets an attribute that stands in the text.
  static func setSize(_ attribute: String, to size: Size2, in layer: LayerSpec) -> FixIt? {
    guard let span = layer.kind.attributes[attribute]?.span else { return nil }
    let text = size.height == size.width ? "\(size.height)" : "[\(size.height), \(size.width)]"
    return FixIt("set `\(attribute)` to \(text)", edits: [.init(span: span, replacement: text)])
  }

  /// Adds a line with another layer before the one that a layer begins on.
  private static func insertBefore(_ layer: LayerSpec, _ text: String, _ sources: SourceMap) -> FixIt {
    let location = sources.start(of: layer.span)
    let line = sources.line(location.line, of: layer.span.source)
    let indent = String(line.prefix { $0 == " " })
    let title = "write `- \(text)` before it"
    // Only where the layer stands on a line of its own is an edit safe.
    guard line.dropFirst(indent.count).hasPrefix("- ") else { return FixIt(title) }
    let lineStart = layer.span.range.lowerBound - line.prefix(location.column - 1).utf8.count
    let place = SourceSpan(source: layer.span.source, range: lineStart..<lineStart)
    return FixIt(title, edits: [.init(span: place, replacement: "\(indent)- \(text)\n")])
  }
}

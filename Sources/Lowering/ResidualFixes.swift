import Diagnostics
import GraphIR
import ModelSpec

/// Changes with which a residual's two ways make the same shape. Which of them do is left to trials.
struct ResidualFixes {
  let layer: LayerSpec
  /// What both ways get.
  let input: TensorType
  let sources: SourceMap

  var all: [FixIt] { [padded, strided, unstrided, channels].compactMap { $0 } }

  private var body: [LayerSpec] { layer.body.filter { $0.kind.name.value == "conv2d" } }
  private var shortcut: [LayerSpec] { layer.shortcut.filter { $0.kind.name.value == "conv2d" } }

  private func square(_ attribute: String, of layer: LayerSpec) -> Int {
    layer.kind.size(attribute).flatMap { $0.height == $0.width ? $0.height : nil } ?? 1
  }

  private func stride(of layers: [LayerSpec]) -> Int { layers.reduce(1) { $0 * square("stride", of: $1) } }

  /// The padding with which a window keeps the size, in every convolution that lacks it.
  private var padded: FixIt? {
    var parts: [FixIt] = []
    for convolution in body + shortcut {
      let kernel = square("kernel_size", of: convolution)
      let padding = square("dilation", of: convolution) * (kernel - 1) / 2
      guard kernel % 2 == 1, convolution.kind.size("padding")?.height ?? 0 != padding else { continue }
      guard let part = set("padding", to: "\(padding)", in: convolution) else { return nil }
      parts.append(part)
    }
    return joined(parts)
  }

  /// The body's stride in the shortcut.
  private var strided: FixIt? {
    guard let first = shortcut.first, stride(of: body) != stride(of: shortcut) else { return nil }
    return set("stride", to: "\(stride(of: body))", in: first)
  }

  /// No stride in the body, where nothing else has one.
  private var unstrided: FixIt? {
    guard layer.shortcut.isEmpty, stride(of: body) > 1 else { return nil }
    return joined(body.filter { square("stride", of: $0) > 1 }.compactMap { set("stride", to: "1", in: $0) })
  }

  /// The channels of the input, or of the shortcut, at the body's end.
  private var channels: FixIt? {
    guard let last = body.last, input.rank == 4 else { return nil }
    let wanted = layer.shortcut.isEmpty ? input.shape[1].fixedExtent : shortcut.last?.kind.int("out_channels")
    guard let wanted, wanted != last.kind.int("out_channels") else { return nil }
    return set("out_channels", to: "\(wanted)", in: last)
  }

  private func set(_ attribute: String, to text: String, in layer: LayerSpec) -> FixIt? {
    let line = sources.start(of: layer.span).line
    let title = "set `\(attribute)` to \(text) in line \(line)"
    if let span = layer.kind.attributes[attribute]?.span {
      return FixIt(title, edits: [.init(span: span, replacement: text)])
    }
    return AttributeEdits(sources: sources).add("\(attribute): \(text)", to: layer).map {
      FixIt(title, edits: [$0])
    }
  }

  private func joined(_ parts: [FixIt]) -> FixIt? {
    parts.isEmpty
      ? nil : FixIt(parts.map(\.title).joined(separator: ", and "), edits: parts.flatMap(\.edits))
  }
}

import Diagnostics
import GraphIR
import ModelSpec

/// What the network that makes images, `image` and the data must agree on, whatever trains it.
struct ImageAgreements {
  let spec: ModelSpec
  let sources: SourceMap
  let maker: NetworkSpec
  /// Nil where the network does not fit in itself; then nothing is checked.
  let images: TensorType?

  func check(into bag: inout DiagnosticBag) {
    checkImages(&bag)
    checkRange(&bag)
  }

  private var image: [Int] { [spec.channels.value, spec.height.value, spec.width.value] }

  /// The shape that it makes, without the batch.
  private var made: [Int]? { images.map { $0.shape.dropFirst().compactMap(\.fixedExtent) } }

  private func checkImages(_ bag: inout DiagnosticBag) {
    guard let made, made != image else { return }
    let last = maker.outputLayer
    let shaping = maker.lastShaping
    var fixes: [FixIt] = []
    if made.count == 3 {
      let edits = zip([spec.channels, spec.height, spec.width], made).compactMap { size, value in
        size.value == value ? nil : size.span.map { FixIt.Edit(span: $0, replacement: "\(value)") }
      }
      if let shaping, made[1...] == image[1...] {
        fixes += [ShapeFixes.set("out_channels", to: "\(image[0])", in: shaping)].compactMap { $0 }
      }
      fixes.append(FixIt("set `image` to \(Self.text(made))", edits: edits))
    } else if made.reduce(1, *) == image.reduce(1, *), let last {
      let reshape = "reshape: [\(image.map(String.init).joined(separator: ", "))]"
      fixes.append(
        FixIt(
          "write `- \(reshape)` after it", edits: ListEdits(sources: sources).insert(reshape, after: last)))
    }
    bag.report(
      Diagnostic(
        .imageMismatch, at: shaping?.span ?? last?.span ?? maker.span,
        ["actual": Self.text(made), "expected": Self.text(image)],
        notes: (shaping?.expansion ?? [])
          + (spec.height.span.map { [.init("`image` stands here", at: $0)] } ?? []), fixes: fixes))
  }

  // MARK: The range of the data

  private func checkRange(_ bag: inout DiagnosticBag) {
    guard images != nil, let last = lastDecidingRange, let data = spec.train.data,
      let range = data.numbers("range"), range.count == 2
    else { return }
    let dataText = Self.text(range)
    let ranges = ["tanh": [-1.0, 1], "sigmoid": [0, 1]]
    let name = last.kind.name.value
    guard let made = ranges[name] else {
      let fixes = ranges.keys.filter { ranges[$0] == range }.map {
        FixIt("write `- \($0)` after it", edits: ListEdits(sources: sources).insert($0, after: last))
      }
      bag.report(
        Diagnostic(.unboundedOutput, at: last.span, ["last": name, "data": dataText], fixes: fixes))
      return
    }
    guard made != range else { return }
    var fixes: [FixIt] = []
    if let span = data.attributes["range"]?.span {
      fixes.append(
        FixIt(
          "set `range` to \(Self.text(made))", edits: [.init(span: span, replacement: Self.text(made))]))
    }
    if let other = ranges.keys.first(where: { ranges[$0] == range }), let span = last.kind.name.span {
      fixes.append(
        FixIt("end the \(maker.name) in `\(other)`", edits: [.init(span: span, replacement: other)]))
    }
    bag.report(
      Diagnostic(
        .outputRange, at: last.span, ["last": name, "range": Self.text(made), "data": dataText],
        notes: (data.attributes["range"]?.span ?? data.name.span).map {
          [.init("the data's range is \(dataText)", at: $0)]
        } ?? [], fixes: fixes))
  }

  /// The generator's last layer but for those that only move values about.
  private var lastDecidingRange: LayerSpec? {
    let network = maker
    let end = network.layers.firstIndex { $0.name == network.outputLayer?.name } ?? network.layers.endIndex
    return network.layers.prefix(end + 1).last {
      !["reshape", "flatten", "upsample", "max_pool2d"].contains($0.kind.name.value) || $0.from != nil
    }
  }

  // MARK: Words

  private static func text(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }

  private static func text(_ range: [Double]) -> String {
    let numbers = range.map { value in Int(exactly: value).map(String.init) ?? "\(value)" }
    return "[\(numbers.joined(separator: ", "))]"
  }
}

extension NetworkSpec {
  /// The last layer on the way to the output that decides its shape.
  var lastShaping: LayerSpec? {
    let end = layers.firstIndex { $0.name == outputLayer?.name } ?? layers.endIndex
    return layers.prefix(end + 1).last {
      LayerDefinition.byName[$0.kind.name.value]?.preservesShape != true
    }
  }
}

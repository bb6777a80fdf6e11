import Diagnostics

/// The size of the images, and of reshapes, in other orders and forms.
extension Translator {
  mutating func image(_ node: YAMLNode, _ root: YAMLNode) -> YAMLNode {
    if let entries = node.entries { return imageMapping(entries, node) }
    let order = "`image` is [channels, height, width]"
    if let elements = node.elements {
      let sizes = elements.compactMap { $0.scalar.flatMap(YAMLScalar.int) }
      guard sizes.count == elements.count else { return node }
      if sizes.count == 2 { return replaced(node, by: ofTwo(sizes, root), order) }
      return node
    }
    guard let text = node.scalar, !node.isNull else { return node }
    let parts =
      Self.value(node).list?.compactMap { $0.yaml.flatMap(YAMLScalar.int) }
      ?? text.split { "x×X*, ".contains($0) }.compactMap { YAMLScalar.int(String($0)) }
    guard (1...3).contains(parts.count), parts.map(String.init).joined() == text.filter(\.isNumber) else {
      return node
    }
    switch parts.count {
    case 1:
      // That few are channels, and nothing tells the size.
      if Self.channelCounts.contains(parts[0]) { return node }
      return replaced(node, by: [channels(of: root), parts[0], parts[0]], order)
    case 2: return replaced(node, by: ofTwo(parts, root), order)
    default:
      return replaced(node, by: isChannelsLast(parts) ? [parts[2], parts[0], parts[1]] : parts, order)
    }
  }

  /// The channels that pictures have; their heights and widths are larger.
  private static let channelCounts = 1...4

  /// Channels and the side of a square, or height and width.
  private func ofTwo(_ sizes: [Int], _ root: YAMLNode) -> [Int] {
    Self.channelCounts.contains(sizes[0]) && sizes[1] > sizes[0]
      ? [sizes[0], sizes[1], sizes[1]] : [channels(of: root)] + sizes
  }

  /// Whether three extents are height, width and channels.
  private func isChannelsLast(_ sizes: [Int]) -> Bool {
    sizes.count == 3 && Self.channelCounts.contains(sizes[2])
      && sizes[..<2].allSatisfy { $0 > Self.channelCounts.upperBound }
  }

  private mutating func replaced(_ node: YAMLNode, by sizes: [Int], _ why: String, key: String = "image")
    -> YAMLNode
  {
    let text = "[\(sizes.map(String.init).joined(separator: ", "))]"
    report(
      Diagnostic(
        .otherSpelling, at: node.span,
        ["written": "\(key): \(edits.text(node.span))", "here": "\(key): \(text)"],
        notes: [.init(why)],
        fixes: [FixIt("write `\(text)`", edits: [edits.replace(node.span, by: text)])]))
    return YAMLNode(
      .sequence(sizes.map { YAMLNode(.scalar("\($0)", isPlain: true), span: node.span) }), span: node.span)
  }

  /// `{c: 3, h: 64, w: 64}`, `{img_size: 64}`
  private mutating func imageMapping(_ entries: [YAMLNode.Entry], _ node: YAMLNode) -> YAMLNode {
    let known = ["channels", "height", "width", "size"]
    var node = node
    node.content = .mapping(
      entries.map { entry in
        guard !known.contains(entry.key), nearestName(to: entry.key, among: known) == nil else {
          return entry
        }
        let short = ["c": "channels", "h": "height", "w": "width", "depth": "channels"][
          entry.key.lowercased()]
        var name = short
        if name == nil, case .path(let path)? = KeyHabit.find(entry.key)?.target, path.first == "image" {
          name = path.last
        }
        guard let name, !entries.contains(where: { $0.key == name }) else { return entry }
        report(
          Diagnostic(
            .otherSpelling, at: entry.keySpan, ["written": entry.key, "here": name],
            fixes: [FixIt("write `\(name)`", edits: [edits.replace(entry.keySpan, by: name)])]))
        var entry = entry
        entry.key = name
        return entry
      })
    return node
  }

  // MARK: reshape

  /// A reshape of the generator to height, width and channels: `[4, 4, 256]`.
  ///
  /// As channels, height and width it is a strip, which no layer behind it makes square again; or it is the image
  /// itself.
  mutating func channelsFirst(_ layers: YAMLNode, image: YAMLNode?) -> YAMLNode {
    guard let elements = layers.elements else { return layers }
    let isSquare = isSquare(image)
    let whole = image.flatMap(extents)
    var layers = layers
    layers.content = .sequence(
      elements.enumerated().map { index, element in
        guard let entry = element.entries?.first(where: { $0.key == "reshape" }) else { return element }
        let list = entry.value.elements == nil ? entry.value.entry("shape")?.value : entry.value
        let sizes = list?.elements?.compactMap { $0.scalar.flatMap(YAMLScalar.int) } ?? []
        guard let list, sizes.count == 3 else { return element }
        let isStrip =
          isSquare && sizes[0] == sizes[1] && sizes[2] >= 2 * sizes[1] && sizes[1] > 0
          && index + 1 < elements.count
        let isImage = isChannelsLast(sizes) && [sizes[2], sizes[0], sizes[1]] == whole
        guard isStrip || isImage else { return element }
        let value = replaced(
          list, by: [sizes[2], sizes[0], sizes[1]], "a shape is [channels, height, width]", key: "reshape")
        var element = element
        element.content = .mapping(
          (element.entries ?? []).map {
            $0.keySpan == entry.keySpan ? .init(key: "reshape", keySpan: $0.keySpan, value: value) : $0
          })
        return element
      })
    return layers
  }

  /// Channels, height and width, where all of them are numbers.
  private func extents(_ image: YAMLNode) -> [Int]? {
    let nodes =
      image.elements
      ?? [
        image.entry("channels"), image.entry("height") ?? image.entry("size"),
        image.entry("width") ?? image.entry("size"),
      ].compactMap { $0?.value }
    let sizes = nodes.compactMap { $0.scalar.flatMap(YAMLScalar.int) }
    return sizes.count == 3 && nodes.count == 3 ? sizes : nil
  }

  private func isSquare(_ image: YAMLNode?) -> Bool {
    guard let image else { return false }
    if let elements = image.elements {
      return elements.count == 3 && elements[1].scalar == elements[2].scalar
    }
    if image.entry("size") != nil { return true }
    guard let height = image.entry("height")?.value.scalar else { return false }
    return height == image.entry("width")?.value.scalar
  }
}

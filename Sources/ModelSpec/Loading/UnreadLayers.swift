extension NetworkSpec {
  /// The layers whose output reaches neither another layer nor the network's end.
  var unreadLayers: [LayerSpec] {
    var references = Set(layers.flatMap(\.references))
    references.formUnion(outputs.map(\.layer.value))
    return Self.unread(layers, references, endIsRead: outputs.isEmpty)
  }

  private static func unread(
    _ layers: [LayerSpec], _ references: Set<String>, endIsRead: Bool
  ) -> [LayerSpec] {
    layers.indices.flatMap { index in
      let layer = layers[index]
      let isNextRead = index + 1 < layers.count ? layers[index + 1].from == nil : endIsRead
      let isRead = isNextRead || layer.isNamed && references.contains(layer.name)
      return (isRead ? [] : [layer]) + unread(layer.body, references, endIsRead: true)
        + unread(layer.shortcut, references, endIsRead: true)
    }
  }
}

extension LayerSpec {
  /// The names that its `from` and those of the layers in it say.
  fileprivate var references: [String] {
    (from ?? []).map(\.value) + (body + shortcut).flatMap(\.references)
  }
}

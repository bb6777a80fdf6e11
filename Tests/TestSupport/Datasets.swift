import Datasets
import Interchange
import ModelSpec

/// A data source as the loader gives it: attributes that a test does not name have their defaults.
public func dataSource(_ name: String, _ attributes: [String: AttributeValue] = [:]) -> Configured {
  guard let source = SpecCatalog.standard.dataSources.first(where: { $0.schema.name == name }) else {
    preconditionFailure("there is no data source `\(name)`")
  }
  var values = attributes
  for attribute in source.schema.attributes where values[attribute.name] == nil {
    if case .defaultsTo(let value) = attribute.requirement { values[attribute.name] = value }
  }
  return Configured(name: Spanned(name), attributes: values.mapValues { Spanned($0) })
}

public func folderSource(_ path: String, _ attributes: [String: AttributeValue] = [:]) -> Configured {
  dataSource("folder", attributes.merging(["path": .path(path, base: "")]) { given, _ in given })
}

extension Dataset {
  /// What a field has for an example as it is trained on: an image `[height, width, channels]`, or a label.
  public func values(_ index: Int, of name: String = "real", epoch: Int = 0) throws -> [Float] {
    guard let field = field(name) else { preconditionFailure("the data has no field `\(name)`") }
    var values = [Float](repeating: .nan, count: field.valueCount)
    var span = values.mutableSpan
    try fill(field, at: index, epoch: epoch, into: &span, offset: 0)
    return values
  }

  /// What a field has for all examples, one after another.
  public func allValues(of name: String = "real", epoch: Int = 0) throws -> [[Float]] {
    try (0..<count).map { try values($0, of: name, epoch: epoch) }
  }
}

/// A grey image of one pixel.
public func pixel(_ value: UInt8) -> Image { Image(width: 1, height: 1, channels: 1, pixels: [value]) }

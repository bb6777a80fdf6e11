import Files
import Interchange
import ModelSpec

extension Dataset {
  /// The names of a data source's classes in the order of their indices; nil where it gives no labels.
  ///
  /// No image is opened: of a folder its files are listed, of other data the labels are read.
  ///
  /// - Throws: `FileError` where the data cannot be read, or its labels are wrong.
  public static func classNames(of spec: Configured) throws(FileError) -> [String]? {
    let definition = DataSourceDefinition.of(spec)
    guard let field = definition.schema.fields(spec).first(where: \.isLabel) else { return nil }
    if case .label(let names?) = field.kind { return names }
    let sources = try definition.open(.init(configured: spec, channels: 3, height: 1, width: 1, seed: 0))
    return sources.compactMap(\.labels).first?.names
  }

  /// Holds the classes of a data source against those that a model has.
  ///
  /// - Throws: `FileError` where the data gives no labels, or those of other classes.
  public static func requireClasses(_ count: Int, of spec: Configured) throws(FileError) {
    let name = Self.name(of: spec)
    guard let names = try classNames(of: spec) else {
      throw FileError(
        path: name, reason: "gives no labels, and the model has \(count) classes: \(labelling(spec))")
    }
    guard names.count != count else { return }
    let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " …" : "")
    throw FileError(
      path: name,
      reason:
        "has \(names.count) classes (\(shown)), and the model has \(count): write `classes: \(names.count)`")
  }

  /// How a source would give labels.
  private static func labelling(_ spec: Configured) -> String {
    let attributes = DataSourceDefinition.of(spec).schema.schema.attributes.map(\.name)
    if spec.name.value == FolderSource.definition.schema.schema.name {
      return "`labels: folders` takes each of its folders for a class"
    }
    return attributes.contains("labels")
      ? "name the file with the labels as `labels`" : "choose data that has labels, or leave `classes` out"
  }
}

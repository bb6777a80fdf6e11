/// What a data source gives of every example, under the name that formulas and networks call it by.
public struct DataField: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// An image of the model's height and width, `[channels, height, width]`; nil channels are as many as
    /// the model's `image` has.
    case image(channels: Int?)
    /// The index of a class, from zero. The classes' names, where they are known before the data is opened.
    case label(classes: [String]?)
  }

  public var name: String
  public var kind: Kind

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  public var isLabel: Bool { if case .label = kind { true } else { false } }
}

/// What a data source may be given, and what it gives.
public struct DataSourceSchema: Sendable {
  public var schema: Schema
  /// The fields of a source with these attributes, defaults filled in.
  public var fields: @Sendable (Configured) -> [DataField]

  public init(_ schema: Schema, fields: @escaping @Sendable (Configured) -> [DataField]) {
    self.schema = schema
    self.fields = fields
  }
}

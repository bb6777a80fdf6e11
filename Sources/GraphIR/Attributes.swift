/// The value of an op's attribute as the text form writes it.
public enum AttributeValue: Hashable, Sendable {
  case int(Int)
  case double(Double)
  case bool(Bool)
  case word(String)
  case list([AttributeValue])
  /// `leaky_relu(0.2)`: a word with arguments.
  case call(String, [AttributeValue])
  /// `t0 = add(a0, a1)`: a name for a value.
  indirect case binding(String, AttributeValue)
}

/// A type that stands in an op's attributes.
public protocol AttributeRepresentable: Hashable, Sendable {
  var attributeValue: AttributeValue { get }
  init?(attributeValue: AttributeValue)
}

/// One attribute of an op: its name in the text form and where it is stored.
///
/// An attribute that has its default's value is left out of the text form.
public struct AttributeField<Owner: OpDefinition>: Sendable {
  public let name: String
  let get: @Sendable (Owner) -> AttributeValue
  let set: @Sendable (inout Owner, AttributeValue) -> Bool
  let isDefault: @Sendable (Owner, Owner) -> Bool

  public init<Value: AttributeRepresentable>(
    _ name: String, _ path: WritableKeyPath<Owner, Value> & Sendable
  ) {
    self.name = name
    get = { $0[keyPath: path].attributeValue }
    set = { owner, text in
      guard let value = Value(attributeValue: text) else { return false }
      owner[keyPath: path] = value
      return true
    }
    isDefault = { $0[keyPath: path] == $1[keyPath: path] }
  }
}

extension OpDefinition {
  /// The attributes that do not have their default's value, in the order of the text form.
  public var explicitAttributes: [(name: String, value: AttributeValue)] {
    let defaults = Self()
    return Self.fields.filter { !$0.isDefault(self, defaults) }.map { ($0.name, $0.get(self)) }
  }

  static var attributeNames: [String] { fields.map(\.name) }

  /// Gives the attribute of this name a value, or returns false if it is not one that it can have.
  /// An unknown name does nothing.
  mutating func setAttribute(_ name: String, to value: AttributeValue) -> Bool {
    Self.fields.first { $0.name == name }?.set(&self, value) ?? false
  }
}

extension Int: AttributeRepresentable {
  public var attributeValue: AttributeValue { .int(self) }
  public init?(attributeValue: AttributeValue) {
    guard case .int(let value) = attributeValue else { return nil }
    self = value
  }
}

extension Double: AttributeRepresentable {
  public var attributeValue: AttributeValue { .double(self) }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .double(let value): self = value
    case .int(let value): self = Double(value)
    default: return nil
    }
  }
}

extension Bool: AttributeRepresentable {
  public var attributeValue: AttributeValue { .bool(self) }
  public init?(attributeValue: AttributeValue) {
    guard case .bool(let value) = attributeValue else { return nil }
    self = value
  }
}

extension Size2: AttributeRepresentable {
  public var attributeValue: AttributeValue {
    height == width ? .int(height) : .list([.int(height), .int(width)])
  }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .int(let both): self.init(both)
    case .list(let pair):
      guard pair.count == 2, case .int(let height) = pair[0], case .int(let width) = pair[1] else {
        return nil
      }
      self.init(height, width)
    default: return nil
    }
  }
}

extension Dimension: AttributeRepresentable {
  public var attributeValue: AttributeValue {
    switch self {
    case .batch: .word("N")
    case .fixed(let extent): .int(extent)
    }
  }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .word("N"): self = .batch
    case .int(let extent): self = .fixed(extent)
    default: return nil
    }
  }
}

extension Array: AttributeRepresentable where Element: AttributeRepresentable {
  public var attributeValue: AttributeValue { .list(map(\.attributeValue)) }
  public init?(attributeValue: AttributeValue) {
    guard case .list(let values) = attributeValue else { return nil }
    var elements: [Element] = []
    for value in values {
      guard let element = Element(attributeValue: value) else { return nil }
      elements.append(element)
    }
    self = elements
  }
}

extension Optional: AttributeRepresentable where Wrapped: AttributeRepresentable {
  public var attributeValue: AttributeValue { self?.attributeValue ?? .word("none") }
  public init?(attributeValue: AttributeValue) {
    if attributeValue == .word("none") {
      self = .none
    } else if let value = Wrapped(attributeValue: attributeValue) {
      self = value
    } else {
      return nil
    }
  }
}

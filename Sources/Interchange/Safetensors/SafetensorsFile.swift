/// Named tensors and text metadata: what a safetensors file holds.
public struct SafetensorsFile: Sendable {
  public let tensors: [(name: String, tensor: Tensor)]
  public let metadata: [String: String]
  private let positions: [String: Int]

  /// - Precondition: The names are distinct, and none is `__metadata__`.
  public init(tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
    positions = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    precondition(positions[SafetensorsHeader.metadataName] == nil, "the format reserves the name")
  }

  /// The tensor of a name.
  public subscript(name: String) -> Tensor? {
    positions[name].map { tensors[$0].tensor }
  }
}

extension SafetensorsFile {
  /// Elements in row-major order.
  public struct Tensor: Sendable {
    public enum Elements: Sendable {
      case float32([Float])
      case float64([Double])
      case int64([Int64])
    }

    /// The extents; empty for a scalar.
    public let shape: [Int]
    public let elements: Elements

    /// - Precondition: There are as many elements as the shape says. The same holds for all initialisers.
    public init(shape: [Int], floats: [Float]) {
      precondition(floats.count == shape.reduce(1, *), "the elements do not fill the shape")
      self.shape = shape
      elements = .float32(floats)
    }

    public init(shape: [Int], doubles: [Double]) {
      precondition(doubles.count == shape.reduce(1, *), "the elements do not fill the shape")
      self.shape = shape
      elements = .float64(doubles)
    }

    public init(shape: [Int], int64s: [Int64]) {
      precondition(int64s.count == shape.reduce(1, *), "the elements do not fill the shape")
      self.shape = shape
      elements = .int64(int64s)
    }

    public var elementType: SafetensorsHeader.ElementType {
      switch elements {
      case .float32: .float32
      case .float64: .float64
      case .int64: .int64
      }
    }

    public var elementCount: Int {
      switch elements {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int64(let values): values.count
      }
    }

    /// The elements, rounded to the nearest number where they are of another type.
    public var floats: [Float] {
      switch elements {
      case .float32(let values): values
      case .float64(let values): values.map { Float($0) }
      case .int64(let values): values.map { Float($0) }
      }
    }

    /// The elements, rounded to the nearest number where they are integers beyond 2⁵³.
    public var doubles: [Double] {
      switch elements {
      case .float32(let values): values.map { Double($0) }
      case .float64(let values): values
      case .int64(let values): values.map { Double($0) }
      }
    }

    /// The elements of a tensor of integers; nil for any other.
    public var int64s: [Int64]? {
      if case .int64(let values) = elements { values } else { nil }
    }
  }
}

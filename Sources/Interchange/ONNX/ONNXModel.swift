/// An ONNX file's content, as far as graphc reads and writes it.
///
/// Source: https://github.com/onnx/onnx, `onnx/onnx.proto` and `docs/IR.md`.
public struct ONNXModel: Sendable {
  public var irVersion = 8
  public var producerName = ""
  public var producerVersion = ""
  public var docString = ""
  public var modelVersion = 0
  /// The version of each operator set, by its domain; the standard one is "".
  public var operatorSets: [(domain: String, version: Int)] = []
  /// In the order of the file.
  public var metadata: [(key: String, value: String)] = []
  public var graph = ONNXGraph()
  /// The names of functions that the file defines, which graphc does not call.
  public var functions: [String] = []

  public init() {}

  /// The version of the standard operator set.
  public var operatorSet: Int {
    operatorSets.first { $0.domain == "" || $0.domain == "ai.onnx" }?.version ?? 1
  }
}

/// Nodes in topological order between named values.
public struct ONNXGraph: Sendable {
  public var name = ""
  public var docString = ""
  public var nodes: [ONNXNode] = []
  public var initializers: [ONNXTensor] = []
  public var inputs: [ONNXValueInfo] = []
  public var outputs: [ONNXValueInfo] = []
  public var valueInfos: [ONNXValueInfo] = []

  public init() {}
}

public struct ONNXNode: Sendable {
  public var name = ""
  /// `Conv`.
  public var operation: String
  /// "" for the standard operator set.
  public var domain = ""
  /// Names of values; "" is an optional one that is left out.
  public var inputs: [String]
  public var outputs: [String]
  public var attributes: [ONNXAttribute] = []

  public init(
    _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [ONNXAttribute] = [],
    name: String = ""
  ) {
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    self.name = name
  }
}

public struct ONNXAttribute: Sendable {
  public enum Value: Sendable {
    case float(Float)
    case integer(Int64)
    case string(String)
    case tensor(ONNXTensor)
    case graph(ONNXGraph)
    case floats([Float])
    case integers([Int64])
    case strings([String])
    /// Of a type that no operator needs which graphc knows: its number.
    case other(Int)
  }

  public var name: String
  public var value: Value

  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// A value's name and, where it is told, its type.
public struct ONNXValueInfo: Sendable {
  public enum Dimension: Hashable, Sendable {
    case fixed(Int)
    /// A size that is known when the model runs: `N`.
    case symbol(String)
    case unknown
  }

  public var name: String
  /// Nil where none is told, or the value is no tensor.
  public var elementType: ONNXElementType?
  /// Nil where not even the rank is told.
  public var shape: [Dimension]?

  public init(_ name: String, _ elementType: ONNXElementType?, _ shape: [Dimension]?) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
  }
}

/// The types of elements that ONNX numbers.
public enum ONNXElementType: Int, Sendable, CaseIterable {
  case float = 1
  case uint8, int8, uint16, int16, int32, int64, string, bool, float16, double, uint32, uint64
  case complex64, complex128, bfloat16

  /// Bytes an element; nil for strings.
  public var size: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32, .uint32: 4
    case .int64, .double, .uint64, .complex64: 8
    case .complex128: 16
    case .string: nil
    }
  }

  /// As tables show it.
  public var text: String {
    switch self {
    case .float: "f32"
    case .uint8: "u8"
    case .int8: "i8"
    case .uint16: "u16"
    case .int16: "i16"
    case .int32: "i32"
    case .int64: "i64"
    case .string: "string"
    case .bool: "bool"
    case .float16: "f16"
    case .double: "f64"
    case .uint32: "u32"
    case .uint64: "u64"
    case .complex64: "c64"
    case .complex128: "c128"
    case .bfloat16: "bf16"
    }
  }
}

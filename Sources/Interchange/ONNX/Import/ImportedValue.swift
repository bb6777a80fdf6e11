import GraphIR

/// A whole number of a shape: a number, or a multiple of the batch.
struct SymbolicInteger: Hashable {
  var factor: Int
  /// Whether it is `factor` times the batch.
  var isBatch = false

  init(_ factor: Int, isBatch: Bool = false) {
    self.factor = factor
    self.isBatch = isBatch
  }

  init(_ extent: Dimension) {
    switch extent {
    case .batch: self.init(1, isBatch: true)
    case .fixed(let extent): self.init(extent)
    }
  }

  /// Nil for a multiple of the batch.
  var number: Int? { isBatch ? nil : factor }
}

/// Whole numbers or Booleans that are known, but for the batch.
struct IntegerTensor {
  /// The most that are computed; those of a file may be more.
  static let limit = 1024

  var shape: [Int]
  var values: [SymbolicInteger]
  var isBoolean = false

  init(shape: [Int], _ values: [SymbolicInteger], isBoolean: Bool = false) {
    precondition(values.count == shape.reduce(1, *), "the values fill the shape")
    self.shape = shape
    self.values = values
    self.isBoolean = isBoolean
  }

  /// The values, none of which is a multiple of the batch; nil otherwise.
  var numbers: [Int]? {
    let numbers = values.compactMap(\.number)
    return numbers.count == values.count ? numbers : nil
  }
}

/// What a name of an ONNX graph stands for.
enum ImportedValue {
  /// A value of the graph. Classes' numbers are whole ones, which the graph has as floats.
  case tensor(ValueID, isInteger: Bool)
  /// Floats that are known.
  case constant(ReferenceTensor, name: String)
  case integers(IntegerTensor)
  /// erf(argument), or 1 + erf(argument): what GELU is written with, and has no op of its own.
  case errorFunction(argument: ValueID, plusOne: Bool)
  /// Whether a value is above a number: what softplus is written with, to be exact for large numbers.
  case above(ValueID, limit: Double)
  /// What a node makes that has no form: whatever reads it says nothing more.
  case missing
}

import GraphIR
import ModelSpec

/// What a formula, or a part of one, stands for.
enum FormulaValue {
  case number(Double)
  case tensor(ValueID)
  /// All results of a network that was applied; where a tensor is wanted, the first.
  case application(network: String, NetworkLowering.Application)

  /// Nil for a number.
  var tensor: ValueID? {
    switch self {
    case .number: nil
    case .tensor(let value): value
    case .application(_, let application): application.result
    }
  }
}

/// How large a value is, as far as operators care.
enum FormulaForm {
  /// `[]`
  case scalar
  /// `[N]`, or `[N, 1, …]`
  case perImage
  case tensor

  init(_ type: TensorType) {
    if type.rank == 0 {
      self = .scalar
    } else if type.shape[0] == .batch, type.shape.dropFirst().allSatisfy({ $0 == 1 }) {
      self = .perImage
    } else {
      self = .tensor
    }
  }
}

extension TensorType {
  /// What a person calls the value: "one number", "one number an image", `3×8×8 an image`.
  var formulaText: String {
    switch FormulaForm(self) {
    case .scalar: "one number"
    case .perImage: "one number an image"
    case .tensor:
      shape.first == .batch ? "\(userText) an image" : shape.map(\.description).joined(separator: "×")
    }
  }
}

import Files
import Interchange
import Runtime

/// Values for tensors of a store out of a file, checked as a whole before the first is written.
struct StoreReading {
  private enum Values {
    case floats([Float])
    case integers([Int64])
  }

  private var values: [(name: String, values: Values)] = []

  /// Pairs slots with the file's tensors of their names.
  ///
  /// - Parameters:
  ///   - slots: All that are to be filled.
  ///   - path: The file that errors name.
  ///   - isOurs: Whether a tensor that no slot takes is a mistake.
  /// - Throws: `FileError` that lists all that does not fit.
  init(
    of slots: [TensorStore.Slot], from file: SafetensorsFile, path: String,
    rejecting isOurs: (_ name: String) -> Bool
  ) throws(FileError) {
    var misfits: [Misfit] = []
    for slot in slots {
      guard let tensor = file[slot.name] else {
        misfits.append(.missing(slot))
        continue
      }
      if let misfit = Misfit(of: tensor, in: slot) {
        misfits.append(misfit)
      } else {
        let isCount = slot.element == .i64
        values.append(
          (slot.name, isCount ? .integers(tensor.doubles.map { Int64($0) }) : .floats(tensor.floats)))
      }
    }
    let names = Set(slots.map(\.name))
    for (name, tensor) in file.tensors where !names.contains(name) && isOurs(name) {
      misfits.append(.unexpected(name: name, shape: tensor.shape))
    }
    guard misfits.isEmpty else { throw Misfit.error(misfits, path: path) }
  }

  /// Replaces the tensors of the store that the slots came from.
  func write(to store: TensorStore) {
    for (name, values) in values {
      switch values {
      case .floats(let values): store.write(values, to: name)
      case .integers(let values): store.write(integers: values, to: name)
      }
    }
  }
}

/// How a file and a model differ in a tensor.
private enum Misfit {
  case missing(TensorStore.Slot)
  case unexpected(name: String, shape: [Int])
  case shape([Int], TensorStore.Slot)
  case type(SafetensorsHeader.ElementType, TensorStore.Slot)
  case count(Double, TensorStore.Slot)

  /// Nil where the tensor fits into the slot.
  init?(of tensor: SafetensorsFile.Tensor, in slot: TensorStore.Slot) {
    if tensor.shape != slot.shape {
      self = .shape(tensor.shape, slot)
    } else if slot.element == .i64 {
      let isCount = { (value: Double) in value >= 0 && value < 0x1p53 && value == value.rounded() }
      guard let wrong = tensor.doubles.first(where: { !isCount($0) }) else { return nil }
      self = .count(wrong, slot)
    } else if tensor.elementType == .int64 {
      self = .type(tensor.elementType, slot)
    } else {
      return nil
    }
  }

  static func error(_ misfits: [Misfit], path: String) -> FileError {
    let limit = 12
    var lines = misfits.prefix(limit).map(\.text)
    if misfits.count > limit { lines.append("and \(misfits.count - limit) more") }
    return FileError(path: path, reason: "does not fit the model:" + lines.map { "\n  \($0)" }.joined())
  }

  private var text: String {
    switch self {
    case .missing(let slot): "`\(slot.name)` \(slot.shape) of the model is missing in the file"
    case .unexpected(let name, let shape):
      "\(quotedForDisplay(name)) \(shape) of the file is unknown to the model"
    case .shape(let shape, let slot):
      "`\(slot.name)` is \(shape) in the file and \(slot.shape) in the model"
    case .type(let type, let slot):
      "`\(slot.name)` is \(type.rawValue) in the file and must be F32 or F64"
    case .count(let value, let slot): "`\(slot.name)` is \(value) in the file and must be a count"
    }
  }
}

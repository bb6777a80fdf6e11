import CKernels
import GraphIR

/// The named tensors that outlive a step: parameters, statistics and what optimisers remember, in one
/// arena, in the order in which they were declared.
public final class TensorStore {
  public struct Slot: Sendable {
    public let name: String
    public let shape: [Int]
    public let kind: GraphInput.Kind
    let offset: Int

    public var count: Int { shape.reduce(1, *) }
  }

  public let slots: [Slot]
  private let indices: [String: Int]
  let arena: Arena
  /// Moves whenever a tensor is written from outside, so that plans know when to compute again what
  /// depends on the parameters alone.
  private(set) var generation = 0

  public init(_ declarations: [(name: String, shape: [Int], kind: GraphInput.Kind)]) {
    var slots: [Slot] = []
    var offset = 0
    for (name, shape, kind) in declarations {
      let slot = Slot(name: name, shape: shape, kind: kind, offset: offset)
      slots.append(slot)
      offset += MemoryPlan.rounded(slot.count)
    }
    self.slots = slots
    indices = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($0.element.name, $0.offset) })
    arena = Arena(count: offset)
  }

  /// In bytes.
  public var byteCount: Int { arena.count * MemoryLayout<Float>.stride }

  public func slot(named name: String) -> Slot? { indices[name].map { slots[$0] } }

  func region(named name: String) -> Region? {
    slot(named: name).map { Region(space: .state, offset: $0.offset, count: $0.count) }
  }

  /// The values of a tensor in row-major order.
  public func values(of name: String) -> [Float]? {
    guard let slot = slot(named: name) else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: arena.base + slot.offset, count: slot.count))
  }

  /// Replaces a tensor.
  ///
  /// - Precondition: There is a tensor of that name with as many values.
  public func write(_ values: [Float], to name: String) {
    guard let slot = slot(named: name), slot.count == values.count else {
      preconditionFailure("no tensor \(name) of \(values.count) values")
    }
    for (index, value) in values.enumerated() { unsafe arena.base[slot.offset + index] = value }
    generation += 1
  }

  /// The values of a tensor in row-major order, where they lie.
  ///
  /// - Precondition: There is a tensor of that name.
  public func withValues<Result, Failure: Error>(
    of name: String, _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let slot = existingSlot(named: name)
    return try body(unsafe Span(_unsafeStart: arena.base + slot.offset, count: slot.count))
  }

  /// Tells plans that the tensors changed.
  func noteUpdate() { generation += 1 }

  func existingSlot(named name: String) -> Slot {
    guard let slot = slot(named: name) else { preconditionFailure("no tensor \(name)") }
    return slot
  }

  /// The first tensor with a value that is infinite or NaN, of those that are to be looked at.
  public func firstNonfinite(where isMeant: (Slot) -> Bool = { _ in true }) -> Slot? {
    slots.filter(isMeant).first { slot in
      unsafe ck_first_nonfinite(nil, slot.count, arena.base + slot.offset) >= 0
    }
  }
}

import CKernels
import GraphIR

/// The named tensors that outlive a step: parameters, statistics, what optimisers remember and where random
/// numbers stand, in one arena, in the order in which they were declared.
public final class TensorStore {
  /// A tensor that a store is asked for.
  public struct Declaration: Hashable, Sendable {
    public var name: String
    public var shape: [Int]
    public var role: StateRole
    /// The network that it belongs to; nil for what belongs to none.
    public var network: String?
    public var element: ElementType

    public init(
      _ name: String, _ shape: [Int], _ role: StateRole, network: String? = nil, element: ElementType = .f32
    ) {
      self.name = name
      self.shape = shape
      self.role = role
      self.network = network
      self.element = element
    }
  }

  public struct Slot: Sendable {
    public let name: String
    public let shape: [Int]
    public let role: StateRole
    public let network: String?
    public let element: ElementType
    /// In words.
    let offset: Int

    /// How many elements it has.
    public var count: Int { shape.reduce(1, *) }
    var words: Int { count * element.words }
  }

  /// Where the tensors lie, without what is in them.
  public struct Places: Sendable {
    public let slots: [Slot]
    private let indices: [String: Int]

    fileprivate init(_ slots: [Slot]) {
      self.slots = slots
      indices = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($0.element.name, $0.offset) })
    }

    public func slot(named name: String) -> Slot? { indices[name].map { slots[$0] } }

    func region(named name: String) -> Region? {
      slot(named: name).map { Region(space: .state, offset: $0.offset, count: $0.words) }
    }
  }

  public let places: Places
  let arena: Arena
  /// Moves whenever a tensor is written from outside, so that plans know when to compute again what
  /// depends on the parameters alone.
  private(set) var generation = 0

  public init(_ declarations: [Declaration]) {
    var slots: [Slot] = []
    var offset = 0
    for tensor in declarations {
      let slot = Slot(
        name: tensor.name, shape: tensor.shape, role: tensor.role, network: tensor.network,
        element: tensor.element, offset: offset)
      slots.append(slot)
      offset += MemoryPlan.rounded(slot.words)
    }
    places = Places(slots)
    arena = Arena(count: offset)
  }

  /// In bytes.
  public var byteCount: Int { arena.count * MemoryLayout<Float>.stride }

  public var slots: [Slot] { places.slots }

  public func slot(named name: String) -> Slot? { places.slot(named: name) }

  /// The values of a tensor in row-major order; those of counters are rounded, `integers(of:)` has them exact.
  public func values(of name: String) -> [Float]? {
    guard let slot = slot(named: name) else { return nil }
    switch slot.element {
    case .f32: return unsafe Array(UnsafeBufferPointer(start: arena.base + slot.offset, count: slot.count))
    case .i64: return integers(in: slot).map { Float($0) }
    }
  }

  /// The values of a tensor of counters; nil where there is none of that name.
  public func integers(of name: String) -> [Int64]? {
    guard let slot = slot(named: name), slot.element == .i64 else { return nil }
    return integers(in: slot)
  }

  private func integers(in slot: Slot) -> [Int64] {
    let base = unsafe UnsafeRawPointer(arena.base + slot.offset)
    return (0..<slot.count).map { unsafe base.load(fromByteOffset: $0 * 8, as: Int64.self) }
  }

  /// Replaces a tensor.
  ///
  /// - Precondition: There is a tensor of that name with as many values; they are whole numbers if it counts.
  public func write(_ values: [Float], to name: String) {
    let slot = existingSlot(named: name, count: values.count)
    switch slot.element {
    case .f32: for (index, value) in values.enumerated() { unsafe arena.base[slot.offset + index] = value }
    case .i64: store(values.map { Int64($0) }, in: slot)
    }
    generation += 1
  }

  /// Replaces a tensor of counters.
  ///
  /// - Precondition: There is one of that name with as many values.
  public func write(integers: [Int64], to name: String) {
    let slot = existingSlot(named: name, count: integers.count)
    precondition(slot.element == .i64, "\(name) does not count")
    store(integers, in: slot)
    generation += 1
  }

  private func store(_ integers: [Int64], in slot: Slot) {
    let base = unsafe UnsafeMutableRawPointer(arena.base + slot.offset)
    for (index, value) in integers.enumerated() {
      unsafe base.storeBytes(of: value, toByteOffset: index * 8, as: Int64.self)
    }
  }

  /// The values of a tensor of floats in row-major order, where they lie.
  ///
  /// - Precondition: There is a tensor of floats of that name.
  public func withValues<Result, Failure: Error>(
    of name: String, _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let slot = existingSlot(named: name)
    precondition(slot.element == .f32, "\(name) counts")
    return try body(unsafe Span(_unsafeStart: arena.base + slot.offset, count: slot.count))
  }

  /// Tells plans that the tensors changed.
  func noteUpdate() { generation += 1 }

  func existingSlot(named name: String) -> Slot {
    guard let slot = slot(named: name) else { preconditionFailure("no tensor \(name)") }
    return slot
  }

  private func existingSlot(named name: String, count: Int) -> Slot {
    let slot = existingSlot(named: name)
    precondition(slot.count == count, "the tensor \(name) has \(slot.count) values, not \(count)")
    return slot
  }

  /// The first tensor with a value that is infinite or NaN, of those that are to be looked at.
  public func firstNonfinite(where isMeant: (Slot) -> Bool = { _ in true }) -> Slot? {
    slots.filter { $0.element == .f32 && isMeant($0) }.first { slot in
      unsafe ck_first_nonfinite(nil, slot.count, arena.base + slot.offset) >= 0
    }
  }
}

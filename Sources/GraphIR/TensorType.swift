/// One extent of a tensor: a number, or the batch size, which stays symbolic until a plan is made.
public enum Dimension: Hashable, Sendable {
  case batch
  case fixed(Int)

  public func extent(batch: Int) -> Int {
    switch self {
    case .batch: batch
    case .fixed(let extent): extent
    }
  }

  /// The extent, unless it is the batch.
  public var fixedExtent: Int? {
    if case .fixed(let extent) = self { extent } else { nil }
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .fixed(value) }
}

extension Dimension: CustomStringConvertible {
  public var description: String {
    switch self {
    case .batch: "N"
    case .fixed(let extent): "\(extent)"
    }
  }
}

/// How a tensor's elements lie in memory. Types are always written in logical order (`[N,C,H,W]`).
public enum Layout: Hashable, Sendable {
  /// The last logical dimension is contiguous.
  case rowMajor
  /// Rank 4, channels innermost: N, H, W, C. Every activation has it on the CPU.
  case channelsLast
}

/// What a tensor's elements are.
public enum ElementType: String, Sendable, CaseIterable {
  /// 32-bit floats; 64-bit ones in the reference interpreter.
  case f32
  /// Whole numbers that are exact however long a run takes: counters.
  case i64

  /// The 32-bit words that an element takes in memory.
  public var words: Int {
    switch self {
    case .f32: 1
    case .i64: 2
    }
  }
}

/// The type of a value: elements of one kind, in a shape.
public struct TensorType: Hashable, Sendable {
  public var shape: [Dimension]
  public var layout: Layout
  public var element: ElementType

  public init(_ shape: [Dimension], layout: Layout = .rowMajor, element: ElementType = .f32) {
    self.shape = shape
    self.layout = layout
    self.element = element
  }

  public static let scalar = TensorType([])
  /// A counter.
  public static let count = TensorType([], element: .i64)

  public var rank: Int { shape.count }

  public func elementCount(batch: Int) -> Int {
    shape.reduce(1) { $0 * $1.extent(batch: batch) }
  }

  /// The 32-bit words that the elements take in memory.
  public func wordCount(batch: Int) -> Int { elementCount(batch: batch) * element.words }

  public func extents(batch: Int) -> [Int] { shape.map { $0.extent(batch: batch) } }

  /// More elements than this no machine holds; an extent times a stride then fits a word.
  public static let largestElementCount = 1 << 40

  /// Whether every extent is positive and the elements (of one image, where the batch is an extent) can
  /// be counted.
  public var isAddressable: Bool {
    var count = 1
    for extent in shape.lazy.map({ $0.extent(batch: 1) }) {
      guard extent > 0, extent <= Self.largestElementCount / count else { return false }
      count *= extent
    }
    return true
  }

  /// Whether both have the same shape, wherever their elements lie.
  public func hasSameShape(as other: TensorType) -> Bool { shape == other.shape }
}

extension TensorType: CustomStringConvertible {
  public var description: String {
    let extents = shape.map(\.description).joined(separator: ",")
    return "\(element.rawValue)[\(extents)]" + (layout == .channelsLast ? "{channels_last}" : "")
  }
}

/// A height and a width.
public struct Size2: Hashable, Sendable {
  public var height: Int
  public var width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  public init(_ both: Int) { self.init(both, both) }
}

extension Size2: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
}

import CKernels
import GraphIR

/// What a node's kernels are chosen from: the regions of its values, and scratch memory of its own.
///
/// A plan binds every node twice: once to learn what scratch memory is asked for, and once more when all
/// memory has its place.
struct KernelBinder {
  let graph: Graph
  let batch: Int
  let lanes: Int
  let convolutionPolicy: ConvolutionPolicy
  /// Where each value lies, by its index; nil for values that no node defines.
  var regions: [Region?]
  /// Whether each value, by its index, stays the same for as long as the state does.
  let isConstant: [Bool]
  var memory: ScratchRequests

  /// A call and the node that it belongs to.
  struct BoundCall {
    var call: KernelCall
    var node: Int
  }

  /// What every run does.
  var calls: [BoundCall] = []
  /// What the first run after a change of the state does.
  var prologue: [BoundCall] = []
  var programs: [ProgramCall] = []
  var optimizers: [OptimizerCall] = []

  // MARK: What nodes ask

  func type(_ value: ValueID) -> TensorType { graph.type(of: value) }

  func region(_ value: ValueID) -> Region {
    regions[value.index] ?? Region(space: .scratch, offset: 0, count: type(value).wordCount(batch: batch))
  }

  func count(_ value: ValueID) -> Int { type(value).elementCount(batch: batch) }

  func extents(_ value: ValueID) -> [Int] { type(value).extents(batch: batch) }

  /// A tensor of channels-innermost rows: [N, C] as it is, [N, C, H, W] in the layout channels last.
  func rowsAndChannels(_ value: ValueID) -> (rows: Int, channels: Int) {
    let channels = extents(value)[1]
    return (count(value) / channels, channels)
  }

  mutating func workspace(bytes: Int) -> Region { memory.workspace(floats: (bytes + 3) / 4) }

  mutating func call(_ call: KernelCall) { self.call(call, isConstant: memory.isConstant) }

  mutating func call(_ call: KernelCall, isConstant: Bool) {
    let bound = BoundCall(call: call, node: memory.node)
    if isConstant { prologue.append(bound) } else { calls.append(bound) }
  }

  /// Copies an operand to where the result lies, for kernels that work in place.
  mutating func copyIfApart(_ source: Region, _ target: Region) {
    if source != target { call(.copy(count: source.count, x: source, y: target)) }
  }

  // MARK: Geometry

  /// The extents in the order in which they lie in memory, and the axis that each belongs to.
  func memoryOrder(_ value: ValueID) -> [Int] {
    let type = type(value)
    return type.layout == .channelsLast && type.rank == 4 ? [0, 2, 3, 1] : Array(0..<type.rank)
  }

  /// The distance of neighbours along each logical axis.
  func strides(_ value: ValueID) -> [Int] {
    let extents = extents(value)
    var strides = Array(repeating: 1, count: extents.count)
    var distance = 1
    for axis in memoryOrder(value).reversed() {
      strides[axis] = distance
      distance *= extents[axis]
    }
    return strides
  }

  func convolutionShape(
    large: ValueID, small: ValueID, kernel: Size2, _ geometry: ConvolutionGeometry
  ) -> ck_conv_shape {
    let (l, s) = (extents(large), extents(small))
    return ck_conv_shape(
      batch: l[0], large_height: l[2], large_width: l[3], large_channels: l[1], small_height: s[2],
      small_width: s[3], small_channels: s[1], kernel_height: kernel.height, kernel_width: kernel.width,
      stride_height: geometry.stride.height, stride_width: geometry.stride.width,
      padding_height: geometry.padding.height, padding_width: geometry.padding.width,
      dilation_height: geometry.dilation.height, dilation_width: geometry.dilation.width,
      groups: geometry.groups)
  }
}

/// Which algorithm a plan takes for a convolution.
public struct ConvolutionPolicy: Sendable {
  /// The algorithm's name (`direct`, `winograd4`, …), where one is wanted wherever it can be used; nil is
  /// the cost model's choice.
  public var preferred: String?
  /// Whether the cost model may choose algorithms that round what they multiply to bf16.
  public var allowsBF16 = false

  public init(preferred: String? = nil) { self.preferred = preferred }

  /// The names of all algorithms.
  public static var names: [String] {
    (0..<UInt32(CK_CONV_ALGORITHM_COUNT)).map {
      unsafe String(cString: ck_conv_algorithm_name(ck_conv_algorithm(rawValue: $0)))
    }
  }

  /// The algorithm that is wanted and yet not allowed, as it rounds what it multiplies to bf16.
  public var refused: String? {
    guard !allowsBF16, let preferred, let algorithm = Self.algorithm(named: preferred) else { return nil }
    return ck_conv_rounds_operands(algorithm) ? preferred : nil
  }

  private static func algorithm(named name: String) -> ck_conv_algorithm? {
    names.firstIndex(of: name).map { ck_conv_algorithm(rawValue: UInt32($0)) }
  }

  /// - Parameter isPrepared: Whether the weights are prepared once for many runs.
  func algorithm(
    _ shape: ck_conv_shape, _ direction: ck_conv_direction, isPrepared: Bool = false
  ) -> ck_conv_algorithm {
    var shape = shape
    if let preferred, let algorithm = Self.algorithm(named: preferred),
      unsafe ck_conv_supports(&shape, direction, algorithm)
    {
      return algorithm
    }
    return unsafe ck_conv_choose(
      &shape, direction, allowsBF16 ? CK_CONV_BF16 : CK_CONV_FP32, isPrepared)
  }
}

/// The scratch memory that kernels ask for besides their operands and results.
struct ScratchRequests: Sendable {
  /// A set of prepared weights: the same for every convolution that reads the weight in the same way.
  struct PreparedKey: Hashable {
    var weight: ValueID
    var direction: UInt32
    var algorithm: UInt32
    /// The shape without the batch, which does not change prepared weights.
    var shape: [Int]
  }

  struct Request {
    var count: Int
    /// In order.
    var nodes: [Int]
    var isConstant: Bool
  }

  private(set) var requests: [Request] = []
  private var prepared: [PreparedKey: Int] = [:]
  /// The place of each request, once it is known.
  private var regions: [Region]?
  private var next = 0
  /// The node that is bound now.
  var node = 0
  /// Whether it runs once for as long as the state stands still.
  var isConstant = false

  mutating func workspace(floats: Int) -> Region {
    take(Request(count: max(floats, 1), nodes: [node], isConstant: isConstant))
  }

  /// The region of prepared weights, and whether they must still be computed.
  mutating func preparedWeights(_ key: PreparedKey, floats: Int, isConstant: Bool) -> (Region, isNew: Bool) {
    if let index = prepared[key] {
      if regions == nil { requests[index].nodes.append(node) }
      return (region(of: index), false)
    }
    let region = take(Request(count: floats, nodes: [node], isConstant: isConstant))
    prepared[key] = next - 1
    return (region, true)
  }

  /// Whether this is the second round, in which kernels are bound for good; the first learns what they ask for.
  var isPlaced: Bool { regions != nil }

  /// Starts the second round.
  mutating func place(_ regions: [Region]) {
    self.regions = regions
    next = 0
    prepared = [:]
  }

  private mutating func take(_ request: Request) -> Region {
    if regions == nil { requests.append(request) }
    next += 1
    return region(of: next - 1)
  }

  private func region(of index: Int) -> Region {
    regions?[index] ?? Region(space: .scratch, offset: 0, count: requests[index].count)
  }
}

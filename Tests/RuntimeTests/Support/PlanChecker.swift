import CKernels
import GraphIR

@testable import Runtime

/// Follows a plan call by call and notes which memory holds which value: an oracle that knows nothing of
/// lifetimes or of how the plan came about.
///
/// A value is held from the end of the node that computes it until a call writes over any part of it.
/// Every operand, output and new state must be held when it is read.
struct PlanChecker {
  private let plan: CPUPlan
  /// By the value's index.
  private var held: [Int: Region] = [:]
  /// What weights lie prepared where.
  private var prepared: [Region: Preparation] = [:]
  private var faults: [String] = []

  private struct Preparation: Equatable {
    var weight: ValueID
    var direction: UInt32
    var algorithm: UInt32

    init(_ convolution: Convolution, weight: ValueID) {
      self.weight = weight
      direction = convolution.direction.rawValue
      algorithm = convolution.algorithm.rawValue
    }
  }

  /// What is wrong with a plan, or with a plan that made these calls.
  static func faults(in plan: CPUPlan, calls: [KernelBinder.BoundCall]? = nil) -> [String] {
    var checker = PlanChecker(plan: plan)
    for input in plan.graph.inputs { checker.held[input.value.index] = plan.regions[input.value.index] }
    checker.follow(plan.prologue, inPrologue: true)
    checker.follow(calls ?? plan.calls, inPrologue: false)
    checker.checkEnd()
    return checker.faults
  }

  private init(plan: CPUPlan) { self.plan = plan }

  private mutating func follow(_ calls: [KernelBinder.BoundCall], inPrologue: Bool) {
    var byNode: [Int: [KernelCall]] = [:]
    for bound in calls { byNode[bound.node, default: []].append(bound.call) }
    if calls.map(\.node) != calls.map(\.node).sorted() { faults.append("calls are out of order") }
    for (index, node) in plan.graph.nodes.enumerated() {
      let isConstant = node.results.allSatisfy { region($0).space == .persistent }
      let calls = byNode[index] ?? []
      follow(calls, of: node, "\(node.op.definition.mnemonic) #\(index)", inPrologue: inPrologue)
      if isConstant == inPrologue { define(node, calls) }
    }
    follow(
      byNode[plan.graph.nodes.count] ?? [],
      of: Node(
        op: .detach(Detach()), operands: plan.graph.stores.map(\.value), results: [], origin: Origin()),
      "stores", inPrologue: inPrologue)
  }

  private func region(_ value: ValueID) -> Region {
    plan.regions[value.index] ?? Region(space: .scratch, offset: 0, count: 0)
  }

  private mutating func follow(_ calls: [KernelCall], of node: Node, _ what: String, inPrologue: Bool) {
    var own: [Region] = []
    for call in calls {
      let accesses = call.accesses(in: plan)
      let operands = node.operands.compactMap { held[$0.index] }
      let weights = preparation(for: call, node, what)
      for read in accesses.reads where !(operands + own + weights).contains(where: { $0.contains(read) }) {
        faults.append("\(what): \(accesses.kernel) reads \(read), which holds no operand")
      }
      let writes = accesses.writes + [accesses.workspace].compactMap { $0 }
      for (index, write) in writes.enumerated() {
        if writes[..<index].contains(where: write.overlaps) {
          faults.append("\(what): \(accesses.kernel) writes \(write) twice")
        }
        if write.space == .persistent, !inPrologue {
          faults.append("\(what): \(accesses.kernel) writes \(write), which is computed once")
        }
        for read in accesses.reads where read.overlaps(write) {
          if read != write || !accesses.kernel.worksInPlace {
            faults.append("\(what): \(accesses.kernel) writes over \(read) while it reads it")
          }
        }
        held = held.filter { !$0.value.overlaps(write) }
        prepared = prepared.filter { !$0.key.overlaps(write) }
        own.append(write)
      }
      if case .prepareConvolution(let convolution, _, let region) = call {
        prepared[region] = Preparation(convolution, weight: node.operands[1])
      }
    }
    for result in node.results where !calls.isEmpty && (region(result).space == .persistent) == inPrologue {
      if !own.contains(where: { $0.contains(region(result)) }) {
        faults.append("\(what): nothing writes its result")
      }
    }
  }

  /// The prepared weights that a call may read.
  private mutating func preparation(for call: KernelCall, _ node: Node, _ what: String) -> [Region] {
    guard case .convolution(let convolution, _, let weights, _, _, _) = call,
      convolution.direction != CK_CONV_WEIGHT_GRADIENT
    else { return [] }
    if prepared[weights] == Preparation(convolution, weight: node.operands[1]) { return [weights] }
    faults.append("\(what): its weights are not prepared")
    return []
  }

  /// Notes that the node's results are held, by its calls or because an operand is held there.
  private mutating func define(_ node: Node, _ calls: [KernelCall]) {
    if calls.isEmpty {
      let isHeld = node.operands.first.map { held[$0.index] == region(node.results[0]) } ?? false
      if !isHeld || !node.op.definition.keepsElements {
        faults.append("\(node.op.definition.mnemonic) is not computed")
      }
    }
    for result in node.results { held[result.index] = region(result) }
  }

  private mutating func checkEnd() {
    for output in plan.graph.outputs where held[output.value.index] == nil {
      faults.append("the output \(output.name) is gone")
    }
    for input in plan.graph.inputs where input.outlivesRun {
      guard let store = plan.graph.stores.first(where: { $0.target == input.value }) else {
        if held[input.value.index] == nil { faults.append("\(input.name) is written over") }
        continue
      }
      let isCopied = plan.calls.contains { bound in
        if case .copy(_, region(store.value), region(input.value)) = bound.call { true } else { false }
      }
      let isInPlace = held[store.value.index] == region(input.value)
      if !isInPlace, !isCopied { faults.append("\(input.name) does not get its new value") }
    }
  }
}

extension KernelName {
  /// Whether a result may lie where an operand does.
  fileprivate var worksInPlace: Bool {
    switch self {
    case .affine, .increment, .unary, .unaryBackward, .binary, .program, .biasAdd, .normalize,
      .batchNormBackward,
      .updateRunning, .optimizer, .convolution, .softmax, .groupMean:
      true
    case .copy, .fill, .stridedCopy, .broadcast, .reduceSum, .toChannelsLast, .toRowMajor, .matmul,
      .prepareConvolution, .channelStatistics, .upsample, .avgPool, .avgPoolAdjoint, .maxPool,
      .maxPoolGradient, .maxPoolGather, .dropoutMask, .randomNormal, .oneHot, .translate,
      .window, .interpolate:
      false
    }
  }
}

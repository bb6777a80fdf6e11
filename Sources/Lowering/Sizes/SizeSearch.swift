import Diagnostics

/// Other numbers for some steps of a chain.
struct SizeChanges: Sendable {
  struct Key: Hashable, Comparable, Sendable {
    var step: Int
    var attribute: SizeAttribute

    static func < (left: Key, right: Key) -> Bool {
      (left.step, left.attribute.order) < (right.step, right.attribute.order)
    }
  }

  /// The new numbers; a side that keeps its own is written with it.
  var values: [Key: Axes<Int>] = [:]
  /// The new sizes of steps that are constants.
  var constants: [Int: Axes<Int>] = [:]
  var cost = 0.0
}

extension SizeAttribute {
  var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Finds the least change of a chain's numbers with which its sizes come out right.
///
/// Each side is a shortest path through (step, size): a step is taken as it is, or with other numbers at
/// their cost. Nothing is tried twice, so that any number of steps may change together.
struct SizeSearch {
  let chain: SizeChain
  private let sources: SourceMap
  private let habits: [SizeHabit]
  /// The first step that does not fit, if there is one.
  private let culprit: Int?

  init(_ chain: SizeChain, sources: SourceMap) {
    self.chain = chain
    self.sources = sources
    let reached = Axis.allCases.map { chain.sizes($0).count - 1 }.min() ?? 0
    culprit = reached < chain.steps.count ? reached : nil
    habits = chain.steps.indices.map { SizeHabit(of: $0, in: chain) }
  }

  /// Nil where nothing under the bound helps.
  func leastChange(under bound: Double) -> SizeChanges? {
    let isOne =
      chain.task.input.isSquare && chain.goal?.isSquare != false
      && chain.steps.allSatisfy { $0.maps.isSquare }
    guard let first = path(.height, under: bound, like: [:]) else { return nil }
    if isOne { return changes(first, first) }
    guard let second = path(.width, under: bound, like: first.moves) else { return nil }
    var best = changes(first, second)
    if let other = path(.width, under: bound, like: [:]),
      let back = path(.height, under: bound, like: other.moves)
    {
      let changes = changes(back, other)
      if changes.cost < best.cost { best = changes }
    }
    return best.cost < bound ? best : nil
  }

  // MARK: One side

  /// Another map for a step.
  private struct Move {
    var map: AxisMap
    var changed: [SizeAttribute]
    var cost: Double
  }

  private struct Path {
    /// The moves by their step.
    var moves: [Int: Move]
  }

  /// The least costs of all sizes behind one step, and how they are reached.
  private struct Front {
    var costs: [Double]
    /// The size in front of the step.
    var before: [Int32]
    /// The place in `moves`; negative where the step stays as it is.
    var chosen: [Int32]
    var moves: [Move] = []

    init(limit: Int) {
      costs = Array(repeating: .infinity, count: limit + 1)
      before = Array(repeating: 0, count: limit + 1)
      chosen = Array(repeating: -1, count: limit + 1)
    }

    mutating func reach(_ size: Int?, at cost: Double, from before: Int, by move: Int) {
      guard let size, size < costs.count, cost < costs[size] else { return }
      costs[size] = cost
      self.before[size] = Int32(before)
      chosen[size] = Int32(move)
    }
  }

  /// The cheapest way along one side.
  ///
  /// - Parameter other: The moves of the other side, which cost little when they are made on this one, too.
  private func path(_ axis: Axis, under bound: Double, like other: [Int: Move]) -> Path? {
    let limit = sizeLimit(axis)
    // All sizes are looked at, for each step: of images that nobody trains on this would take minutes.
    guard limit <= Self.largestLimit else { return nil }
    // Steps that keep every size are no part of the way.
    let way = chain.steps.indices.filter { chain.steps[$0].maps[axis] != .keep }
    var front = Front(limit: limit)
    guard chain.task.input[axis] <= limit else { return nil }
    front.costs[chain.task.input[axis]] = 0
    var fronts: [Front] = []
    for index in way {
      let step = chain.steps[index]
      let map = step.maps[axis]
      var next = Front(limit: limit)
      let reached = front.costs.indices.filter { front.costs[$0] < bound }
      if !step.isShared {
        let isStart = index == firstIndex && reached == [1]
        next.moves = moves(index, axis, isStart: isStart, like: other)
      }
      let count = next.moves.count
      for size in reached {
        let cost = front.costs[size]
        next.reach(map(size), at: cost, from: size, by: -1)
        for place in 0..<count where cost + next.moves[place].cost < bound {
          next.reach(next.moves[place].map(size), at: cost + next.moves[place].cost, from: size, by: place)
        }
        guard !step.isShared, index == way.last, let goal = chain.goal,
          let whole = whole(index, axis, size, to: goal[axis], like: other), cost + whole.cost < bound
        else { continue }
        next.moves.append(whole)
        next.reach(whole.map(size), at: cost + whole.cost, from: size, by: next.moves.count - 1)
      }
      fronts.append(next)
      front = next
    }
    var size: Int
    if let goal = chain.goal {
      size = goal[axis]
    } else {
      guard let least = front.costs.indices.min(by: { front.costs[$0] < front.costs[$1] }) else { return nil }
      size = least
    }
    guard size <= limit, front.costs[size] < bound else { return nil }
    var path = Path(moves: [:])
    for (index, front) in zip(way, fronts).reversed() {
      if front.chosen[size] >= 0 { path.moves[index] = front.moves[Int(front.chosen[size])] }
      size = Int(front.before[size])
    }
    return path
  }

  private var firstIndex: Int {
    chain.steps.firstIndex { $0.maps.height != .keep || $0.maps.width != .keep } ?? 0
  }

  private static let largestLimit = 1 << 13

  /// No size on the way need be much larger than both ends.
  private func sizeLimit(_ axis: Axis) -> Int {
    let largest = max(chain.task.input[axis], chain.goal?[axis] ?? 1, 16)
    return 2 * largest + 16
  }

  // MARK: Moves

  private func moves(_ index: Int, _ axis: Axis, isStart: Bool, like other: [Int: Move]) -> [Move] {
    let step = chain.steps[index]
    let old = step.maps[axis]
    switch old {
    case .constant(let size) where step.layer.kind.name.value == "reshape":
      let largest = chain.goal?[axis] ?? size
      return (1...max(largest, 1)).filter { $0 != size }.map { new in
        Move(
          map: .constant(new), changed: [],
          cost: shared(SizeCost.number + 0.2 + SizeCost.resize(from: size, to: new), other[index]))
      }
    case .upsample(let scale):
      return (1...8).filter { $0 != scale }.map { new in
        move(index, .upsample(new), [.scaleFactor], other)
      }
    case .convolution(let window), .transposed(let window), .pool(let window):
      if isStart, case .transposed = old, window.padding == 0 {
        let largest = chain.goal?[axis] ?? 64
        let starts = (1...max(largest, 1)).filter { $0 != window.kernel }.map { kernel in
          var new = window
          new.kernel = kernel
          var start = move(index, old.with(new), [.kernelSize], other)
          start.cost = shared(
            base(index, .kernelSize) + SizeCost.resize(from: window.kernel, to: kernel), other[index])
          return start
        }
        return starts + windowMoves(index, old, window, other, withKernels: false)
      }
      return windowMoves(index, old, window, other, withKernels: !isEnd(index))
    default: return []
    }
  }

  private func windowMoves(
    _ index: Int, _ old: AxisMap, _ window: AxisWindow, _ other: [Int: Move], withKernels: Bool
  ) -> [Move] {
    var moves: [Move] = []
    func add(_ new: AxisWindow, _ changed: SizeAttribute...) {
      moves.append(move(index, old.with(new), changed, other))
    }
    func values(_ attribute: SizeAttribute, _ range: ClosedRange<Int>) -> [Int] {
      range.filter { $0 != window[attribute] }
    }
    var isTransposed = false
    if case .transposed = old { isTransposed = true }
    for stride in values(.stride, 1...4) {
      var new = window
      new.stride = stride
      add(new, .stride)
    }
    for padding in values(.padding, 0...max(4, window.padding)) {
      var new = window
      new.padding = padding
      add(new, .padding)
      if isTransposed, window.stride > 1 {
        new.outputPadding = 1 - min(window.outputPadding, 1)
        add(new, .padding, .outputPadding)
      }
    }
    if isTransposed {
      for padding in values(.outputPadding, 0...max(1, max(window.stride, window.dilation) - 1)) {
        var new = window
        new.outputPadding = padding
        add(new, .outputPadding)
      }
    }
    if window.dilation != 1 {
      var new = window
      new.dilation = 1
      add(new, .dilation)
    }
    guard withKernels else { return moves }
    for kernel in values(.kernelSize, 1...window.kernel + 24) {
      var new = window
      new.kernel = kernel
      // A pool moves by its window unless it is told otherwise.
      if case .pool = old, chain.steps[index].span(of: .stride) == nil { new.stride = kernel }
      add(new, .kernelSize)
      if kernel <= 8 {
        for padding in values(.padding, 0...3) {
          new.padding = padding
          add(new, .kernelSize, .padding)
        }
      }
    }
    return moves
  }

  /// A last window as large as what it sees.
  private func whole(
    _ index: Int, _ axis: Axis, _ size: Int, to goal: Int, like other: [Int: Move]
  ) -> Move? {
    guard goal == 1, case .convolution(var window) = chain.steps[index].maps[axis], window.dilation == 1
    else {
      return nil
    }
    let old = window.kernel
    window.kernel = size + 2 * window.padding
    guard window.kernel != old else { return nil }
    var move = move(index, .convolution(window), [.kernelSize], other)
    move.cost = shared(base(index, .kernelSize) + SizeCost.resize(from: old, to: window.kernel), other[index])
    return move
  }

  private func move(
    _ index: Int, _ new: AxisMap, _ changed: [SizeAttribute], _ other: [Int: Move]
  ) -> Move {
    let step = chain.steps[index]
    // The same for both sides, as far as the oddity goes.
    let old = step.maps.height
    var cost =
      changed.reduce(0) { $0 + base(index, $1) } + max(0, SizeCost.oddity(new) - SizeCost.oddity(old))
    let isExact = SizeCost.becomesExact(old, new)
    if isExact { cost -= changed.contains(.kernelSize) ? SizeCost.exactKernel : SizeCost.exact }
    for attribute in changed {
      cost += SizeCost.distance * Double(abs(new.value(of: attribute) - old.value(of: attribute)))
    }
    if changed.contains(.kernelSize) { cost += SizeCost.kernel }
    if index == culprit { cost -= SizeCost.culprit }
    let habit = habits[index].values
    if let window = new.window, changed.allSatisfy({ habit[$0] == window[$0] }) {
      cost -= SizeCost.habit
    } else {
      if changed.contains(.stride), !isExact { cost += SizeCost.stride }
      if let window = old.window {
        let lost = changed.filter { $0 != .outputPadding && habit[$0] == window[$0] }
        cost += SizeCost.habitLost * Double(lost.count)
      }
    }
    if isEnd(index), changed.contains(where: { $0 != .kernelSize }) { cost += SizeCost.paddedEnd }
    return Move(map: new, changed: changed, cost: shared(max(cost, SizeCost.least), other[index], changed))
  }

  /// Whether a step makes an image of one pixel, or sees one with a single window.
  private func isEnd(_ index: Int) -> Bool {
    let isStart = index == firstIndex && chain.task.input == Axes(1, 1)
    let isWhole = index == lastIndex && chain.goal == Axes(1, 1)
    return (isStart || isWhole) && (chain.steps[index].maps.height.window?.stride ?? 1) == 1
  }

  private var lastIndex: Int? { chain.steps.lastIndex { $0.maps.height.window != nil } }

  private func base(_ index: Int, _ attribute: SizeAttribute) -> Double {
    guard let span = chain.steps[index].span(of: attribute) else { return SizeCost.newAttribute }
    return sources.isNumber(span) ? SizeCost.number : SizeCost.expression
  }

  /// What the other side changes anyway costs little more.
  private func shared(_ cost: Double, _ other: Move?, _ changed: [SizeAttribute] = []) -> Double {
    guard let other, other.changed == changed || changed.isEmpty else { return cost }
    return min(cost, SizeCost.otherAxis)
  }

  // MARK: Both sides

  private func changes(_ height: Path, _ width: Path) -> SizeChanges {
    var changes = SizeChanges()
    for index in chain.steps.indices {
      let moves = Axes(height.moves[index], width.moves[index])
      guard moves.height != nil || moves.width != nil else { continue }
      let step = chain.steps[index]
      changes.cost += max(moves.height?.cost ?? 0, moves.width?.cost ?? 0)
      let maps = Axes(moves.height?.map ?? step.maps.height, moves.width?.map ?? step.maps.width)
      if maps.height != maps.width, step.maps.isSquare { changes.cost += SizeCost.otherAxis }
      if case .constant(let height) = maps.height, case .constant(let width) = maps.width {
        changes.constants[index] = Axes(height, width)
        continue
      }
      let changed = SizeAttribute.allCases.filter { attribute in
        Axis.allCases.contains { moves[$0]?.changed.contains(attribute) == true }
      }
      for attribute in changed {
        changes.values[.init(step: index, attribute: attribute)] = Axes(
          maps.height.value(of: attribute), maps.width.value(of: attribute))
      }
    }
    return changes
  }
}

extension AxisMap {
  func value(of attribute: SizeAttribute) -> Int {
    if case .upsample(let scale) = self { return scale }
    guard let window else { preconditionFailure("a map without a window has no \(attribute.rawValue)") }
    return window[attribute]
  }
}

/// What the layers like a step have in common.
struct SizeHabit: Sendable {
  /// The most frequent value among the others, where it is the only one so frequent.
  var values: [SizeAttribute: Int] = [:]

  init(of index: Int, in chain: SizeChain) {
    var others = chain.steps
    let step = others.remove(at: index)
    self.init(of: step, among: others)
  }

  /// The habit of the layers that are written elsewhere.
  init(of step: SizeStep, in chain: SizeChain) {
    self.init(of: step, among: chain.steps.filter { $0.layer.span != step.layer.span })
  }

  private init(of step: SizeStep, among others: [SizeStep]) {
    guard let own = step.maps.height.window else { return }
    let same = others.filter { $0.layer.kind.name.value == step.layer.kind.name.value }
    var like = same.filter { ($0.maps.height.window?.stride ?? 1) > 1 }
    // Where none of them changes the size, those with the same window.
    if like.isEmpty { like = same.filter { $0.maps.height.window?.kernel == own.kernel } }
    for attribute in SizeAttribute.allCases where attribute != .scaleFactor {
      var counts: [Int: Int] = [:]
      for other in like { counts[other.maps.height.value(of: attribute), default: 0] += 1 }
      guard let most = counts.values.max() else { continue }
      let values = counts.filter { $0.value == most }.keys
      if values.count == 1 { self.values[attribute] = values.first }
    }
  }
}

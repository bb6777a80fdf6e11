import Diagnostics
import ModelSpec

/// The sizes that led to a mistake, layer by layer, and the first layer behind which what is asked for is out
/// of reach.
struct SizeTrace {
  let chain: SizeChain
  let sources: SourceMap

  /// One step for each element of the network's list that changes the size, up to the first that does not fit.
  ///
  /// - Parameter plan: What would mend it; where it changes the network first, the sizes leave the way.
  func steps(toward plan: SizeSolver.Plan?) -> [Diagnostic.Step] {
    let sizes = Axes(chain.sizes(.height), chain.sizes(.width))
    let reached = min(sizes.height.count, sizes.width.count)
    var steps: [Diagnostic.Step] = []
    var index = 0
    while index < chain.steps.count {
      let item = chain.steps[index].layer.item
      let start = index
      while index < chain.steps.count, chain.steps[index].layer.item == item { index += 1 }
      guard start < reached else { break }
      let input = Axes(sizes.height[start], sizes.width[start])
      guard index < reached else {
        steps.append(.init(span: item, input: input.text, output: "?", remark: "does not fit"))
        break
      }
      let output = Axes(sizes.height[index], sizes.width[index])
      if output == input { continue }
      steps.append(.init(span: item, input: input.text, output: output.text))
    }
    guard steps.count > 1 else { return [] }
    mark(&steps, plan)
    return steps
  }

  /// The place of the first step of the chain that a plan changes.
  private func firstChanged(_ plan: SizeSolver.Plan?) -> Int? {
    plan.flatMap { plan in
      chain.steps.firstIndex { step in plan.edits.contains { touches($0.span, step.layer) } }
    }
  }

  private func touches(_ edit: SourceSpan, _ layer: LayerSpec) -> Bool {
    [layer.item, layer.span].contains { span in
      span.source == edit.source && edit.range.lowerBound >= span.range.lowerBound
        && edit.range.lowerBound <= span.range.upperBound
    }
  }

  /// Says where the way is left.
  private func mark(_ steps: inout [Diagnostic.Step], _ plan: SizeSolver.Plan?) {
    // Where the channels alone are wrong, no size is out of reach.
    guard !chain.fits, let goal = chain.goal, let plan, let first = firstChanged(plan) else { return }
    let what = goal == Axes(1, 1) ? "one score" : goal.text
    // A new stage stands behind an element that keeps the size, or in front of one that does not.
    let item = chain.steps[...first].last { step in steps.contains { $0.span == step.layer.item } }?.layer
      .item
    guard let place = steps.firstIndex(where: { $0.span == item }), steps[place].remark == nil else { return }
    let cause: String?
    if plan.stages != 0 {
      let count = plan.stages.magnitude == 1 ? "a stage is" : "\(plan.stages.magnitude) stages are"
      cause = plan.stages > 0 ? "\(count) missing" : "\(count) too many"
    } else {
      cause = forgotten(plan)
    }
    steps[place].remark = (cause.map { "\($0): " } ?? "") + "from here on, \(what) is out of reach"
  }

  /// Where a plan makes one layer like the others of its kind, what it lacks.
  private func forgotten(_ plan: SizeSolver.Plan) -> String? {
    guard let habit = plan.habit else { return nil }
    let others = habit.others == 1 ? "the other one has" : "the \(habit.others) others like it have"
    return habit.isMissing
      ? "`\(habit.attribute): \(habit.value)`, which \(others), is missing here"
      : "`\(habit.attribute)` is \(habit.old) here, where \(others) \(habit.value)"
  }
}

/// A layer that is unlike all others of its kind, and a change that makes it like them.
struct HabitLost: Sendable {
  var attribute: String
  var old: String
  var value: String
  /// How many others there are.
  var others: Int
  /// Whether nothing stands there.
  var isMissing: Bool

  /// Nil where the changes are not one, or not that.
  init?(_ changes: SizeChanges, in chain: SizeChain) {
    guard changes.values.count == 1, changes.constants.isEmpty, let (key, value) = changes.values.first else {
      return nil
    }
    let step = chain.steps[key.step]
    let others = chain.steps.indices.filter { other in
      other != key.step && chain.steps[other].layer.kind.name.value == step.layer.kind.name.value
        && (chain.steps[other].maps.height.window?.stride ?? 1) > 1
    }
    guard !others.isEmpty,
      others.allSatisfy({ other in
        Axis.allCases.allSatisfy { chain.steps[other].maps[$0].value(of: key.attribute) == value[$0] }
      })
    else { return nil }
    attribute = key.attribute.rawValue
    old =
      Axes(
        step.maps.height.value(of: key.attribute), step.maps.width.value(of: key.attribute)
      ).attributeText
    self.value = value.attributeText
    self.others = others.count
    isMissing = step.span(of: key.attribute) == nil
  }
}

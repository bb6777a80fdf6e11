import Diagnostics
import ModelSpec

/// Finds the least edit of a model's text with which every network makes the sizes that are asked for.
///
/// What the person set, the image's size and channels, stays; the networks follow.
struct SizeSolver {
  let checker: ModelChecker
  let spec: ModelSpec
  let sources: SourceMap

  /// A way to change the text.
  struct Plan: Sendable {
    var cost: Double
    var pieces: [SizeText.Piece]
    /// Where it makes one layer like all others of its kind.
    var habit: HabitLost?
    /// How many stages more, or less, the one network has that it changes.
    var stages = 0

    var edits: [FixIt.Edit] { pieces.flatMap(\.edits) }

    /// What it does, for a person who looks at a line.
    func title(seenFrom line: Int?) -> String {
      let titles = pieces.map { $0.title(seenFrom: line) }
      guard titles.count > 1 else { return titles.joined() }
      return titles.dropLast().joined(separator: ", ") + ", and " + titles[titles.count - 1]
    }
  }

  /// A network whose sizes are not what they must be, and what would mend it, the least first.
  struct Broken: Sendable {
    var chain: SizeChain?
    var plans: [Plan]
  }

  /// What a change costs at most: hardly one costs more than the first, and no person would take what costs
  /// more than the last.
  private static let bounds = [5.0, 12]
  /// How much more an alternative may cost than the least.
  private static let margin = 0.95

  /// The networks that need a change.
  func brokenNetworks(most count: Int) -> [Broken] {
    spec.sizeTasks.indices.compactMap { index in
      let chain = SizeChain(spec.sizeTasks[index])
      if let chain, chain.isRight, spec.followsImage(spec.sizeTasks[index]) == nil { return nil }
      return Broken(chain: chain, plans: plans(for: index, most: count))
    }
  }

  /// Plans that mend all broken networks at once, the least first; none where one of them cannot be mended.
  func plans(for broken: [Broken], most count: Int) -> [Plan] {
    if broken.isEmpty { return [] }
    var plans = [Plan(cost: 0, pieces: [])]
    for network in broken {
      plans = plans.flatMap { plan in
        network.plans.map {
          Plan(
            cost: plan.cost + $0.cost, pieces: plan.pieces + $0.pieces,
            habit: broken.count == 1 ? $0.habit : nil)
        }
      }
      .sorted { $0.cost < $1.cost }
    }
    let image = ImageText(checker: checker, spec: spec, sources: sources).pieces
    // What costs much more than the least is no alternative to it.
    return plans.prefix(count).filter { $0.cost <= plans[0].cost + Self.margin }.map { plan in
      var plan = plan
      plan.pieces += image
      return plan
    }
  }

  /// - Parameter index: Which of the model's tasks.
  private func plans(for index: Int, most count: Int) -> [Plan] {
    let task = spec.sizeTasks[index]
    let variants =
      SizeChain(task).map { SizeVariants($0, sources: sources).all }
      ?? SizeVariants.withReshape(task, sources: sources)
    for bound in Self.bounds {
      let found = plans(variants, index, most: count, under: bound)
      if !found.isEmpty { return found }
    }
    return []
  }

  private func plans(_ variants: [SizeVariant], _ index: Int, most count: Int, under most: Double) -> [Plan] {
    var found: [Plan] = []
    for variant in variants {
      // One more edit would not make it cheaper, and what costs much more than the least is not wanted.
      var bound = found.count < count ? most : found[count - 1].cost
      if let least = found.first { bound = min(bound, least.cost + Self.margin) }
      if variant.cost >= bound { break }
      guard let plan = plan(variant, index, under: bound - variant.cost) else { continue }
      if found.contains(where: { $0.edits == plan.edits }) { continue }
      found.append(plan)
      found.sort { $0.cost < $1.cost }
    }
    return Array(found.prefix(count))
  }

  private func plan(_ variant: SizeVariant, _ index: Int, under bound: Double) -> Plan? {
    var spec = spec
    var sources = sources
    if !variant.edits.isEmpty {
      guard let changed = checker.applying(FixIt("", edits: variant.edits), to: sources) else { return nil }
      let loaded = changed.loadSpec()
      guard let other = loaded.spec else { return nil }
      (spec, sources) = (other, loaded.sources)
    }
    let task = spec.sizeTasks[index]
    guard var chain = SizeChain(task) else { return nil }
    chain.apply(variant.shared)
    var changes = SizeChanges()
    if !chain.fits {
      guard let least = SizeSearch(chain, sources: sources).leastChange(under: bound) else { return nil }
      changes = least
    }
    let text = SizeText(sources: sources)
    guard var pieces = text.pieces(for: variant.shared, in: chain, changes),
      let rest = rest(chain, changes, text)
    else { return nil }
    pieces += rest
    if let span = spec.followsImage(task) {
      let extents = [spec.channels.value, spec.height.value, spec.width.value].map(String.init)
      pieces.append(
        .init(
          title: "let the \(task.network.name) expect \(extents.joined(separator: "×"))",
          edits: [.init(span: span, replacement: "[\(extents.joined(separator: ", "))]")],
          place: .line(sources.start(of: span).line)))
    }
    let cost = variant.cost + changes.cost + Double(rest.count) * SizeCost.number
    let habit =
      variant.edits.isEmpty && variant.shared == nil && rest.isEmpty ? HabitLost(changes, in: chain) : nil
    guard !variant.pieces.isEmpty else { return Plan(cost: cost, pieces: pieces, habit: habit) }
    return composed(variant, pieces).map { Plan(cost: cost, pieces: $0, stages: variant.stages) }
  }

  /// What besides the sizes is wrong: the channels, and the number of values in front of a reshape. Nil where
  /// it cannot be written.
  private func rest(_ chain: SizeChain, _ changes: SizeChanges, _ text: SizeText) -> [SizeText.Piece]? {
    var pieces: [SizeText.Piece] = []
    if !chain.channelsFit {
      guard let channels = chain.goalChannels, let step = chain.steps.last(where: { $0.channels != nil }),
        !step.isShared, step.layer.kind.name.value != "residual",
        let edit = text.set("out_channels", to: "\(channels)", in: step.layer)
      else { return nil }
      pieces.append(
        .init(
          title: "set `out_channels` to \(channels)", edits: [edit],
          place: .line(text.sources.start(of: edit.span).line)))
    }
    if changes.constants.isEmpty, chain.missingValues != nil {
      guard let piece = text.values(of: chain) else { return nil }
      pieces.append(piece)
    }
    return pieces
  }

  /// A variant's edits with edits of what they make, all as edits of the text that is there.
  private func composed(_ variant: SizeVariant, _ later: [SizeText.Piece]) -> [SizeText.Piece]? {
    guard let all = Diagnostics.composed(variant.edits, then: later.flatMap(\.edits)) else { return nil }
    var pieces = variant.pieces
    // What is edited within an insertion cannot be told from it any more.
    for index in pieces.indices { pieces[index].edits = [] }
    pieces[0].edits = all
    for piece in later {
      guard let own = Diagnostics.composed(variant.edits, then: piece.edits) else { return nil }
      let edit = own.first { !variant.edits.contains($0) }
      let isNew = edit.map { edit in variant.edits.contains { $0.span == edit.span } } ?? true
      let line = edit.map { sources.start(of: $0.span).line }
      pieces.append(
        .init(title: piece.title, edits: [], place: isNew ? .new : line.map { .line($0) } ?? .told))
    }
    return pieces
  }
}

/// The image's size in the model's own text, where the command line says another: what follows the size
/// must find it there.
struct ImageText {
  let checker: ModelChecker
  let spec: ModelSpec
  let sources: SourceMap

  /// Nothing where the text says it already.
  var pieces: [SizeText.Piece] {
    let extents = [("channels", spec.channels), ("height", spec.height), ("width", spec.width)]
    let isOverridden = extents.contains { extent in
      extent.1.span.map { sources.sources[$0.source.index].isOverride } == true
    }
    guard isOverridden else { return [] }
    var own = checker
    own.overrides.removeAll { $0.hasPrefix("image") }
    let loaded = own.loadSpec()
    guard let written = loaded.spec else { return [] }
    let old = [written.channels, written.height, written.width]
    let spans = old.compactMap(\.span)
    guard spans.count == 3 else { return [] }
    var edits: [FixIt.Edit] = []
    if spans[1] == spans[2], spec.height.value != spec.width.value {
      // `size: 64` becomes two.
      guard let edit = sides(spans[1], in: loaded.sources) else { return [] }
      edits.append(edit)
    } else {
      for index in [1, 2] where old[index].value != extents[index].1.value {
        let edit = FixIt.Edit(span: spans[index], replacement: "\(extents[index].1.value)")
        if !edits.contains(edit) { edits.append(edit) }
      }
    }
    if old[0].value != spec.channels.value {
      edits.append(.init(span: spans[0], replacement: "\(spec.channels.value)"))
    }
    // The sources of the files come first, in the same order.
    guard !edits.isEmpty, edits.allSatisfy({ sources.sources.indices.contains($0.span.source.index) }) else {
      return []
    }
    let size = "\(spec.channels.value)×\(spec.height.value)×\(spec.width.value)"
    return [
      .init(
        title: "write \(size) as `image`", edits: edits,
        place: .line(loaded.sources.start(of: edits[0].span).line))
    ]
  }

  private func sides(_ value: SourceSpan, in sources: SourceMap) -> FixIt.Edit? {
    let text = sources.sources[value.source.index].text
    var start = value.range.lowerBound
    while start > 0, text[start - 1] == UInt8(ascii: " ") { start -= 1 }
    let key = Array("size:".utf8)
    guard start >= key.count, Array(text[start - key.count..<start]) == key else { return nil }
    start -= key.count
    let line = sources.lineRange(sources.start(of: value).line, of: value.source)
    let before = text[line.lowerBound..<start]
    let isBlock = before.allSatisfy { $0 == UInt8(ascii: " ") }
    let between = isBlock ? "\n" + String(decoding: before, as: UTF8.self) : ", "
    return FixIt.Edit(
      span: SourceSpan(source: value.source, range: start..<value.range.upperBound),
      replacement: "height: \(spec.height.value)\(between)width: \(spec.width.value)")
  }
}

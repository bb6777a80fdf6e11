import Diagnostics
import ModelSpec

/// A network with a stage more or less: edits of its list, and what they cost.
struct SizeVariant: Sendable {
  var cost: Double
  var pieces: [SizeText.Piece]
  /// How many stages more, or less, there are.
  var stages = 0
  /// A number that is changed for several layers at once.
  var shared: SharedChange?

  var edits: [FixIt.Edit] { pieces.flatMap(\.edits) }
  static let unchanged = SizeVariant(cost: 0, pieces: [])
}

/// The lists that are worth a search: the network's own pattern gone on with, or cut short.
struct SizeVariants {
  let chain: SizeChain
  let sources: SourceMap
  private let list: SizeItems
  private let editor: ItemEdits

  /// No network for pictures needs more stages than that.
  private static let mostStages = 8

  init(_ chain: SizeChain, sources: SourceMap) {
    self.chain = chain
    self.sources = sources
    list = SizeItems(chain)
    editor = ItemEdits(sources: sources)
  }

  /// The cheapest first.
  var all: [SizeVariant] {
    ([.unchanged] + longer + shorter + withoutOne + repeated + withOthers + withEnds)
      .sorted { $0.cost < $1.cost }
  }

  // MARK: Stages more

  private var longer: [SizeVariant] {
    guard let stage = nextStage else { return [] }
    return (1...Self.mostStages).compactMap { count in
      let texts = Array(repeating: stage.texts, count: count).flatMap { $0 }
      guard
        let edits = stage.isBehind
          ? editor.insert(texts, behind: stage.item) : editor.insert(texts, before: stage.item)
      else { return nil }
      let times = count == 1 ? "once more" : count == 2 ? "twice more" : "\(count) times more"
      let line = sources.start(of: stage.item).line
      let place = stage.isBehind ? "behind line \(sources.end(of: stage.item).line)" : "before line \(line)"
      return SizeVariant(
        cost: Double(count) * stage.cost,
        pieces: [.init(title: "write \(stage.name) \(times) \(place)", edits: edits)], stages: count)
    }
  }

  private struct Stage {
    var texts: [String]
    var item: SourceSpan
    var isBehind: Bool
    var name: String
    var cost: Double
  }

  /// The stage that the network would go on with.
  private var nextStage: Stage? {
    let stages = self.stages
    guard let last = stages.last else { return nil }
    let isLastLayer =
      chain.goalChannels != nil && last.contains(list.items.count - 1) || last == list.groups.last
    if !isLastLayer || chain.goalChannels == nil || chain.goal == nil {
      return again(last)
    }
    if stages.count > 1 { return again(stages[stages.count - 2]) }
    return composed(last)
  }

  /// A group that stands there, once more.
  private func again(_ group: Range<Int>) -> Stage? {
    let spans = list.items[group].map(\.span)
    guard let first = spans.first, let last = spans.last else { return nil }
    let lines = (sources.start(of: first).line, sources.end(of: last).line)
    return Stage(
      texts: spans.map(sources.text(of:)), item: last, isBehind: true,
      name: spans.count == 1 && lines.0 == lines.1
        ? "`\(sources.text(of: first))`"
        : lines.0 == lines.1 ? "the layers of line \(lines.0)" : "lines \(lines.0) to \(lines.1)",
      cost: SizeCost.stage)
  }

  /// The last layer with the channels of the one before, and what follows that one.
  private func composed(_ group: Range<Int>) -> Stage? {
    let item = list.items[group.lowerBound]
    guard item.steps.count == 1, let index = list.groups.firstIndex(of: group), index > 0 else { return nil }
    let layer = chain.steps[item.steps.lowerBound].layer
    let before = list.groups[index - 1]
    let start = list.items[before.lowerBound]
    guard start.steps.count == 1, let own = layer.kind.attributes["out_channels"]?.span,
      let other = chain.steps[start.steps.lowerBound].layer.kind.attributes["out_channels"]?.span
        ?? chain.steps[start.steps.lowerBound].layer.kind.attributes["shape"]?.span,
      own.source == item.span.source, item.span.range.contains(own.range.lowerBound)
    else { return nil }
    let channels =
      chain.steps[start.steps.lowerBound].layer.kind.attributes["out_channels"] == nil
      ? "\(chain.steps[start.steps.lowerBound].channels ?? 1)" : sources.text(of: other)
    let text = sources.text(of: item.span)
    let offset = own.range.lowerBound - item.span.range.lowerBound
    var bytes = Array(text.utf8)
    bytes.replaceSubrange(offset..<offset + own.range.count, with: channels.utf8)
    let new = String(decoding: bytes, as: UTF8.self)
    let rest = list.items[before].dropFirst().map { sources.text(of: $0.span) }
    return Stage(
      texts: [new] + rest, item: item.span, isBehind: false,
      name: "`\(([new] + rest).joined(separator: "`, `"))`", cost: SizeCost.newStage)
  }

  /// The groups that make images larger, or smaller.
  private var stages: [Range<Int>] {
    list.groups.filter { group in
      let item = list.items[group.lowerBound]
      guard !item.isStart else { return false }
      return [item.ratio.height, item.ratio.width].contains { $0 > 1.4 || $0 < 0.71 }
        && !(chain.goal == Axes(1, 1) && group == list.groups.last)
    }
  }

  // MARK: Stages less

  private var shorter: [SizeVariant] {
    var middle = stages
    if chain.goal != nil, chain.goal != Axes(1, 1), middle.last == list.groups.last { middle.removeLast() }
    return middle.indices.reversed().compactMap { first in
      let groups = Array(middle[first...])
      return without(groups, cost: Double(groups.count) * SizeCost.stage)
    }
  }

  private func without(_ groups: [Range<Int>], cost: Double) -> SizeVariant? {
    var edits: [FixIt.Edit] = []
    for group in groups {
      for item in list.items[group] {
        guard let edit = editor.remove(item.span) else { return nil }
        edits += edit
      }
    }
    let spans = groups.flatMap { list.items[$0].map(\.span) }
    return SizeVariant(
      cost: cost, pieces: [.init(title: "take out \(lines(spans))", edits: edits)], stages: -groups.count)
  }

  /// A single element, or a group that is none of the last.
  private var withoutOne: [SizeVariant] {
    var variants: [SizeVariant] = []
    for (index, item) in list.items.enumerated() where item.changesSize {
      // Without its start, or the layer that gives the score, a network is another one.
      let text = sources.text(of: item.span)
      let isDouble = [index - 1, index + 1].contains {
        list.items.indices.contains($0) && sources.text(of: list.items[$0].span) == text
      }
      let givesScore = chain.goal == Axes(1, 1) && list.groups.last?.lowerBound == index
      if item.isStart || givesScore, !isDouble { continue }
      if let edits = editor.remove(item.span) {
        variants.append(
          SizeVariant(
            cost: isDouble ? SizeCost.double : SizeCost.layer,
            pieces: [.init(title: "take out \(lines([item.span]))", edits: edits)]))
      }
    }
    for group in stages.dropLast() where group.count > 1 {
      if let variant = without([group], cost: SizeCost.stage + 0.05) { variants.append(variant) }
    }
    return variants
  }

  // MARK: Repetitions

  /// A repetition made more, or fewer, times: where its `times` is a number, or the name of one.
  private var repeated: [SizeVariant] {
    let sites = NumberSite.all(in: sources)
    var variants: [SizeVariant] = []
    for item in list.items where item.changesSize {
      func isOwn(_ site: NumberSite) -> Bool {
        site.span.source == item.span.source && item.span.range.overlaps(site.span.range)
      }
      let own = sites.filter { $0.key == "times" && isOwn($0) }
      let named = sites.filter { site in repetitionNames(in: item.span).contains(site.key) && !isOwn(site) }
      let found = own + named
      guard found.count == 1, let site = found.first else { continue }
      for change in -Self.mostStages...Self.mostStages where change != 0 && site.value + change > 0 {
        let number = site.value + change
        variants.append(
          SizeVariant(
            cost: Double(abs(change)) * SizeCost.repetition,
            pieces: [
              .init(
                title: "set `\(site.key)` to \(number)",
                edits: [.init(span: site.span, replacement: "\(number)")],
                place: .line(sources.start(of: site.span).line))
            ], stages: change))
      }
    }
    return variants
  }

  /// The names that stand alone behind `times:` in a text.
  private func repetitionNames(in span: SourceSpan) -> [String] {
    sources.text(of: span).split(separator: "times:").dropFirst().compactMap { rest in
      let value = rest.prefix { !",}\n#".contains($0) }.trimmed
      let isName =
        value.first?.isLetter == true && value.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      return isName ? value : nil
    }
  }

  // MARK: Numbers that several layers read

  /// One number of a block or a repetition changed for all that come out of it.
  private var withOthers: [SizeVariant] {
    var variants: [SizeVariant] = []
    var seen: Set<SourceSpan> = []
    for step in chain.steps where step.isShared && seen.insert(step.layer.span).inserted {
      let map = step.maps.height
      guard step.maps.isSquare, map.window != nil || map.scale != nil else { continue }
      let habit = SizeHabit(of: step, in: chain)
      for attribute in SizeAttribute.allCases {
        for value in candidates(attribute, of: map) {
          guard let new = map.with(attribute, value) else { continue }
          var cost = SizeCost.number + max(0, SizeCost.oddity(new) - SizeCost.oddity(map))
          if let span = step.span(of: attribute) {
            if !sources.isNumber(span) { cost += SizeCost.expression - SizeCost.number }
          } else {
            cost += SizeCost.newAttribute - SizeCost.number
          }
          if attribute == .kernelSize { cost += SizeCost.kernel }
          if SizeCost.becomesExact(map, new) {
            cost -= SizeCost.exact
          } else {
            cost += SizeCost.several
            if attribute == .stride { cost += SizeCost.stride }
          }
          cost += SizeCost.distance * Double(abs(value - map.value(of: attribute)))
          if let usual = habit.values[attribute] {
            if usual == value { cost -= SizeCost.habit }
            if usual == map.value(of: attribute) { cost += SizeCost.habitLost }
          }
          variants.append(
            SizeVariant(
              cost: max(cost, SizeCost.least), pieces: [],
              shared: SharedChange(layer: step.layer, attribute: attribute, value: value)))
        }
      }
    }
    return variants
  }

  private func candidates(_ attribute: SizeAttribute, of map: AxisMap) -> [Int] {
    if map.scale != nil { return attribute == .scaleFactor ? Array(1...4) : [] }
    let old = map.value(of: attribute)
    let range: ClosedRange<Int>
    switch attribute {
    case .kernelSize: range = max(1, old - 4)...old + 4
    case .stride: range = 1...4
    case .padding: range = max(0, old - 3)...old + 2
    case .outputPadding:
      guard case .transposed(let window) = map else { return [] }
      range = 0...max(0, window.stride - 1)
    case .dilation: range = 1...1
    case .scaleFactor: return []
    }
    return range.filter { $0 != old }
  }

  // MARK: A first or a last layer

  /// The convolution that makes what is asked for, where the network has none that could.
  private var withEnds: [SizeVariant] {
    guard let last = list.items.last else { return [] }
    let activations = ["tanh", "sigmoid"]
    let isActivation =
      activations.contains(chain.steps[chain.steps.count - 1].layer.kind.name.value)
      && list.items.count > 1 && last.steps.count == 1
    func added(_ layer: String, _ cost: Double) -> SizeVariant? {
      let edits =
        isActivation ? editor.insert([layer], before: last.span) : editor.insert([layer], behind: last.span)
      return edits.map { edits in
        let line = isActivation ? sources.start(of: last.span).line : sources.end(of: last.span).line
        return SizeVariant(
          cost: cost,
          pieces: [
            .init(
              title: "write `- \(layer)` \(isActivation ? "before" : "behind") line \(line)", edits: edits)
          ])
      }
    }
    let bias = usesBias ? "" : ", bias: false"
    switch chain.task.goal {
    case .oneScore where chain.goal != nil:
      let sizes = Axes(chain.sizes(.height), chain.sizes(.width))
      guard !chain.channelsFit, sizes.height.count == chain.steps.count + 1,
        sizes.width.count == chain.steps.count + 1,
        let height = sizes.height.last, let width = sizes.width.last
      else { return [] }
      let kernel = Axes(height, width).attributeText
      return [
        added(
          "conv2d: {out_channels: 1, kernel_size: \(kernel)\(bias)}",
          // Where the last layer could be made to give it, that is less.
          SizeCost.end + SizeCost.resize(from: 4, to: max(height, width)) + (canChangeChannels ? 1.5 : 0))
      ].compactMap { $0 }
    case .image:
      var variants: [SizeVariant?] = []
      if !chain.channelsFit {
        variants = [
          added(
            "conv_transpose2d: {out_channels: image.channels, kernel_size: 4, stride: 2, padding: 1\(bias)}",
            SizeCost.end),
          added(
            "conv2d: {out_channels: image.channels, kernel_size: 3, padding: 1\(bias)}", SizeCost.end + 0.1),
        ]
      }
      if let start { variants.append(start) }
      return variants.compactMap { $0 }
    case .oneScore, .any: return []
    }
  }

  private var canChangeChannels: Bool {
    chain.steps.last { $0.channels != nil }.map { !$0.isShared && $0.layer.kind.name.value != "residual" }
      ?? false
  }

  private var usesBias: Bool {
    !chain.steps.contains { $0.layer.kind.bool("bias") == false }
  }

  /// A first convolution, where the network begins with one that should follow it.
  private var start: SizeVariant? {
    guard chain.task.input == Axes(1, 1), let first = list.items.first,
      let step = chain.steps.first(where: { $0.maps.height.window != nil }),
      let window = step.maps.height.window, window.stride > 1 || window.padding > 0,
      let channels = step.channels
    else { return nil }
    let layer =
      "conv_transpose2d: {out_channels: \(2 * channels), kernel_size: 4\(usesBias ? "" : ", bias: false")}"
    return editor.insert([layer], before: first.span).map {
      SizeVariant(
        cost: SizeCost.end,
        pieces: [
          .init(title: "write `- \(layer)` before line \(sources.start(of: first.span).line)", edits: $0)
        ])
    }
  }

  // MARK: A reshape that is missing

  /// The ways to make images of the values of a linear layer, where the network goes on as if they were images.
  static func withReshape(_ task: SizeTask, sources: SourceMap) -> [SizeVariant] {
    let layers = task.network.layers
    if let flat = flattened(layers, sources) { return [flat] }
    guard case .image = task.goal, let linear = layers.lastIndex(where: { $0.kind.name.value == "linear" }),
      let count = layers[linear].kind.int("out_features"),
      let next = layers[(linear + 1)...].first(where: {
        LayerDefinition.byName[$0.kind.name.value]?.input == .image
      })
    else { return [] }
    let written =
      layers[linear].kind.attributes["out_features"]?.span.map {
        sources.text(of: $0).split(separator: "*").map(\.trimmed)
      } ?? []
    var variants: [SizeVariant] = []
    for height in 1...1024 where count % height == 0 {
      for width in sides(beside: height, of: count) {
        let channels = count / height / width
        // The split that the expression spells.
        let spelled = [channels, height, width].map(String.init)
        let isSpelled = written == spelled || written == [spelled[1], spelled[2], spelled[0]]
        let text = "reshape: [\(spelled.joined(separator: ", "))]"
        guard let edits = ItemEdits(sources: sources).insert([text], before: next.item) else { continue }
        variants.append(
          SizeVariant(
            cost: isSpelled ? SizeCost.number : SizeCost.end,
            pieces: [
              .init(
                title: "write `- \(text)` before line \(sources.start(of: next.item).line)", edits: edits)
            ]))
      }
    }
    return Array(variants.sorted { $0.cost < $1.cost }.prefix(24))
  }

  /// Without a `flatten` whose output goes to a layer of images.
  private static func flattened(_ layers: [LayerSpec], _ sources: SourceMap) -> SizeVariant? {
    for (layer, next) in zip(layers, layers.dropFirst())
    where layer.kind.name.value == "flatten"
      && LayerDefinition.byName[next.kind.name.value]?.input == .image
    {
      let line = sources.start(of: layer.item).line
      return ItemEdits(sources: sources).remove(layer.item).map {
        SizeVariant(cost: SizeCost.layer, pieces: [.init(title: "take out line \(line)", edits: $0)])
      }
    }
    return nil
  }

  private static func sides(beside height: Int, of count: Int) -> [Int] {
    let rest = count / height
    return [height, height * 2, height * 3, height / 2, height / 3].filter { $0 > 0 && rest % $0 == 0 }
  }

  private func lines(_ spans: [SourceSpan]) -> String {
    let numbers = spans.flatMap { [sources.start(of: $0).line, sources.end(of: $0).line] }
    guard let first = numbers.min(), let last = numbers.max() else { return "nothing" }
    return first == last ? "line \(first)" : "lines \(first) to \(last)"
  }
}

/// A training in stages as one model that loads, with everything written out: the first stage's model, and for
/// each stage what is another's in it.
public struct ExpandedStages {
  private let stages: [ModelSpec]

  /// - Precondition: Each is the model of a stage, in their order.
  public init(_ stages: [ModelSpec]) {
    precondition(!stages.isEmpty && stages.allSatisfy { $0.stage != nil }, "each is of a stage")
    self.stages = stages
  }

  public var yaml: String {
    let texts = stages.map { $0.resolvedYAML() }
    let parts = texts.map(Self.parts)
    // `train` stands last in the text of a model.
    var text = texts[0] + "  stages:\n"
    for (stage, own) in zip(stages, parts) {
      let length = stage.stage.map(Self.length) ?? []
      for (place, line) in length.enumerated() { text += (place == 0 ? "    - " : "      ") + line + "\n" }
      let changes = Self.changes(from: parts[0], to: own)
      if changes.isEmpty { continue }
      text += "      set:\n"
      for line in changes { text += "        " + line + "\n" }
    }
    return text
  }

  private static func length(of stage: StageSpec) -> [String] {
    func line(_ key: String?, _ duration: StageSpec.Duration) -> String {
      switch duration {
      case .steps(let count): "\(key ?? "steps"): \(count)"
      case .images(let count): "\(key ?? "images"): \(count)"
      }
    }
    return [line(nil, stage.duration)] + (stage.fade.map { [line("fade", $0)] } ?? [])
  }

  /// A key that `set` may name, and the lines of what stands there, the key's own line first.
  private struct Part: Equatable {
    var path: String
    var lines: [String]
  }

  /// The keys at the top of a model's text; of `train` and `networks`, the keys below them.
  private static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var section: String?
    for line in text.split(separator: "\n") {
      let depth = line.prefix { $0 == " " }.count
      let key = line.dropFirst(depth).prefix { $0 != ":" }
      if depth == 0 {
        section = key == "train" || key == "networks" ? String(key) : nil
        if section == nil { parts.append(Part(path: String(key), lines: [String(line)])) }
      } else if let section, depth == 2 {
        parts.append(Part(path: "\(section).\(key)", lines: [String(line.dropFirst(2))]))
      } else {
        parts[parts.count - 1].lines.append(String(line.dropFirst(section == nil ? 0 : 2)))
      }
    }
    return parts
  }

  private static func changes(from first: [Part], to own: [Part]) -> [String] {
    let gone = first.filter { part in !own.contains { $0.path == part.path } }
    return own.filter { !first.contains($0) }.flatMap { part in
      let key = part.path.split(separator: ".").last.map(String.init) ?? part.path
      return ["\(part.path)\(part.lines[0].dropFirst(key.count))"] + part.lines.dropFirst()
    } + gone.map { "\($0.path):" }
  }
}

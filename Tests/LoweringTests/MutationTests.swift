import Diagnostics
import Foundation
import Lowering
import ModelSpec
import TestSupport
import Testing

/// Models with random damage. Nothing that a user writes may trap, and every mistake has a place.
///
/// `GRAPHC_MUTATIONS` sets how many are tried in all.
struct MutationTests {
  private static let count =
    ProcessInfo.processInfo.environment["GRAPHC_MUTATIONS"].flatMap { Int($0) } ?? 700

  /// A model with everything that the language has.
  private static let everything = """
    name: "every thing"
    image: {channels: c, size: 2 ** 3}
    latent: 4 * 25
    init: dcgan
    let: {c: 3, width: 16, slope: 1 / 5, ups: log2(image.height / 4), flag: false}
    blocks:
      up:
        params: {channels: required, bias: flag}
        layers:
          - conv_transpose2d: {out_channels: channels, kernel_size: 4, stride: 2, padding: 1, bias: bias}
          - {batch_norm2d: {eps: 1e-5}, name: norm}
          - {add: , from: [norm, norm]}
      mix: [{dropout: 0.3, name: skip}, {tanh: , name: bent}, {concat: 1, from: [skip, bent]}]
    generator:
      inputs: {z: 100}
      outputs: image
      layers:
        - linear: {out_features: 16 * width}
        - reshape: [width, -1, 4]
        - batch_norm2d
        - repeat: {times: ups, index: i, layers: [up: {channels: width * 2 ** (ups - 1 - i)}, relu]}
        - residual:
            layers: [&conv {conv2d: {out_channels: c, kernel_size: 3, padding: 1}}, leaky_relu: slope]
            shortcut: [conv2d: {out_channels: c, kernel_size: 1}]
          name: refine
        - {tanh: , name: image}
    discriminator:
      output: patch
      inputs: {x: [3, 8, 8]}
      layers:
        - {mix: , from: x}
        - <<: *conv
        - {avg_pool2d: 2, name: pooled}
        - {max_pool2d: {kernel_size: 2}, from: x, name: other}
        - {concat: , from: [pooled, other]}
        - upsample: [1, 2]
        - {residual: [relu, silu], name: last}
        - conv2d: {out_channels: 1, kernel_size: [3, "min(3, 4)"], padding: [1, 0]}
    train:
      data: {synthetic: {kind: shapes, range: [-1, 1], flip: true}}
      loss: bce_with_logits
      optimizer: {generator: {adam: {lr: 2e-4, betas: [0.5, 0.999]}}, discriminator: {sgd: 0.01}}
      batch_size: 2
      real_label: 0.9

    """

  static let models: [(name: String, text: String)] =
    [("everything", everything)]
    + files(in: packageRoot() + "/models", endingIn: ".yaml").map { name in
      (name, (try? String(contentsOfFile: packageRoot() + "/models/" + name, encoding: .utf8)) ?? "")
    }

  @Test func `the models are right before they are damaged`() {
    for model in Self.models {
      let checked = check(model.text)
      #expect(!checked.result.hasErrors, "\(checked.rendered)")
    }
  }

  @Test(arguments: models)
  func `no mutation of a model traps`(model: (name: String, text: String)) throws {
    var mutator = Mutator(seed: 1)
    for _ in 0..<max(1, Self.count / Self.models.count) {
      let text = mutator.mutated(Array(model.text.utf8))
      let loaded = load(text)
      var diagnostics = loaded.diagnostics
      if let spec = loaded.spec {
        let lowered = ModelLowering.lower(spec, sources: loaded.sources)
        diagnostics += lowered.diagnostics
        let hasErrors = diagnostics.contains { $0.kind.severity == .error }
        #expect((lowered.model == nil) == hasErrors)
      } else {
        #expect(diagnostics.contains { $0.kind.severity == .error })
      }
      expectRendering(of: diagnostics, loaded.sources)
    }
  }

  @Test(arguments: models)
  func `a fix that has edits can be applied to any mutation`(model: (name: String, text: String)) throws {
    var mutator = Mutator(seed: 2)
    for _ in 0..<max(1, Self.count / 20 / Self.models.count) {
      let text = String(decoding: mutator.mutated(Array(model.text.utf8)), as: UTF8.self)
      let checked = check(text.filter { $0 != "▸" && $0 != "◂" })
      for diagnostic in checked.result.diagnostics {
        for fix in diagnostic.fixes where !fix.edits.isEmpty {
          #expect(checked.text(after: fix) != nil)
        }
      }
    }
  }

  @Test func `no override traps`() {
    let overrides = [
      "train.optimizer.adam.betas=[0.5, 0.9]", "generator.layers.3.repeat.layers.0.up.channels=width * 2",
      "image.size=2 ** 4", "discriminator.layers.0.mix=", "train.data.synthetic.count=7", "let.width=3",
    ]
    var mutator = Mutator(seed: 3)
    for index in 0..<Self.count {
      let override = mutator.mutated(Array(overrides[index % overrides.count].utf8))
      let loaded = load(Self.everything, overrides: [String(decoding: override, as: UTF8.self)])
      expectRendering(of: loaded.diagnostics, loaded.sources)
    }
  }

  /// Renders everything, and holds spans to their texts.
  private func expectRendering(of diagnostics: [Diagnostic], _ sources: SourceMap) {
    for diagnostic in diagnostics {
      let spans =
        [diagnostic.span] + diagnostic.notes.map(\.span) + diagnostic.fixes.flatMap { $0.edits.map(\.span) }
      for span in spans.compactMap({ $0 }) {
        #expect(span.range.upperBound <= sources.sources[span.source.index].text.count)
      }
      let unfilled = diagnostic.kind.argumentNames.subtracting(diagnostic.arguments.map(\.name))
      #expect(unfilled.isEmpty, "\(diagnostic.kind.code): \(unfilled)")
    }
    #expect(
      diagnostics.isEmpty || !TerminalRenderer(sources: sources, usesColor: true).render(diagnostics).isEmpty)
    let renderer = JSONRenderer(sources: sources)
    for diagnostic in diagnostics { #expect(!renderer.value(of: diagnostic).text().isEmpty) }
  }
}

/// Damages texts at random, the same way for the same seed.
private struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  private static let numbers = [
    "0", "-1", "1", "7", "0.5", "1e400", "9223372036854775807", "-9223372036854775808", "65536", "1000000",
    "99999999999999999999", ".inf", ".nan", "0x1F", "1/0", "2 ** 63", "-2 ** 63 // -1", "width % 0", "[1, 2]",
    "[]", "{}", "true", "~", "''", "!!int 3",
  ]
  private static let tokens = [
    "{", "}", "[", "]", ":", ": ", "- ", "*a", "&a ", "<<: *a", "\t", "é", "\u{0}", "\u{FEFF}", "\r\n", "#",
    "'", "\"", "|", ">", "? ", "---\n", "%", "@", "extends: model.yaml\n", "  - relu\n", "name: a", "from: a",
    "repeat", "residual", "\u{2028}", "𝄞",
  ]

  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...next(3) { mutate(&text) }
    return text
  }

  private mutating func mutate(_ text: inout [UInt8]) {
    if text.isEmpty { return }
    let place = next(text.count)
    switch next(8) {
    case 0: text.removeSubrange(place..<min(text.count, place + 1 + next(20)))
    case 1:
      let part = Array(text[place..<min(text.count, place + 1 + next(60))])
      text.insert(contentsOf: part, at: next(text.count))
    case 2: text.insert(contentsOf: Self.tokens[next(Self.tokens.count)].utf8, at: place)
    case 3: text[place] = UInt8(next(256))
    case 4: replaceWord(in: &text, near: place, by: Self.numbers[next(Self.numbers.count)])
    case 5:
      let other = words(of: text)
      if !other.isEmpty {
        let word = other[next(other.count)]
        replaceWord(in: &text, near: place, by: String(decoding: text[word], as: UTF8.self))
      }
    case 6: text.removeSubrange(place...)
    default:
      var lines = text.split(separator: 10, omittingEmptySubsequences: false)
      lines.swapAt(next(lines.count), next(lines.count))
      text = Array(lines.joined(separator: [10]))
    }
  }

  private func words(of text: [UInt8]) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start: Int?
    for (index, byte) in (text + [32]).enumerated() {
      let isWord = (48...57).contains(byte) || (97...122).contains(byte | 32) || byte == 95 || byte == 46
      if isWord, start == nil { start = index }
      if !isWord, let first = start {
        words.append(first..<index)
        start = nil
      }
    }
    return words
  }

  private func replaceWord(in text: inout [UInt8], near place: Int, by new: String) {
    guard let word = words(of: text).first(where: { $0.upperBound > place }) else { return }
    text.replaceSubrange(word, with: new.utf8)
  }
}

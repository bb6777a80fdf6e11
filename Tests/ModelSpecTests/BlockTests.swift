import Diagnostics
import ModelSpec
import TestSupport
import Testing

/// Blocks, repetitions and residuals, written out.
struct BlockTests {
  /// The layers of a generator whose text begins after `generator:`, after `extra` at the top level.
  private func layers(_ text: String, extra: String = "") throws -> [LayerSpec] {
    let result = load(model(text, extra: extra))
    return try #require(result.spec, "\(result.diagnostics.map(\.message))").generator.layers
  }

  private func model(_ generator: String, extra: String = "") -> String {
    SmallModel.with {
      $0.extra = extra
      $0.generator = "generator:\n\(generator)\n"
    }
  }

  private func outline(_ layers: [LayerSpec]) -> [String] {
    layers.map { "\($0.name) \($0.kind.name.value)" }
  }

  // MARK: Parameters

  @Test func `parameters are required, have defaults, and are flags or numbers`() throws {
    let layers = try layers(
      """
        - up: {channels: 32}
        - up: {channels: 2 * 4, bias: true, kernel: k}
        - up: 7
      """,
      extra: """
        let: {k: 3, flag: false}
        blocks:
          up:
            params: {channels: required, kernel: k + 1, bias: flag}
            layers:
              - conv_transpose2d: {out_channels: channels, kernel_size: kernel, bias: bias}
              - relu

        """)
    #expect(layers.count == 6)
    let convolutions = layers.filter { $0.kind.name.value == "conv_transpose2d" }
    #expect(convolutions.map { $0.kind.int("out_channels") } == [32, 8, 7])
    #expect(convolutions.map { $0.kind.size("kernel_size")?.width } == [4, 3, 4])
    #expect(convolutions.map { $0.kind.bool("bias") } == [false, true, false])
  }

  @Test func `a list of parameters requires each`() throws {
    let extra = """
      blocks:
        up: {params: [channels, slope], layers: [linear: channels, leaky_relu: slope]}

      """
    #expect(try layers("  - up: {channels: 3, slope: 0.1}", extra: extra).count == 2)
    expect(model("  - ▸up◂: 3", extra: extra), finds: "spec/missing-parameter")
  }

  @Test func `a block without parameters may be its list`() throws {
    let extra = "blocks:\n  head: [linear: 3, tanh]\n"
    #expect(try layers("  - head\n  - head: ", extra: extra).map(\.name) == ["0", "1", "2", "3"])
    expect(model("  - head: ▸3◂", extra: extra), finds: "spec/wrong-type")
  }

  @Test func `a block sees its parameters and variables, not the parameters of the place that uses it`() {
    expect(
      model(
        "  - outer: 3",
        extra: """
          blocks:
            inner: {layers: [linear: ▸width◂]}
            outer: {params: [width], layers: [inner, linear: width]}

          """), finds: "expression/unknown-name")
  }

  @Test func `an argument is computed where the block is used`() throws {
    let layers = try layers(
      "  - outer: 3",
      extra: """
        blocks:
          inner: {params: {width: 1}, layers: [linear: width]}
          outer: {params: [width], layers: [inner: width * 2, inner]}

        """)
    #expect(layers.map { $0.kind.int("out_features") } == [6, 1])
  }

  @Test func `mistakes in a use of a block`() {
    let extra = "blocks:\n  up: {params: {width: required}, layers: [linear: width]}\n"
    expect(model("  - ▸up◂", extra: extra), finds: "spec/missing-parameter")
    expect(model("  - up: {▸widht◂: 3}", extra: extra), finds: "spec/unknown-key")
    expect(model("  - up: {width: ▸[3]◂}", extra: extra), finds: "spec/wrong-type")
    expect(model("  - up: {width: 3, ▸w◂: 3}", extra: extra), finds: "spec/unknown-key")
    expect(model("  - ▸upp◂: 3", extra: extra), finds: "spec/unknown-layer")
  }

  @Test func `mistakes in a block's definition`() {
    let use = "  - up: 3"
    expect(
      model(use, extra: "blocks:\n  up: {params: {width: required}, ▸layer◂: [linear: width]}\n"),
      finds: "spec/unknown-key")
    expect(model(use, extra: "blocks:\n  ▸up◂: {params: [w]}\n"), finds: "spec/missing-key")
    expect(
      model(use, extra: "blocks:\n  up: {params: ▸3◂, layers: [linear: 3]}\n").replacingUse(),
      finds: "spec/wrong-type")
    expect(
      model(use, extra: "blocks:\n  up: {params: [w, ▸w◂], layers: [linear: w]}\n"),
      finds: "yaml/duplicate-key")
    expect(
      model(use, extra: "blocks:\n  up: {params: [w, ▸[x]◂], layers: [linear: w]}\n"),
      finds: "spec/wrong-type")
    expect(
      model(use, extra: "blocks:\n  up: {params: {w: 3, ▸latent◂: 3}, layers: [linear: w]}\n"),
      finds: "spec/reserved-name")
    expect(
      model(use, extra: "blocks:\n  up: {params: {w: 3, ▸unread◂: 3}, layers: [linear: w]}\n"),
      finds: "spec/unused-name")
    expect(model("  - linear: 3", extra: "blocks:\n  ▸linear◂: [relu]\n"), finds: "spec/reserved-name")
    expect(model("  - linear: 3", extra: "blocks:\n  ▸up◂: [relu]\n"), finds: "spec/unused-name")
    expect(model("  - linear: 3", extra: "blocks: ▸[relu]◂\n"), finds: "spec/wrong-type")
  }

  @Test func `a block that uses itself is an error`() {
    expect(model("  - a", extra: "blocks:\n  a: [linear: 3, b]\n  b: [▸a◂]\n"), finds: "spec/block-recursion")
  }

  @Test func `an error in a block points at its line and notes the line that used it`() throws {
    let checked = expect(
      model(
        "  - repeat: {times: 2, layers: [up: {width: 0}]}",
        extra: "blocks:\n  up: {params: [width], layers: [linear: ▸width◂]}\n"), finds: "spec/out-of-range")
    let notes = checked.result.diagnostics[0].notes
    #expect(notes.map(\.text) == ["`up` is used here", "in repetition 0 of 2 here"])
    let lines = notes.compactMap { $0.span.map(checked.result.sources.start(of:))?.line }
    #expect(lines == [6, 6])
  }

  // MARK: Repetitions

  @Test func `a repetition counts its index from zero`() throws {
    let layers = try layers(
      "  - linear: 5\n  - repeat: {times: 3, index: i, layers: [linear: 10 - i, relu]}\n  - tanh")
    #expect(
      outline(layers) == [
        "0 linear", "1 linear", "2 relu", "3 linear", "4 relu", "5 linear", "6 relu", "7 tanh",
      ])
    #expect(layers.compactMap { $0.kind.int("out_features") } == [5, 10, 9, 8])
  }

  @Test func `repetitions nest`() throws {
    let layers = try layers(
      """
        - repeat:
            times: 2
            index: i
            layers:
              - repeat: {times: i + 1, index: j, layers: [linear: 1 + 10 * i + j]}
      """)
    #expect(layers.map { $0.kind.int("out_features") } == [1, 11, 12])
  }

  @Test func `no repetition at all is no layer`() throws {
    #expect(try layers("  - linear: 3\n  - repeat: {times: 0, layers: [relu]}").count == 1)
    expect(
      model("  - repeat: {times: 0, layers: [relu]}").replacing("generator:", with: "▸generator◂:"),
      finds: "spec/empty-network")
  }

  @Test func `mistakes in a repetition`() {
    expect(model("  - repeat: ▸3◂"), finds: "spec/wrong-type")
    expect(model("  - ▸repeat◂: {times: 3}"), finds: "spec/missing-key")
    expect(model("  - repeat: {▸time◂: 3, layers: [linear: 3]}"), finds: "spec/unknown-key")
    expect(model("  - repeat: {times: ▸-1◂, layers: [linear: 3]}"), finds: "spec/out-of-range")
    expect(model("  - repeat: {times: ▸1.5◂, layers: [linear: 3]}"), finds: "spec/wrong-type")
    expect(model("  - repeat: {times: 2, layers: ▸linear◂}"), finds: "spec/wrong-type")
    expect(model("  - repeat: {times: 2, index: ▸i◂, layers: [linear: 3]}"), finds: "spec/unused-name")
    expect(model("  - repeat: {times: 2, index: ▸[i]◂, layers: [linear: 3]}"), finds: "spec/wrong-type")
    expect(model("  - repeat: {times: 2, index: ▸2i◂, layers: [linear: 3]}"), finds: "spec/bad-name")
    expect(model("  - repeat: {times: 2, layers: [linear: 3]}\n    name: ▸a◂"), finds: "spec/unknown-key")
  }

  @Test func `endless expansions are errors, not hangs`() {
    func nested(_ body: String) -> String {
      (0..<5).reduce(body) { inner, _ in "repeat: {times: 1000, layers: [\(inner)]}" }
    }
    #expect(load(model("  - \(nested("relu"))")).diagnostics.map(\.kind) == [.tooManyLayers])
    #expect(
      load(model("  - \(nested("repeat: {times: 0, layers: []}"))")).diagnostics.map(\.kind) == [
        .tooManyLayers
      ])
    let tripling =
      (0..<14).map { "  b\($0): [b\($0 + 1), b\($0 + 1), b\($0 + 1)]\n" }.joined() + "  b14: []\n"
    #expect(load(model("  - b0", extra: "blocks:\n" + tripling)).diagnostics.map(\.kind) == [.tooManyLayers])
  }

  @Test func `1,000 layers are fine, 1,001 are too many`() throws {
    #expect(try layers("  - repeat: {times: 1000, layers: [linear: 3]}").count == 1000)
    #expect(
      load(model("  - linear: 3\n  - repeat: {times: 1000, layers: [linear: 3]}")).diagnostics.map(\.kind)
        == [.tooManyLayers])
  }

  @Test func `deep expansions are errors, not traps`() {
    let chain = (0..<3000).map { "  b\($0): [b\($0 + 1)]\n" }.joined() + "  b3000: [relu]\n"
    #expect(load(model("  - b0", extra: "blocks:\n" + chain)).diagnostics.map(\.kind) == [.tooDeep])
    let residuals = (0..<100).map { "  b\($0): [residual: [residual: [b\($0 + 1)]]]\n" }.joined()
    let text = model("  - b0", extra: "blocks:\n" + residuals + "  b100: [relu]\n")
    #expect(load(text).diagnostics.map(\.kind) == [.tooDeep])
  }

  // MARK: Residuals

  @Test func `a residual is a list, or a mapping with a shortcut`() throws {
    let layers = try layers(
      """
        - linear: 8
        - residual: [linear: 8, relu]
        - residual:
            layers: [linear: 4]
            shortcut: [linear: 4]
          name: down
      """)
    #expect(outline(layers) == ["0 linear", "1 residual", "down residual"])
    #expect(outline(layers[1].body) == ["1.0 linear", "1.1 relu"])
    #expect(outline(layers[2].body) == ["down.0 linear"])
    #expect(outline(layers[2].shortcut) == ["down.shortcut.0 linear"])
  }

  @Test func `mistakes in a residual`() {
    expect(model("  - ▸residual◂"), finds: "spec/missing-key")
    expect(model("  - ▸residual◂: 3"), finds: "spec/missing-key")
    expect(model("  - ▸residual◂: []"), finds: "spec/empty-network")
    expect(model("  - residual: {layers: [linear: 3], ▸short◂: []}"), finds: "spec/unknown-key")
    expect(model("  - residual: [linear: 100]\n    from: ▸[]◂"), finds: "spec/input-count")
    expect(model("  - residual: [linear: 100]\n    from: ▸[noise, noise]◂"), finds: "spec/input-count")
  }
}

extension String {
  /// The use of `up` without its argument.
  fileprivate func replacingUse() -> String { replacing("- up: 3", with: "- up") }
}

import Diagnostics
import ModelSpec
import TestSupport
import Testing

/// `name`, `from`, and what they mean in lists, residuals, blocks and repetitions.
struct NameTests {
  private func model(_ discriminator: String, extra: String = "") -> String {
    SmallModel.with {
      $0.extra = extra
      $0.discriminator = "discriminator:\n\(discriminator)\n"
    }
  }

  private func network(_ discriminator: String, extra: String = "") throws -> NetworkSpec {
    let result = load(model(discriminator, extra: extra))
    return try #require(result.spec, "\(result.diagnostics.map(\.message))").discriminator
  }

  private func outline(_ layers: [LayerSpec]) -> [String] {
    layers.map { layer in
      let from = layer.from.map { " from " + $0.map(\.value).joined(separator: ", ") } ?? ""
      return "\(layer.name) \(layer.kind.name.value)\(from)"
    }
  }

  @Test func `a layer is named by its place or its name`() throws {
    let network = try network("  - flatten\n  - linear: 3\n    name: hidden\n  - {linear: 1, name: score}")
    #expect(network.layers.map(\.name) == ["0", "hidden", "score"])
    #expect(network.layers.map(\.isNamed) == [false, true, true])
  }

  @Test func `from names earlier layers and the input`() throws {
    let network = try network(
      """
              - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
                name: a
              - {relu: , name: r}
              - conv2d: {out_channels: 4, kernel_size: 1}
                from: image
                name: b
              - add:
                from: [r, b]
                name: sum
              - {concat: 1, from: [a, sum, image]}
      """)
    #expect(
      outline(network.layers) == [
        "a conv2d", "r relu", "b conv2d from image", "sum add from r, b", "4 concat from a, sum, image",
      ])
  }

  @Test func `a network may name its input and its output`() throws {
    let network = try network(
      "  inputs: {x: [3, 8, 8]}\n  outputs: score\n  layers:\n    - {flatten: , from: x}\n    - {linear: 1, name: score}"
    )
    #expect(network.inputs.map(\.name) == ["x"])
    #expect(network.inputs[0].declaredExtents?.value == [3, 8, 8])
    #expect(network.outputs.map(\.layer.value) == ["score"])
    #expect(network.outputLayer?.name == "score")
  }

  @Test(arguments: [
    "x", "[x]", "{x: }", "{x: [3, 8, 8]}", "{x: {channels: 3, height: 8, width: 8}}",
    "{x: [image.channels, 2 ** 3, 8]}",
  ])
  func `the forms of inputs`(form: String) throws {
    #expect(try network("  inputs: \(form)\n  layers: [flatten, linear: 1]").inputs.map(\.name) == ["x"])
  }

  @Test(arguments: [
    "▸~◂", "[▸[a]◂]", "{x: ▸word◂}", "{x: ▸[3, 8]◂}", "{x: {channels: 3, height: ▸h◂, width: 8}}", "▸2x◂",
  ])
  func `what inputs may not be`(form: String) {
    let code =
      form.contains("h◂") || form.contains("word◂")
      ? "expression/unknown-name" : form.contains("2x") ? "spec/bad-name" : "spec/wrong-type"
    expect(model("  inputs: \(form)\n  layers: [flatten, linear: 1]"), finds: code)
  }

  @Test func `a network may have several inputs and results`() throws {
    let network = try network(
      "  inputs: {x: image, label: class, size: 4}\n  outputs: {score: s, hidden: h}\n  layers:\n"
        + "    - flatten\n    - {linear: 8, name: h}\n    - {concat: 1, from: [h, size]}\n"
        + "    - {linear: 1, name: s}\n"
    )
    #expect(network.inputs.map(\.type.value) == [.image, .label, .extents([4])])
    #expect(network.outputs.map(\.name) == ["score", "hidden"])
    #expect(network.outputs.map(\.layer.value) == ["s", "h"])
  }

  @Test func `an input that says no shape by its name needs one`() {
    expect(model("  inputs: [image, ▸y◂]\n  layers: [flatten, linear: 1]"), finds: "spec/missing-key")
  }

  @Test func `references to nothing are errors with the nearest name`() throws {
    let text = "  - {flatten: , name: start}\n  - {linear: 1, from: ▸strat◂}"
    let checked = expect(model(text), finds: "spec/unknown-reference")
    let fix = try #require(checked.result.diagnostics[0].fixes.first)
    #expect(checked.checked(after: fix)?.hasErrors == false)
    expect(
      model("  - {flatten: , from: ▸later◂}\n  - {linear: 1, name: later}"), finds: "spec/unknown-reference")
    expect(model("  outputs: ▸last◂\n  layers: [flatten, linear: 1]"), finds: "spec/unknown-reference")
    expect(model("  outputs: ▸1◂\n  layers: [flatten, linear: 1]"), finds: "spec/unknown-reference")
  }

  @Test func `a reference to nothing is no mistake in their number`() {
    expect(
      model("  - {relu: , name: a}\n  - {add: , from: [▸b◂, a]}\n  - flatten\n  - linear: 1"),
      finds: "spec/unknown-reference")
  }

  @Test func `a layer that fails is still named`() {
    expect(
      model("  - {conv2d: {out_channels: 3, kernel_size: ▸x◂}, name: a}\n  - {flatten: , from: a}"),
      finds: "expression/unknown-name")
  }

  @Test func `mistakes in names and from`() {
    expect(model("  - {flatten: , name: a}\n  - {linear: 1, name: ▸a◂}"), finds: "spec/duplicate-name")
    expect(model("  - {flatten: , name: ▸image◂}\n  - linear: 1"), finds: "spec/duplicate-name")
    expect(model("  - {flatten: , name: ▸2a◂}\n  - linear: 1"), finds: "spec/bad-name")
    expect(model("  - {flatten: , name: ▸a.b◂}\n  - linear: 1"), finds: "spec/bad-name")
    expect(model("  - {flatten: , name: ▸[a]◂}\n  - linear: 1"), finds: "spec/wrong-type")
    expect(model("  - {flatten: , from: ▸~◂}\n  - linear: 1"), finds: "spec/wrong-type")
    expect(model("  - {flatten: , from: ▸[]◂}\n  - linear: 1"), finds: "spec/input-count")
    expect(model("  - {flatten: , from: ▸[image, image]◂}\n  - linear: 1"), finds: "spec/input-count")
    expect(model("  - ▸add◂\n  - flatten\n  - linear: 1"), finds: "spec/input-count")
    expect(model("  - {concat: , from: ▸image◂}\n  - flatten\n  - linear: 1"), finds: "spec/input-count")
  }

  @Test func `a layer is one name`() {
    expect(model("  - flatten: \n    ▸linear◂: 1"), finds: "spec/layer-form")
    expect(model("  - ▸{name: a}◂\n  - flatten\n  - linear: 1"), finds: "spec/layer-form")
    expect(model("  - ▸[flatten]◂\n  - linear: 1"), finds: "spec/layer-form")
    expect(model("  - flatten\n  - ▸~◂\n  - linear: 1"), finds: "spec/layer-form")
  }

  @Test func `PyTorch's class names are understood`() throws {
    for (written, meant) in [
      ("Conv2d", "conv2d"), ("LeakyReLU", "leaky_relu"), ("BatchNorm2d", "batch_norm2d"),
      ("Linear", "linear"),
      ("ConvTranspose2d", "conv_transpose2d"), ("lineer", "linear"),
    ] {
      let diagnostics = load(model("  - flatten\n  - \(written): {}")).diagnostics
      #expect(diagnostics.first?.fixes.first?.title == "write `\(meant)`")
    }
  }

  // MARK: Scopes

  @Test func `names in a residual are its own, and it sees those around`() throws {
    let network = try network(
      """
        - {conv2d: {out_channels: 4, kernel_size: 1}, name: a}
        - residual:
            - {conv2d: {out_channels: 4, kernel_size: 1}, name: b}
            - {add: , from: [a, b]}
            - residual:
                - {relu: , name: c}
                - {add: , from: [a, b, c]}
        - {relu: , name: b}
      """)
    #expect(outline(network.layers) == ["a conv2d", "1 residual", "b relu"])
    #expect(outline(network.layers[1].body) == ["1.b conv2d", "1.1 add from a, 1.b", "1.2 residual"])
    #expect(outline(network.layers[1].body[2].body) == ["1.2.c relu", "1.2.1 add from a, 1.b, 1.2.c"])
    expect(
      model("  - residual: [{relu: , name: inner}]\n  - {flatten: , from: ▸inner◂}\n  - linear: 1"),
      finds: "spec/unknown-reference")
    expect(model("  - residual: [{relu: , name: ▸shortcut◂}]"), finds: "spec/reserved-name")
  }

  @Test func `names in blocks and repetitions get the layer's place`() throws {
    let network = try network(
      "  - repeat: {times: 2, layers: [mix]}\n  - mix\n    ",
      extra: """
        blocks:
          mix:
            - {relu: , name: skip}
            - {tanh: , name: bent}
            - {add: , from: [skip, bent]}

        """)
    #expect(
      outline(network.layers) == [
        "skip_0 relu", "bent_1 tanh", "2 add from skip_0, bent_1", "skip_3 relu", "bent_4 tanh",
        "5 add from skip_3, bent_4", "skip_6 relu", "bent_7 tanh", "8 add from skip_6, bent_7",
      ])
    expect(
      model(
        "  - mix\n  - {flatten: , from: ▸skip◂}\n  - linear: 1",
        extra: "blocks:\n  mix: [{relu: , name: skip}]\n"),
      finds: "spec/unknown-reference")
  }

  @Test func `a name that collides with a block's is an error`() {
    expect(
      model(
        "  - mix\n  - {flatten: , name: ▸skip_0◂}\n  - linear: 1",
        extra: "blocks:\n  mix: [{relu: , name: skip}]\n"),
      finds: "spec/duplicate-name")
  }

  @Test func `a block's name is its last layer's, and its from its first one's`() throws {
    let network = try network(
      """
              - {relu: , name: a}
              - {mix: , name: m, from: image}
              - {add: , from: [a, m], name: s}
              - {fork: , from: [s, m], name: f}
              - {deep: , name: d, from: a}
              - {add: , from: [f, d]}
      """,
      extra: """
        blocks:
          mix: [relu, {tanh: , name: inner}]
          fork: [add, relu]
          deep: [residual: [{relu: , name: x}, {add: , from: [x, noise]}]]

        """.replacing("noise", with: "image"))
    #expect(
      outline(network.layers) == [
        "a relu", "1 relu from image", "m tanh", "s add from a, m", "4 add from s, m", "f relu",
        "d residual from a", "7 add from f, d",
      ])
    #expect(outline(network.layers[6].body) == ["d.x relu", "d.1 add from d.x, image"])
  }

  @Test func `a layer whose output nothing reads is an error`() {
    expect(
      model(
        """
          - {relu: , name: kept}
          - tanh
          - ▸residual◂: [relu, {▸elu◂: , name: lost}, {silu: , from: kept}]
          - {add: , from: [kept, kept]}
          - flatten
          - linear: 1
        """), finds: "spec/unused-layer", "spec/unused-layer")
    expect(
      model("  outputs: score\n  layers: [flatten, {linear: 1, name: score}, ▸relu◂]"),
      finds: "spec/unused-layer")
  }

  @Test func `mistakes in a block's from`() {
    let extra = "blocks:\n  mix: [relu, tanh]\n  own: [{relu: , from: image}, tanh]\n  nothing: []\n"
    func text(_ layers: String) -> String {
      model("  - mix\n  - own\n  - nothing\n\(layers)\n  - flatten\n  - linear: 1", extra: extra)
    }
    expect(text("  - {mix: , from: ▸[image, image]◂}"), finds: "spec/input-count")
    expect(text("  - {own: , from: ▸image◂}"), finds: "spec/unused-name")
    expect(text("  - {▸nothing◂: , name: n}"), finds: "spec/empty-network")
    expect(text("  - {mix: , from: ▸imagee◂}"), finds: "spec/unknown-reference")
  }
}

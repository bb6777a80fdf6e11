import Diagnostics
import Lowering
import ModelSpec
import TestSupport
import Testing

/// The shapes and parameters of every layer, and what does not fit.
struct ShapeTests {
  /// A model whose discriminator is on trial: 3×8×8 images go in.
  private func model(_ layers: String, image: String = "[3, 8, 8]") -> String {
    SmallModel.with {
      $0.head = "image: \(image)\nlatent: 100\n"
      $0.generator = "generator: [linear: 192, reshape: [3, 8, 8], tanh]\n"
      $0.discriminator = "discriminator:\n\(layers)"
    }
  }

  @Test(arguments: [
    ("conv2d: {out_channels: 5, kernel_size: 3}", [5, 6, 6], 140),
    (
      "conv2d: {out_channels: 6, kernel_size: [3, 2], stride: [2, 1], padding: [0, 1], bias: false, groups: 3}",
      [6, 3, 9], 36
    ),
    ("conv2d: {out_channels: 1, kernel_size: 3, dilation: 3}", [1, 2, 2], 28),
    ("conv2d: {out_channels: 4, kernel_size: 4, stride: 3, in_channels: 3}", [4, 2, 2], 196),
    ("conv_transpose2d: {out_channels: 5, kernel_size: 4, stride: 2, padding: 1}", [5, 16, 16], 245),
    (
      "conv_transpose2d: {out_channels: 6, kernel_size: 3, stride: 2, output_padding: 1, groups: 3, bias: false}",
      [6, 18, 18], 54
    ),
    ("conv_transpose2d: {out_channels: 1, kernel_size: 3, dilation: 2, padding: 2}", [1, 8, 8], 28),
    ("batch_norm2d", [3, 8, 8], 6), ("flatten", [192], 0), ("reshape: [12, -1, 4]", [12, 4, 4], 0),
    ("reshape: [192]", [192], 0), ("upsample: [2, 3]", [3, 16, 24], 0), ("avg_pool2d: 2", [3, 4, 4], 0),
    ("max_pool2d: {kernel_size: 3, stride: 2, padding: 1}", [3, 4, 4], 0),
    ("max_pool2d: [2, 4]", [3, 4, 2], 0),
    ("global_avg_pool", [3, 1, 1], 0), ("global_sum_pool", [3, 1, 1], 0),
    ("affine: {scale: 0.5}", [3, 8, 8], 0),
    ("dropout: 0.3", [3, 8, 8], 0), ("gelu: tanh", [3, 8, 8], 0),
    ("instance_norm2d", [3, 8, 8], 0), ("instance_norm2d: {affine: true}", [3, 8, 8], 6),
    ("layer_norm", [3, 8, 8], 384), ("layer_norm: {affine: false}", [3, 8, 8], 0),
    ("group_norm: 3", [3, 8, 8], 6), ("pixel_norm", [3, 8, 8], 0), ("minibatch_stddev", [4, 8, 8], 0),
    ("minibatch_stddev: {num_channels: 3}", [6, 8, 8], 0),
    ("conv2d: {out_channels: 5, kernel_size: 3, spectral_norm: true}", [5, 6, 6], 140),
    ("conv2d: {out_channels: 5, kernel_size: 3, equalized_lr: true, init: orthogonal}", [5, 6, 6], 140),
    ("conv2d: {out_channels: 5, kernel_size: 3, padding: 2, padding_mode: reflect}", [5, 10, 10], 140),
    ("pad: [2]", [3, 12, 12], 0), ("pad: [1, 2]", [3, 12, 10], 0),
    ("pad: {padding: [1, 2, 3, 4], mode: circular}", [3, 15, 11], 0),
    ("pixel_unshuffle: 2", [12, 4, 4], 0), ("blur", [3, 8, 8], 0), ("blur: {down: 2}", [3, 4, 4], 0),
    ("blur: {taps: [1, 2, 1], up: 2}", [3, 16, 16], 0),
    ("upsample: {scale_factor: 2, mode: bilinear, align_corners: true}", [3, 16, 16], 0),
    ("noise", [3, 8, 8], 1), ("noise: {per_channel: true}", [3, 8, 8], 3),
    ("prelu", [3, 8, 8], 1), ("prelu: {num_parameters: 3}", [3, 8, 8], 3), ("relu6", [3, 8, 8], 0),
    ("hardtanh: {min_val: -2}", [3, 8, 8], 0), ("softmax: 2", [3, 8, 8], 0), ("log_softmax", [3, 8, 8], 0),
    ("dropout2d: 0.3", [3, 8, 8], 0), ("slice: {start: 1, length: 2}", [2, 8, 8], 0),
    ("chunk: {chunks: 4, index: 3, dim: 2}", [3, 2, 8], 0), ("mean: [2]", [3, 8], 0),
    ("silu", [3, 8, 8], 0), ("elu: 0.5", [3, 8, 8], 0), ("softplus: {beta: 2}", [3, 8, 8], 0),
    ("residual: [conv2d: {out_channels: 3, kernel_size: 3, padding: 1}, relu]", [3, 8, 8], 84),
    (
      "residual: {layers: [conv2d: {out_channels: 4, kernel_size: 1}], shortcut: [conv2d: {out_channels: 4, kernel_size: 1, bias: false}]}",
      [4, 8, 8], 28
    ),
  ])
  func `a layer's shape and parameters`(layer: String, shape: [Int], parameters: Int) throws {
    let checked = check(model("  - \(layer)\n  - flatten\n  - linear: 1\n"))
    #expect(!checked.result.hasErrors, "\(checked.rendered)")
    let summary = try #require(checked.result.discriminatorLayers.first)
    #expect(summary.outputShape == shape)
    #expect(summary.parameters == parameters)
  }

  @Test func `vectors have linear layers and their own batch norm`() throws {
    let checked = check(
      model("  - flatten\n  - linear: {out_features: 10, bias: false}\n  - batch_norm1d\n  - linear: 1\n"))
    #expect(checked.result.discriminatorLayers.map(\.parameters) == [0, 1920, 20, 11])
    #expect(!checked.result.hasErrors)
  }

  @Test func `add and concat join earlier layers`() throws {
    let checked = check(
      model(
        """
          - {conv2d: {out_channels: 4, kernel_size: 1}, name: a}
          - {conv2d: {out_channels: 4, kernel_size: 1}, from: image, name: b}
          - {add: , from: [a, b, a], name: d}
          - {concat: , from: [a, image, d], name: c}
          - {concat: {dim: 2}, from: [c, c]}
          - flatten
          - linear: 1

        """))
    #expect(!checked.result.hasErrors, "\(checked.rendered)")
    #expect(
      checked.result.discriminatorLayers.prefix(5).map(\.outputShape) == [
        [4, 8, 8], [4, 8, 8], [4, 8, 8], [11, 8, 8], [11, 16, 8],
      ])
  }

  @Test func `a network's output is the last layer, by name or not`() {
    let checked = check(
      model("  outputs: score\n  layers:\n    - flatten\n    - {linear: 1, name: score}\n"))
    #expect(!checked.result.hasErrors, "\(checked.rendered)")
  }

  @Test func `noise is a vector for a linear layer and an image for a convolution`() {
    for (inputs, first) in [
      ("noise", "linear: 192"), ("noise", "relu\n    - linear: 192"), ("{z: 100}", "linear: 192"),
      ("{z: [100, 1, 1]}", "flatten\n    - linear: 192"),
      ("noise", "reshape: [4, 5, 5]\n    - flatten\n    - linear: 192"),
      ("noise", "conv_transpose2d: {out_channels: 3, kernel_size: 8}\n    - flatten"),
      (
        "{z: [100, 1, 1]}",
        "batch_norm2d\n    - conv_transpose2d: {out_channels: 3, kernel_size: 8}\n    - flatten"
      ),
    ] {
      let checked = check(
        SmallModel.with {
          $0.generator =
            "generator:\n  inputs: \(inputs)\n  layers:\n    - \(first)\n    - reshape: [3, 8, 8]\n    - tanh\n"
        })
      #expect(!checked.result.hasErrors, "\(checked.rendered)")
    }
  }

  @Test(arguments: [
    ("  - ▸conv2d◂: {out_channels: 1, kernel_size: 9}\n", "shape/kernel-too-large"),
    ("  - ▸max_pool2d◂: 9\n", "shape/kernel-too-large"),
    ("  - ▸avg_pool2d◂: {kernel_size: 3, padding: 2}\n", "shape/pool-padding-too-large"),
    ("  - ▸conv_transpose2d◂: {out_channels: 1, kernel_size: 1, padding: 5}\n", "shape/empty-output"),
    ("  - ▸conv2d◂: {out_channels: 4, kernel_size: 1, groups: 2}\n", "shape/groups-do-not-divide"),
    ("  - ▸conv_transpose2d◂: {out_channels: 4, kernel_size: 1, groups: 3}\n", "shape/groups-do-not-divide"),
    (
      "  - ▸conv_transpose2d◂: {out_channels: 4, kernel_size: 1, stride: 2, output_padding: 2}\n",
      "shape/output-padding-too-large"
    ),
    ("  - ▸group_norm◂: 2\n", "shape/groups-do-not-divide"),
    ("  - ▸minibatch_stddev◂: {num_channels: 2}\n", "shape/groups-do-not-divide"),
    ("  - ▸self_attention◂\n", "shape/groups-do-not-divide"),
    ("  - ▸pixel_shuffle◂: 2\n", "shape/groups-do-not-divide"),
    ("  - ▸pixel_unshuffle◂: 3\n", "shape/attribute-out-of-range"),
    ("  - ▸blur◂: {taps: [1, 2]}\n", "shape/attribute-out-of-range"),
    ("  - ▸blur◂: {up: 2, down: 2}\n", "shape/attribute-out-of-range"),
    ("  - ▸pad◂: {padding: [8], mode: reflect}\n", "shape/attribute-out-of-range"),
    ("  - ▸pad◂: {padding: [1, 2, 3]}\n", "shape/attribute-out-of-range"),
    ("  - ▸prelu◂: {num_parameters: 2}\n", "shape/attribute-out-of-range"),
    ("  - ▸chunk◂: {chunks: 2, index: 2, dim: 2}\n", "shape/attribute-out-of-range"),
    ("  - global_avg_pool\n  - ▸instance_norm2d◂\n", "shape/attribute-out-of-range"),
    ("  - ▸slice◂: {start: 2, length: 2}\n", "shape/axis-out-of-range"),
    ("  - flatten\n  - ▸softmax◂: 2\n", "shape/axis-out-of-range"),
    ("  - ▸embedding◂: {num_embeddings: 2, embedding_dim: 2}\n", "shape/rank-mismatch"),
    ("  - ▸linear◂: 1\n", "shape/rank-mismatch"), ("  - ▸batch_norm1d◂\n", "shape/rank-mismatch"),
    ("  - flatten\n  - ▸conv2d◂: {out_channels: 1, kernel_size: 1}\n", "shape/rank-mismatch"),
    ("  - flatten\n  - ▸global_avg_pool◂\n", "shape/rank-mismatch"),
    ("  - flatten\n  - ▸upsample◂: 2\n", "shape/rank-mismatch"),
    ("  - ▸reshape◂: [5, -1]\n", "shape/element-count-mismatch"),
    ("  - ▸reshape◂: [-1, -1]\n", "shape/element-count-mismatch"),
    ("  - ▸reshape◂: [0, 3]\n", "shape/element-count-mismatch"),
    ("  - ▸reshape◂: [192, 2]\n", "shape/element-count-mismatch"),
    ("  - ▸reshape◂: [10000000, 10000000, 10000000, 10000000]\n", "shape/element-count-mismatch"),
    ("  - {flatten: , name: a}\n  - {▸add◂: , from: [a, image]}\n", "shape/operands-differ"),
    ("  - {flatten: , name: a}\n  - {▸concat◂: 2, from: [a, a]}\n", "shape/axis-out-of-range"),
    (
      "  - {conv2d: {out_channels: 3, kernel_size: 3}, name: a}\n  - {▸concat◂: , from: [a, image]}\n",
      "shape/operands-differ"
    ),
    ("  - ▸residual◂: [conv2d: {out_channels: 4, kernel_size: 1}]\n", "shape/operands-differ"),
    ("  - {flatten: , name: a}\n  - {▸subtract◂: , from: [a, image]}\n", "shape/operands-differ"),
    ("  - {relu: , name: a}\n  - {▸matmul◂: , from: [a, image]}\n", "shape/rank-mismatch"),
    ("  - flatten\n  - ▸scale◂: [2]\n", "shape/axis-out-of-range"),
    ("  - ▸shift◂: [2, 1]\n", "shape/axis-out-of-range"),
    ("  - flatten\n  - ▸sum◂: [2]\n", "shape/axis-out-of-range"),
    ("  - ▸permute◂: [1, 2]\n", "shape/axis-out-of-range"),
    ("  - ▸repeat_along◂: {dim: [2, 1], size: [2, 2]}\n", "shape/attribute-out-of-range"),
    ("  - ▸repeat_along◂: {dim: [5], size: [2]}\n", "shape/attribute-out-of-range"),
    ("  - conv2d: {out_channels: 4, kernel_size: 1, in_channels: 4}\n", "agreement/declared-channels"),
    ("  - batch_norm2d: {num_features: 4}\n", "agreement/declared-channels"),
  ])
  func `what does not fit is an error at the layer's name`(layers: String, code: String) {
    let marked =
      layers.contains("▸") ? layers : layers.replacing("- ", with: "- ▸").replacing(": {", with: "◂: {")
    expect(model(marked), finds: code)
  }

  @Test func `an error in a residual's body is found at its line`() {
    expect(
      model("  - residual:\n      - relu\n      - ▸linear◂: 3\n  - flatten\n  - linear: 1\n"),
      finds: "shape/rank-mismatch")
  }

  @Test func `messages speak of layers and of images as people write them`() throws {
    let rank = check(model("  - linear: 1\n"))
    #expect(
      rank.result.diagnostics[0].message == "`linear` needs 2 dimensions, but its input is N×3×8×8")
    #expect(rank.result.diagnostics[0].notes.map(\.text) == ["3×8×8 is the discriminator's input"])
    let operands = check(model("  - relu\n  - residual: [conv2d: {out_channels: 4, kernel_size: 1}]\n"))
    #expect(
      operands.result.diagnostics[0].message == "`residual` needs equal shapes, but gets 4×8×8 and 3×8×8")
    #expect(
      operands.result.diagnostics[0].notes.map(\.text) == [
        "4×8×8 is produced here", "3×8×8 is produced here",
        "give the residual a shortcut that makes the same shape, such as "
          + "`shortcut: [conv2d: {out_channels: …, kernel_size: 1}]`",
      ])
  }

  // MARK: Sizes beyond any machine

  @Test(arguments: [
    "  - conv_transpose2d: {out_channels: 1000000, kernel_size: 65536, stride: 65536}\n",
    "  - upsample: 1024\n  - upsample: 1024\n  - upsample: 1024\n  - upsample: 1024\n  - upsample: 1024\n",
    "  - flatten\n  - linear: 10000000\n  - linear: 10000000\n",
    "  - repeat: {times: 30, layers: [conv_transpose2d: {out_channels: 9, kernel_size: 9, stride: 9}]}\n",
    "  - repeat: {times: 30, layers: [conv_transpose2d: {out_channels: 9, kernel_size: 65536, dilation: 65536}]}\n",
    "  - conv2d: {out_channels: 1000000, kernel_size: 65536, padding: 65536}\n",
  ])
  func `sizes that cannot be computed with are errors`(layers: String) {
    #expect(check(model(layers)).codes.contains("shape/too-large"))
  }

  @Test func `an image that cannot be computed with is an error`() {
    let checked = check(
      model("  - global_avg_pool\n  - flatten\n  - linear: 1\n", image: "[65536, 65536, 65536]"))
    #expect(checked.codes.contains("shape/too-large"))
  }

  @Test func `the arithmetic of large models is counted without a trap`() throws {
    let checked = check(
      SmallModel.with {
        $0.head = "image: [1000, 1024, 1024]\nlatent: 1000000\n"
        $0.generator = "generator: [linear: 1000, reshape: [1000, 1, 1], upsample: 1024]\n"
        $0.discriminator =
          "discriminator: [conv2d: {out_channels: 1000, kernel_size: 512, padding: 256}, global_avg_pool, flatten, linear: 1]\n"
        $0.train = $0.train.replacing("batch_size: 4", with: "batch_size: 65536")
      })
    let model = try #require(checked.result.model, "\(checked.rendered)")
    #expect(Cost.flops(model.step, batch: 65_536) > 1e19)
  }
}

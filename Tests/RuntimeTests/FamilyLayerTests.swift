import GraphIR
import Lowering
import Passes
import TestSupport
import Testing

@testable import Runtime

/// Layers that read labels or draw numbers, on the worked examples of their papers and of the code that people
/// compare with.
@Suite struct FamilyLayerTests {
  /// A network's inference on both executors, by its result.
  private func run(
    _ layers: String, inputs: String, _ values: [String: ([Int], [Double])], batch: Int
  ) throws -> [Double] {
    let checked = check(
      SmallModel.with {
        $0.extra =
          "classes: 10\nnetworks:\n  tested:\n    frozen: true\n    inputs: \(inputs)\n    layers:\n\(layers)"
      })
    #expect(!checked.result.hasErrors, "\(checked.rendered)")
    let network = try #require(checked.result.lowering?.networks.first { $0.name == "tested" })
    var tensors = network.graph.randomInputs(batch: batch)
    for (name, (shape, numbers)) in values {
      tensors[name] = ReferenceTensor(shape: shape, values: numbers)
    }
    let name = network.graph.outputs[0].name
    let expected = try #require(
      try ReferenceInterpreter(network.graph).run(tensors, batch: batch).outputs[name])
    let planned = try network.graph.after(.inference)
    let actual = try #require(CPURun(planned, tensors, batch: batch).outputs[name])
    #expect(distance(actual, expected) < 2e-6)
    return expected.values
  }

  private func expect(_ actual: [Double], _ expected: [Double]) {
    #expect(actual.count == expected.count)
    for (a, e) in zip(actual, expected) { #expect(abs(a - e) < 1e-7, "\(a), not \(e)") }
  }

  @Test("an embedding is the row of each label")
  func embedding() throws {
    let rows = try run(
      "      - embedding: {num_embeddings: 3, embedding_dim: 2}\n", inputs: "{y: class}",
      ["y": ([2], [2, 0]), "tested.0.weight": ([3, 2], [1, 2, 3, 4, 5, 6])], batch: 2)
    expect(rows, [5, 6, 1, 2])
  }

  @Test("a projection adds what the features and the class agree on")
  func projection() throws {
    let scores = try run(
      "      - {projection: {num_classes: 2}, from: [h, y]}\n", inputs: "{h: [2], y: class}",
      [
        "h": ([2, 2], [1, 2, 1, 2]), "y": ([2], [0, 1]), "tested.0.linear.weight": ([1, 2], [0.5, 0.5]),
        "tested.0.linear.bias": ([1], [0]), "tested.0.embedding.weight": ([2, 2], [3, -1, 0, 10]),
      ], batch: 2)
    expect(scores, [2.5, 21.5])
  }

  @Test("a projection sums features over the image")
  func projectionOfImages() throws {
    let scores = try run(
      "      - {projection: {num_classes: 1, bias: false}, from: [h, y]}\n",
      inputs: "{h: [1, 1, 2], y: class}",
      [
        "h": ([1, 1, 1, 2], [1, 4]), "y": ([1], [0]), "tested.0.linear.weight": ([1, 1], [2]),
        "tested.0.embedding.weight": ([1, 1], [0.1]),
      ], batch: 1)
    expect(scores, [10.5])
  }

  @Test("a conditional batch norm scales and shifts as the class wants it")
  func conditionalBatchNorm() throws {
    // Mean 3 and biased variance 5 are those of (0, 2, 4, 6).
    let values = try run(
      "      - {conditional_batch_norm2d: {num_classes: 2}, from: [x, y]}\n",
      inputs: "{x: [1, 1, 2], y: class}",
      [
        "x": ([2, 1, 1, 2], [0, 2, 4, 6]), "y": ([2], [0, 1]),
        "tested.0.weight.weight": ([2, 1], [2, 0.5]), "tested.0.bias.weight": ([2, 1], [1, 0]),
        "tested.0.running_mean": ([1], [3]), "tested.0.running_var": ([1], [5]),
        "tested.0.num_batches_tracked": ([], [1]),
      ], batch: 2)
    expect(values, [-1.68327889, 0.10557370, 0.22360657, 0.67081972].map { $0 })
  }

  @Test("one-hot planes follow the image's channels")
  func oneHotPlanes() throws {
    let values = try run(
      "      - {one_hot_planes: 3, from: [x, y]}\n", inputs: "{x: [1, 1, 2], y: class}",
      ["x": ([1, 1, 1, 2], [7, 8]), "y": ([1], [1])], batch: 1)
    expect(values, [7, 8, 0, 0, 1, 1, 0, 0])
  }

  @Test("a batch that no group divides is cut into the largest groups that do")
  func minibatchDeviation() throws {
    let values = try run(
      "      - minibatch_stddev: 4\n", inputs: "{x: [1, 1, 1]}",
      ["x": ([6, 1, 1, 1], [0, 1, 2, 4, 7, 11])], batch: 6)
    let planes = stride(from: 1, to: 12, by: 2).map { values[$0] }
    for (image, plane) in planes.enumerated() {
      #expect(abs(plane - (image % 2 == 0 ? 2.94392029 : 4.18993503)) < 1e-8)
    }
  }

  /// A layer's name, its input's shape and numbers, and its result, of the images one after another.
  struct Layer: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var shape: [Int]
    var input: [Double]
    var result: [Double]
    var batch = 1

    init(_ layer: String, _ shape: [Int], _ input: [Double], _ result: [Double], batch: Int = 1) {
      (testDescription, self.shape, self.input, self.result) = (layer, shape, input, result)
      self.batch = batch
    }
  }

  @Test(
    "a layer without weights comes to what its source says",
    arguments: [
      Layer("instance_norm2d", [1, 1, 2], [1, 3], [-0.99999500, 0.99999500]),
      Layer("pixel_norm", [2, 1, 1], [3, 4], [0.84852814, 1.13137085]),
      Layer(
        "minibatch_stddev: 2", [1, 1, 1], [0, 1, 2, 4], [0, 1, 1, 1.5, 2, 1, 4, 1.5], batch: 4),
      Layer(
        "minibatch_stddev: 4", [1, 1, 1], [0, 1, 2, 4],
        [0, 1.47901995, 1, 1.47901995, 2, 1.47901995, 4, 1.47901995], batch: 4),
      // Taps [1, 3, 3, 1]; a row of zeros below and above halves what the columns give.
      Layer("upsample: {scale_factor: [1, 2], mode: bilinear}", [1, 1, 2], [1, 2], [1, 1.25, 1.75, 2]),
      Layer("upsample: [1, 2]", [1, 1, 2], [1, 2], [1, 1, 2, 2]),
      Layer(
        "pixel_shuffle: 2", [4, 1, 2], [0, 1, 2, 3, 4, 5, 6, 7], [0, 2, 1, 3, 4, 6, 5, 7]),
      Layer(
        "avg_pool2d: {kernel_size: [1, 3], stride: [1, 2], padding: [0, 1], count_include_pad: false}",
        [1, 1, 4], [1, 2, 3, 4], [1.5, 3]),
    ])
  func withoutWeights(layer: Layer) throws {
    let values = try run(
      "      - \(layer.testDescription)\n", inputs: "{x: \(layer.shape)}",
      ["x": ([layer.batch] + layer.shape, layer.input)], batch: layer.batch)
    expect(values, layer.result)
  }

  @Test("a blur doubles and halves rows as its taps say")
  func blur() throws {
    let taps = [1.0, 3, 3, 1]
    // Along the other axis all rows are alike but at the edges, whose neighbours are zeros: the middle row.
    func middle(_ layer: String, _ row: [Double], rows: Int) throws -> [Double] {
      let values = try run(
        "      - blur: \(layer)\n", inputs: "{x: [1, \(rows), \(row.count)]}",
        [
          "x": ([1, 1, rows, row.count], (0..<rows).flatMap { _ in row }),
          "tested.0.resample_filter": ([4, 4], taps.flatMap { row in taps.map { row * $0 / 64 } }),
        ], batch: 1)
      let width = layer.contains("up") ? row.count * 2 : row.count / 2
      let height = values.count / width
      return Array(values[(height / 2) * width..<(height / 2 + 1) * width])
    }
    expect(try middle("{up: 2}", [1, 2], rows: 4), [0.75, 1.25, 1.75, 1.5])
    expect(try middle("{down: 2}", [1, 2, 3, 4], rows: 6), [1.5, 2.875])
  }

  @Test("a style scales and shifts what is normalised")
  func adain() throws {
    let values = try run(
      "      - {adain: {eps: 0}, from: [x, w]}\n", inputs: "{x: [1, 1, 2], w: [1]}",
      [
        "x": ([1, 1, 1, 2], [1, 3]), "w": ([1, 1], [1]), "tested.0.affine.weight": ([2, 1], [0.5, 0.2]),
        "tested.0.affine.bias": ([2], [0, 0]),
      ], batch: 1)
    expect(values, [-1.3, 1.7])
  }

  @Test("a modulated convolution's weights are scaled back to a norm of 1")
  func modulation() throws {
    for (pixel, expected) in [([1.0, 0], 0.89442719), ([0, 1.0], 0.44721360)] {
      let values = try run(
        "      - {modulated_conv2d: {out_channels: 1, kernel_size: 1}, from: [x, w]}\n",
        inputs: "{x: [2, 1, 1], w: [2]}",
        [
          "x": ([1, 2, 1, 1], pixel), "w": ([1, 2], [2, 1]), "tested.0.weight": ([1, 2, 1, 1], [1, 1]),
          "tested.0.affine.weight": ([2, 2], [1.4142135623730951, 0, 0, 1.4142135623730951]),
          "tested.0.affine.bias": ([2], [0, 0]),
        ], batch: 1)
      expect(values, [expected])
    }
  }

  @Test("sampling adds the stored noise to every image")
  func storedNoise() throws {
    let values = try run(
      "      - noise\n", inputs: "{x: [2, 1, 2]}",
      [
        "x": ([1, 2, 1, 2], [1, 2, 3, 4]), "tested.0.noise_const": ([1, 2], [10, -10]),
        "tested.0.noise_strength": ([], [0.1]),
      ], batch: 1)
    expect(values, [2, 1, 4, 3])
  }

  @Test("training draws one plane of noise an image, and drops whole channels")
  func drawsInTraining() throws {
    let checked = check(
      SmallModel.with {
        $0.discriminator = """
          discriminator:
            - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
            - noise: {per_channel: true}
            - dropout2d: 0.3
            - conv2d: {out_channels: 1, kernel_size: 4}

          """
      })
    let step = try #require(checked.result.model).step
    let normals = step.nodes.compactMap { node -> [Dimension]? in
      if case .randomNormal(let op) = node.op { op.shape } else { nil }
    }
    #expect(normals == Array(repeating: [.batch, 4, 4], count: 3))
    let masks = step.nodes.compactMap { node -> (op: DropoutMask, step: ValueID)? in
      if case .dropoutMask(let op) = node.op { (op, node.operands[0]) } else { nil }
    }
    #expect(masks.map(\.op.shape) == Array(repeating: [.batch, 16], count: 3))
    // Each application counts on.
    #expect(Set(masks.map(\.step)).count == 3)
    let stored = step.stores.compactMap { store in step.inputs.first { $0.value == store.target }?.name }
    #expect(stored.contains("random.discriminator.1.batches"))
    #expect(stored.contains("random.discriminator.2.batches"))
  }
}

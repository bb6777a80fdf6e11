import Foundation
import Interchange
import TestSupport
import Testing

/// `graphc export` and `graphc inspect`.
@Suite struct ExportTests {
  @Test("weights under PyTorch's names, behind a prefix, and back")
  func weights() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1").status == 0)
      let whole = try graphc.run("export", "run", "--out", "all.safetensors")
      #expect(whole.status == 0 && whole.output == "all.safetensors\n", "\(whole.messages)")
      let all = try SafetensorsFile(contentsOf: "\(graphc.folder)/all.safetensors")
      #expect(all.metadata == ["format": "pt"])
      #expect(all.tensors.contains { $0.name == "discriminator.0.weight" })
      #expect(!all.tensors.contains { $0.name.hasPrefix("optimizer.") || $0.name.hasPrefix("random.") })

      let one = try graphc.run(
        "export", "run", "--network", "generator", "--prefix", "main.", "--out", "one.safetensors")
      #expect(one.status == 0, "\(one.messages)")
      let generator = try SafetensorsFile(contentsOf: "\(graphc.folder)/one.safetensors")
      #expect(generator.tensors.allSatisfy { $0.name.hasPrefix("main.") })
      #expect(generator["main.0.weight"]?.floats == all["generator.0.weight"]?.floats)

      // One network's names are enough where they fit one network alone.
      let alone = try graphc.run(
        "export", "model.yaml", "--weights", "one.safetensors", "--network", "generator", "--prefix", "main.",
        "--out", "again.safetensors")
      #expect(alone.status == 0, "\(alone.messages)")
      let again = try SafetensorsFile(contentsOf: "\(graphc.folder)/again.safetensors")
      #expect(again.tensors.map(\.name) == generator.tensors.map(\.name))
      #expect(again["main.0.weight"]?.floats == generator["main.0.weight"]?.floats)

      let back = try graphc.run(
        "export", "model.yaml", "--weights", "all.safetensors", "--out", "back.safetensors")
      #expect(back.status == 0, "\(back.messages)")
      #expect(
        try Data(contentsOf: URL(filePath: "\(graphc.folder)/back.safetensors"))
          == Data(contentsOf: URL(filePath: "\(graphc.folder)/all.safetensors")))
    }
  }

  @Test("an ONNX file says what it holds, and is the same bytes each time")
  func onnx() throws {
    try withGraphc { graphc throws in
      for name in ["a.onnx", "b.onnx"] {
        let outcome = try graphc.run("export", "model.yaml", "--out", name)
        #expect(outcome.status == 0, "\(outcome.messages)")
      }
      let first = try Data(contentsOf: URL(filePath: "\(graphc.folder)/a.onnx"))
      #expect(try first == Data(contentsOf: URL(filePath: "\(graphc.folder)/b.onnx")))
      let model = try ONNXModel(contentsOf: "\(graphc.folder)/a.onnx")
      #expect(model.graph.inputs.map(\.name) == ["noise"])
      #expect(model.graph.outputs.map(\.name) == ["images"])
      #expect(model.graph.inputs[0].shape?.first == .symbol("N"))
      // Batch norm is part of the weights.
      #expect(!model.graph.nodes.contains { $0.operation == "BatchNormalization" })
      let inspected = try graphc.run("inspect", "a.onnx")
      #expect(inspected.status == 0)
      #expect(inspected.output.contains("ConvTranspose") && inspected.output.contains("graphc.network"))
    }
  }

  @Test("the means over groups of images are found again as the layer that they are of")
  func minibatchDeviation() throws {
    let layers = ["minibatch_stddev: {group_size: 3}", "minibatch_stddev: {group_size: 2, num_channels: 2}"]
    let text = TinyModel.text.replacing(
      "discriminator:\n", with: "discriminator:\n" + layers.map { "  - \($0)\n" }.joined())
    try withGraphc(model: text) { graphc throws in
      let exported = try graphc.run(
        "export", "model.yaml", "--network", "discriminator", "--out", "discriminator.onnx")
      #expect(exported.status == 0, "\(exported.messages)")
      let imported = try graphc.run("import", "discriminator.onnx", "--name", "again")
      #expect(imported.status == 0, "\(imported.messages)")
      let model = try String(contentsOfFile: "\(graphc.folder)/again.yaml", encoding: .utf8)
      for layer in layers { #expect(model.contains(layer), "\(model)") }

      // The same steps that give the images another shape are no such layer.
      var odd = try ONNXModel(contentsOf: "\(graphc.folder)/discriminator.onnx")
      for index in odd.graph.initializers.indices {
        let tensor = odd.graph.initializers[index]
        guard tensor.name.contains(".extents"), let extents = tensor.integers else { continue }
        odd.graph.initializers[index] = ONNXTensor(
          name: tensor.name, shape: [3], integers: [extents[0], 4, 16])
      }
      try Data(odd.bytes).write(to: URL(filePath: "\(graphc.folder)/odd.onnx"))
      let refused = try graphc.run("import", "odd.onnx", "--name", "odd")
      #expect(refused.status == 65)
      #expect(refused.messages.contains("gives images another shape"), "\(refused.messages)")
    }
  }

  @Test("an exported network is imported as a model that computes the same, and passes `check`")
  func reimport() throws {
    try withGraphc { graphc throws in
      for (network, flags) in [("generator", []), ("discriminator", ["--keep-batch-norm"])] {
        let outcome = try graphc.run(
          ["export", "model.yaml", "--network", network, "--out", "\(network).onnx"] + flags)
        #expect(outcome.status == 0, "\(outcome.messages)")
      }
      let imported = try graphc.run("import", "generator.onnx", "discriminator.onnx", "--name", "both")
      #expect(imported.status == 0, "\(imported.messages)")
      #expect(imported.output == "both.yaml\nboth.safetensors\n")
      #expect(imported.messages.contains("checked"))
      let checked = try graphc.run("check", "both.yaml")
      #expect(checked.status == 0, "\(checked.messages)")
      #expect(checked.output.contains("conv_transpose2d"))
      // A second import overwrites nothing.
      #expect(try graphc.run("import", "generator.onnx", "--name", "both").status == 65)
    }
  }

  @Test("a file that is none of those is refused with its name, and so is a wrong demand")
  func refusals() throws {
    try withGraphc { graphc throws in
      try Data("hello".utf8).write(to: URL(filePath: "\(graphc.folder)/text.onnx"))
      for arguments in [["inspect", "text.onnx"], ["inspect", "missing.onnx"]] {
        let outcome = try graphc.run(arguments)
        #expect(outcome.status == 65)
        #expect(outcome.messages.contains(arguments[1]))
      }
      for arguments in [
        ["--out", "x"], ["--out", "x.onnx", "--prefix", "a."], ["--out", "x.safetensors", "--prefix", "a."],
        ["--out", "x.onnx", "--network", "generatr"],
      ] {
        #expect(try graphc.run(["export", "model.yaml"] + arguments).status == 64, "\(arguments)")
      }
      #expect(try RunFiles(folder: graphc.folder).names(in: ".") == ["model.yaml", "text.onnx"])
    }
  }
}

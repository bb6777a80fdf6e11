import Foundation
import Testing

/// `graphc bench`.
@Suite struct BenchTests {
  @Test("the JSON has the fields that scripts hold on to, and a row an op")
  func json() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(
        "bench", "model.yaml", "--steps", "3", "--batch-size", "5", "--threads", "1", "--format", "json")
      #expect(outcome.status == 0)
      let json = try JSON(outcome.output)
      let milliseconds = try #require(json["median_ms"].number)
      #expect(milliseconds > 0)
      #expect(abs(try #require(json["images_per_second"].number) * milliseconds / 5000 - 1) < 1e-9)
      #expect(try #require(json["gflops"].number) > 0)
      #expect(try #require(json["peak_gflops"].number) > 0)
      #expect(try #require(json["peak_rss_bytes"].int) > 1 << 20)
      #expect(json["batch_size"].int == 5 && json["threads"].int == 1 && json["steps"].int == 3)
      let rows = json["ops"].array
      #expect(rows.contains { $0["op"].string == "adam" && $0["layer"].string == "generator.optimizer" })
      let share = rows.reduce(0) { $0 + ($1["share"].number ?? 0) }
      #expect(abs(share - 1) < 1e-6)
    }
  }

  @Test("`--convolution` is taken wherever it can be, and each convolution's row says what was")
  func convolution() throws {
    try withGraphc { graphc throws in
      func algorithms(_ options: String...) throws -> [String] {
        let outcome = try graphc.run(["bench", "model.yaml", "--steps", "1", "--format", "json"] + options)
        let rows = try JSON(outcome.output)["ops"].array
        #expect(rows.allSatisfy { $0["op"].string != "adam" || $0["algorithm"].string == nil })
        return rows.compactMap { $0["algorithm"].string }
      }
      #expect(Set(try algorithms("--convolution", "patches")) == ["patches"])
      #expect(Set(try algorithms("--convolution", "winograd2")) == ["winograd2"])
      // It has no data gradient.
      let mixed = try algorithms("--convolution", "direct")
      #expect(Set(mixed).count > 1 && mixed.contains("direct"))
      #expect(try algorithms().count == mixed.count)
    }
  }

  @Test("`GRAPHC_ISA` chooses the instructions, and the result says which; what is not there is an error")
  func instructionSet() throws {
    try withGraphc { graphc throws in
      var graphc = graphc
      for isa in ["scalar", "portable"] {
        graphc.environment["GRAPHC_ISA"] = isa
        let outcome = try graphc.run("bench", "model.yaml", "--steps", "1", "--format", "json")
        #expect(try JSON(outcome.output)["isa"].string == isa)
      }
      for wrong in ["sse9", "AVX2"] {
        graphc.environment["GRAPHC_ISA"] = wrong
        for command in ["bench model.yaml", "train model.yaml", "verify model.yaml fixture"] {
          let outcome = try graphc.run(command.split(separator: " ").map(String.init))
          #expect(outcome.status == 64 && outcome.output.isEmpty)
          #expect(outcome.messages.contains("GRAPHC_ISA is `\(wrong)`"))
        }
      }
      // None is computed with.
      #expect(try graphc.run("explain", "spec/unknown-key").status == 0)
      graphc.environment["GRAPHC_ISA"] = ""
      #expect(try graphc.run("check", "model.yaml").status == 0)
    }
  }

  @Test("an algorithm that rounds to bf16 is taken where the precision allows it")
  func roundingAlgorithm() throws {
    try withGraphc { graphc throws in
      let arguments = ["bench", "model.yaml", "--steps", "1", "--convolution", "patches_bf16"]
      let refused = try graphc.run(arguments)
      #expect(refused.status == 64 && refused.output.isEmpty)
      #expect(refused.messages.contains("patches_bf16 rounds what it multiplies to bf16"))
      #expect(try graphc.run(arguments + ["--precision", "bf16"]).status == 0)
    }
  }

  @Test("a batch that is too small for the step's batch norms is refused, and not for inference")
  func tooSmallABatch() throws {
    try withGraphc { graphc throws in
      let path = "\(graphc.folder)/small.yaml"
      let model = """
        name: small
        image: {channels: 1, height: 2, width: 2}
        latent: 3
        generator: [{linear: 4}, batch_norm1d, {reshape: [1, 2, 2]}, tanh]
        discriminator: [flatten, {linear: 1}]
        train: {data: {synthetic: shapes}, loss: bce_with_logits, batch_size: 4}
        """
      try Data(model.utf8).write(to: URL(filePath: path))
      let outcome = try graphc.run("bench", path, "--batch-size", "1", "--steps", "1")
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      #expect(outcome.messages.contains("agreement/one-value-per-channel"))
      #expect(
        try graphc.run("bench", path, "--batch-size", "1", "--steps", "1", "--function", "generator").status
          == 0)
    }
  }

  @Test("a result is printed also where the trace cannot be written")
  func unwritableTrace() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("bench", "model.yaml", "--steps", "1", "--trace", "nowhere/trace.json")
      #expect(outcome.status == 74 && outcome.output.contains("images/s"))
      #expect(outcome.messages.contains("nowhere/trace.json"))
      #expect(try graphc.run("bench", "model.yaml", "--trace", "").status == 64)
    }
  }

  @Test("the precision is the model's, or the one that is asked for")
  func precision() throws {
    try withGraphc { graphc throws in
      func precision(_ arguments: String...) throws -> String? {
        let outcome = try graphc.run(["bench", "model.yaml", "--steps", "1", "--format", "json"] + arguments)
        return try JSON(outcome.output)["precision"].string
      }
      #expect(try precision() == "fp32")
      #expect(try precision("--precision", "bf16") == "bf16")
      #expect(try precision("--set", "train.precision=bf16") == "bf16")
      #expect(try precision("--set", "train.precision=bf16", "--precision", "fp32") == "fp32")
      #expect(try graphc.run("bench", "model.yaml", "--precision", "fp16").status == 64)
    }
  }

  @Test("`--trace` writes an event a node, one after another, as Chrome's viewer reads them")
  func trace() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(
        "bench", "model.yaml", "--steps", "1", "--trace", "trace.json", "--format", "json")
      #expect(outcome.status == 0)
      let events = try JSON(RunFiles(folder: graphc.folder).text("trace.json"))["traceEvents"].array
      #expect(
        events.compactMap { $0["name"].string }
          == (try JSON(outcome.output))["ops"].array.compactMap { $0["op"].string })
      var end = 0.0
      for event in events {
        #expect(event["ph"].string == "X" && event["pid"].int == 1 && event["tid"].int == 1)
        let start = try #require(event["ts"].number)
        #expect(abs(start - end) < 0.01)
        end = start + (try #require(event["dur"].number))
      }
    }
  }

  @Test(
    "a network alone can be timed, and the text names its ops", arguments: ["generator", "discriminator"])
  func functions(name: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("bench", "model.yaml", "--function", name, "--steps", "1")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("images/s"))
      #expect(!outcome.output.contains("adam"))
    }
  }

  @Test("a trace that cannot be written ends with 74")
  func unwritable() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("bench", "model.yaml", "--steps", "1", "--trace", "/dev/null/t").status == 74)
    }
  }
}

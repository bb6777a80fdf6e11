import Foundation
import TestSupport
import Testing

/// The models that the project ships: each checks, is the same written out, and trains as it stands.
@Suite struct ModelsTests {
  static let names = files(in: packageRoot() + "/models", endingIn: ".yaml").map { String($0.dropLast(5)) }

  static func path(_ model: String) -> String { "\(packageRoot())/models/\(model).yaml" }

  /// Warnings that belong to a model: nothing bounds StyleGAN2's images, which are sums, nor MSG-GAN's, and the
  /// tutorial's discriminator ends in a sigmoid.
  private static let warnings = [
    "stylegan2-64": "agreement/unbounded-output", "msg-gan": "agreement/unbounded-output",
    "tutorial-dcgan": "agreement/sigmoid-saturates",
  ]

  @Test("a model has no mistake and no warning but its own", arguments: names)
  func checks(model: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("check", Self.path(model))
      #expect(outcome.status == 0)
      let warnings = outcome.messages.matches(of: /warning\[([a-z\/-]+)\]/).map { String($0.1) }
      #expect(warnings == [Self.warnings[model]].compactMap { $0 }, "\(outcome.messages)")
    }
  }

  @Test("a model written out is a model, and written out again it stays as it is", arguments: names)
  func expands(model: String) throws {
    try withGraphc { graphc throws in
      let expanded = try graphc.run("check", Self.path(model), "--expand")
      #expect(expanded.status == 0)
      try Data(expanded.output.utf8).write(to: URL(filePath: "\(graphc.folder)/long.yaml"))
      let again = try graphc.run("check", "long.yaml", "--expand")
      #expect(again.status == 0, "\(again.messages)")
      #expect(again.output == expanded.output)
      // It is the same graph, op by op, but for where in a text each comes from.
      func graph(_ path: String) throws -> String {
        try graphc.run("ir", path).output.replacing(#/ +(@\d|in \w)[^\n]*/#, with: "")
      }
      let text = try graph("long.yaml")
      #expect(text.count > 1000)
      #expect(try graph(Self.path(model)) == text)
    }
  }

  /// What makes a model of 30 steps short: fewer channels, and smaller batches.
  static func narrowed(_ model: String) throws -> [String] {
    let text = try String(contentsOfFile: path(model), encoding: .utf8)
    var settings = ["train.batch_size=8", "train.sample_every=15", "train.checkpoint_every=1000"]
    for (name, narrow) in [("width", 16), ("base", 8)] {
      let isNumber = try text.contains(Regex("\nlet:\\s*[{\n].*\\b\(name): \\d"))
      if isNumber { settings.append("let.\(name)=\(narrow)") }
    }
    if text.contains("{synthetic: ") { settings.append("train.data.synthetic.count=200") }
    return settings
  }

  @Test("a model, narrowed, trains 30 steps to finite numbers and makes samples", arguments: names)
  func trains(model: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(
        ["train", Self.path(model), "--out", "run", "--max-steps", "30"]
          + Self.narrowed(model).flatMap { ["--set", $0] })
      #expect(outcome.status == 0, "\(outcome.messages)")
      let run = RunFiles(folder: graphc.folder + "/run")
      let rows = try run.metrics()
      #expect(rows.count == 30)
      for value in rows.flatMap(\.values) { #expect(value.isFinite) }
      let makesImages = try String(contentsOfFile: Self.path(model), encoding: .utf8).contains("\nlatent: ")
      #expect(try run.names(in: "samples") == (makesImages ? ["step-000015.png", "step-000030.png"] : []))
    }
  }
}

import Foundation
import Testing

/// What a model, a data set or a path holds neither commands a terminal nor forges a line.
@Suite struct HostileTextTests {
  /// Characters that a terminal obeys, that turn a line around, and that break it.
  private static let hostile = #"\e]0;title\a\e[2J\x9b31m\r\nerror: forged\u202E\u2066\u2028\x7f"#
  private static let bytes: [[UInt8]] = [
    [0x1B], [0x07], [0x0D], [0x00], [0x7F], [0xC2, 0x9B], [0xE2, 0x80, 0xAE], [0xE2, 0x81, 0xA6],
    [0xE2, 0x80, 0xA8],
  ]

  private func expectHarmless(_ outcome: GraphcBinary.Outcome, _ what: String) {
    for text in [outcome.output, outcome.messages] {
      for bytes in Self.bytes { #expect(!text.utf8.contains(bytes), "\(what): \(text.debugDescription)") }
      #expect(!text.split(separator: "\n").contains { $0.hasPrefix("error: forged") }, "\(what)")
    }
  }

  private static func model(name: String, data: String = "{synthetic: {count: 20}}") -> String {
    TinyModel.text.replacing("name: tiny", with: "name: \"\(name)\"")
      .replacing("data: {synthetic: {count: 20, flip: true}}", with: "data: \(data)")
  }

  @Test(
    "a model's name",
    arguments: [
      ["check", "model.yaml"], ["train", "model.yaml", "--max-steps", "1", "--out", "r"],
      ["check", "model.yaml", "--format", "json"], ["ir", "model.yaml"],
      ["ir", "model.yaml", "--format", "svg"],
      ["ir", "model.yaml", "--format", "dot"], ["bench", "model.yaml", "--steps", "1"],
    ])
  func name(arguments: [String]) throws {
    try withGraphc(model: Self.model(name: Self.hostile)) { graphc throws in
      let outcome = try graphc.run(arguments)
      #expect(outcome.status == 0, "\(outcome.messages)")
      expectHarmless(outcome, "\(arguments)")
      if arguments.contains("json") {
        let name = try JSON(outcome.output)["model"].string
        #expect(name?.hasPrefix("\u{1B}]0;title\u{7}\u{1B}[2J\u{9B}31m\r\nerror: forged\u{202E}") == true)
      }
      if arguments[0] == "train" {
        for file in ["report.html", "resolved.yaml", "metrics.jsonl"] {
          let data = try RunFiles(folder: "\(graphc.folder)/r").data(file)
          for bytes in Self.bytes { #expect(data.range(of: Data(bytes)) == nil, "\(file) \(bytes)") }
        }
      }
    }
  }

  @Test("a path of the model", arguments: ["folder", "idx", "cifar10"])
  func dataPath(source: String) throws {
    try withGraphc(model: Self.model(name: "a", data: "{\(source): \"no\(Self.hostile)\"}")) {
      graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "r")
      #expect(outcome.status == 65)
      expectHarmless(outcome, source)
      #expect(outcome.messages.contains(#"no\u{1B}]0;title\u{7}\u{1B}[2J"#))
    }
  }

  @Test("names of files, in `left out:` and in errors")
  func fileNames() throws {
    try withGraphc(model: Self.model(name: "a", data: "{folder: {path: p, broken: skip}}")) { graphc throws in
      try FileManager.default.createDirectory(atPath: "\(graphc.folder)/p", withIntermediateDirectories: true)
      let name = "a\u{1B}[2J\u{1B}]0;title\u{7}\r\nerror: forged\u{202E}\u{9B}.png"
      try Data("x".utf8).write(to: URL(filePath: "\(graphc.folder)/p/\(name)"))
      expectHarmless(try graphc.run("train", "model.yaml", "--out", "r"), "skip")
      expectHarmless(
        try graphc.run("train", "model.yaml", "--out", "r", "--set", "train.data={folder: p}"), "stop")
    }
  }

  @Test("arguments of the command line, wherever they are quoted")
  func arguments() throws {
    let evil = "x\u{1B}[2J\u{7}\r\nerror: forged\u{202E}\u{9B}"
    try withGraphc { graphc throws in
      for arguments in [
        ["check", evil], ["check", "model.yaml", "--set", evil],
        ["check", "model.yaml", "--set", "train.loss=\(evil)"],
        ["check", "model.yaml", "--format", evil], ["check", "model.yaml", "--format=\(evil)"], [evil],
        ["--\(evil)"],
        ["explain", evil], ["sample", evil], ["train", "--resume", evil],
        ["train", "model.yaml", "--out", evil + "/a/\0"],
        ["ir", "model.yaml", "--after", evil], ["bench", "model.yaml", "--disable-pass", evil],
        ["verify", "model.yaml", evil], ["train", "model.yaml", "--weights", evil], ["help", evil],
      ] {
        let outcome = try graphc.run(arguments)
        if !arguments.contains("--out"), arguments[0] != "help" {
          #expect(outcome.status != 0, "\(arguments)")
        }
        expectHarmless(outcome, "\(arguments)")
      }
    }
  }

  @Test("quoted lines of the model, keys and values, in messages and in JSON; a warning names the character")
  func quotedLines() throws {
    let model = TinyModel.text.replacing("relu", with: "rel\u{202E}u\u{2066}") + "# \u{202E} comment\n"
    try withGraphc(model: model) { graphc throws in
      for format in ["text", "json"] {
        let outcome = try graphc.run("check", "model.yaml", "--format", format)
        #expect(outcome.status == 65)
        expectHarmless(outcome, format)
      }
      let text = try graphc.run("check", "model.yaml").messages
      #expect(text.contains("warning[yaml/bidirectional-text]: the character U+202E"))
      #expect(text.contains(#"rel\u{202E}u\u{2066}"#))
    }
  }

  @Test("tensors of a checkpoint")
  func tensors() throws {
    try withGraphc { graphc throws in
      let name = #"a\u001b[2J\u0007\r\nerror: forged\u202e\u009b"#
      let header =
        #"{"\#(name)":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"step":"\#(name)"}}"#
      var file = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
      file += Data(header.utf8) + Data([0, 0, 0, 0])
      try file.write(to: URL(filePath: "\(graphc.folder)/x.safetensors"))
      for arguments in [
        ["train", "model.yaml", "--weights", "x.safetensors", "--out", "r"],
        ["verify", "model.yaml", "x.safetensors"],
        ["sample", "x.safetensors", "--model", "model.yaml"],
      ] {
        let outcome = try graphc.run(arguments)
        #expect(outcome.status != 0)
        expectHarmless(outcome, "\(arguments)")
      }
    }
  }
}

extension String.UTF8View {
  fileprivate func contains(_ bytes: [UInt8]) -> Bool { Data(self).range(of: Data(bytes)) != nil }
}

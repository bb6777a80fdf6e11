import Foundation
import Testing

/// What a run's folder meets with, and how a resume takes it.
@Suite struct RunTrustTests {
  private func withRun(_ body: (GraphcBinary, RunFiles) throws -> Void) throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "8").status == 0)
      try body(graphc, RunFiles(folder: graphc.folder + "/run"))
    }
  }

  private func write(_ data: Data, _ path: String, _ run: RunFiles) throws {
    try data.write(to: URL(filePath: "\(run.folder)/\(path)"))
  }

  private let newest = "checkpoints/step-000008.safetensors"

  /// Damage to the newest of the checkpoints of steps 4 and 8.
  private func damage(_ kind: String, _ run: RunFiles) throws {
    var bytes = try run.data(newest)
    switch kind {
    case "a bit of the last tensor": bytes[bytes.count - 3] ^= 0x10
    case "a page of zeros": bytes.replaceSubrange(bytes.count - 600..<bytes.count, with: Data(count: 600))
    case "the step in the metadata":
      let text = String(decoding: bytes, as: Unicode.ASCII.self)
      let place = try #require(text.range(of: #""step":"8""#))
      bytes[text.distance(from: text.startIndex, to: place.upperBound) - 2] = UInt8(ascii: "7")
    case "cut short": bytes = bytes.prefix(bytes.count / 2)
    default: bytes = Data()
    }
    try write(bytes, newest, run)
  }

  private static let damages = [
    "a bit of the last tensor", "a page of zeros", "the step in the metadata", "cut short", "empty",
  ]

  @Test(
    "a damaged checkpoint is named, and the newest whole one is taken, to the same end",
    arguments: damages)
  func damagedCheckpoint(kind: String) throws {
    try withRun { graphc, run throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "whole").status == 0)
      try damage(kind, run)
      let sample = try graphc.run("sample", "run")
      #expect(sample.status == 0)
      #expect(sample.messages.contains("step-000008.safetensors"))
      #expect(sample.messages.contains("taking run/checkpoints/step-000004.safetensors"))
      let resumed = try graphc.run("train", "--resume", "run", "--max-steps", "\(TinyModel.steps)")
      #expect(resumed.status == 0, "\(resumed.messages)")
      #expect(resumed.messages.contains("taking run/checkpoints/step-000004.safetensors"))
      let whole = RunFiles(folder: graphc.folder + "/whole")
      #expect(try run.latestCheckpoint() == whole.latestCheckpoint())
      #expect(try run.results() == whole.results())
    }
  }

  @Test("a damaged checkpoint that is asked for by name is refused", arguments: damages)
  func damagedWeights(kind: String) throws {
    try withRun { graphc, run throws in
      try damage(kind, run)
      for arguments in [
        ["sample", "run/\(newest)"], ["train", "model.yaml", "--out", "b", "--weights", "run/\(newest)"],
      ] {
        let outcome = try graphc.run(arguments)
        // Weights take no step from a file's metadata, but the metadata has a checksum too.
        #expect(outcome.status == 65, "\(arguments)")
        #expect(outcome.messages.contains("step-000008.safetensors"))
      }
    }
  }

  @Test(
    "a `latest` that names no checkpoint does not stand in the way",
    arguments: [nil, "", "step-000008.safetensors\r\n", "../x\n", "step-000012.safetensors\n"] as [String?])
  func latest(text: String?) throws {
    try withRun { graphc, run throws in
      if let text {
        try write(Data(text.utf8), "checkpoints/latest", run)
      } else {
        try FileManager.default.removeItem(atPath: run.folder + "/checkpoints/latest")
      }
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("taking run/checkpoints/step-000008.safetensors"))
      #expect(try run.metrics().count == 9)
    }
  }

  @Test("of all checkpoints damaged, the newest is named")
  func nothingWhole() throws {
    try withRun { graphc, run throws in
      for name in try run.names(in: "checkpoints") where name != "latest" {
        try write(Data([1, 2, 3]), "checkpoints/\(name)", run)
      }
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("no other checkpoint is whole"))
    }
  }

  @Test("a run that has another name goes on")
  func renamed() throws {
    try withRun { graphc, run throws in
      let yaml = try run.text("resolved.yaml").replacing("name: tiny", with: "name: other")
      try write(Data(yaml.utf8), "resolved.yaml", run)
      #expect(try graphc.run("train", "--resume", "run").status == 0)
    }
  }

  @Test(
    "a damaged log loses no row that can be read, and says which it lost",
    arguments: [
      ("a line of garbage", 0), ("a row lost", 1), ("a step that is none", 1), ("a page of zeros", 2),
      ("missing", 8), ("empty", 8), ("rows twice", 0), ("half a file", 4),
    ])
  func damagedLog(kind: String, lost: Int) throws {
    try withRun { graphc, run throws in
      var lines = try run.text("metrics.jsonl").split(separator: "\n").map(String.init)
      switch kind {
      case "a line of garbage": lines.insert("garbage", at: 3)
      case "a row lost": lines.remove(at: 3)
      case "a step that is none":
        lines[3] = lines[3].replacing(#""step": 4"#, with: #""step": 1e3"#).replacing(
          #""step":4"#, with: #""step":1e3"#)
      case "a page of zeros":
        lines[2] = String(repeating: "\0", count: 50)
        lines[3] = "\0" + lines[3].dropFirst()
      case "rows twice": lines += lines
      case "half a file": lines.removeFirst(4)
      default: lines = []
      }
      if kind == "missing" {
        try FileManager.default.removeItem(atPath: run.folder + "/metrics.jsonl")
      } else {
        try write(Data(lines.map { $0 + "\n" }.joined().utf8), "metrics.jsonl", run)
      }
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("metrics.jsonl is damaged") == (lost > 0), "\(outcome.messages)")
      let steps = try run.metrics().compactMap { $0["step"] }
      #expect(steps.count == 9 - lost)
      #expect(steps == steps.sorted())
      #expect(run.exists("report.html"))
    }
  }

  @Test("`keep` bounds the checkpoints, and keeps the newest")
  func keep() throws {
    try withGraphc { graphc throws in
      let settings = ["--set", "train.checkpoint_every=2", "--set", "train.keep=2"]
      #expect(try graphc.run(["train", "model.yaml", "--out", "run"] + settings).status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      let names = ["latest", "step-000008.safetensors", "step-000009.safetensors"]
      #expect(try run.names(in: "checkpoints") == names)
      #expect(try graphc.run("check", "model.yaml", "--set", "train.keep=0").status == 65)
    }
  }

  @Test("`--max-steps` is remembered by a run that was stopped before, and done with where it was reached")
  func maxSteps() throws {
    try withGraphc { graphc throws in
      let stopped = try graphc.run(
        "train", "model.yaml", "--out", "run", "--set", "train.epochs=1000000", "--max-steps", "100000",
        sending: SIGINT)
      #expect(stopped.status == 130)
      let run = RunFiles(folder: graphc.folder + "/run")
      let steps = try run.metrics().count
      let resumed = try graphc.run("train", "--resume", "run", sending: SIGINT)
      #expect(resumed.messages.contains("\(100_000 - steps) steps of 8"), "\(resumed.messages.prefix(300))")
      let other = try run.metrics().count + 3
      #expect(try graphc.run("train", "--resume", "run", "--max-steps", "\(other)").status == 0)
      #expect(try run.metrics().count == other)
    }
  }

  @Test("a finished run says how to train longer, and that a limit beyond its end changes nothing")
  func trainLonger() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      let outcome = try graphc.run("train", "--resume", "run", "--max-steps", "50")
      #expect(outcome.status == 0)
      #expect(outcome.messages.contains("--max-steps 50 changes nothing"))
      #expect(outcome.messages.contains("raise `epochs` in run/resolved.yaml"))
      let yaml = try run.text("resolved.yaml").replacing("epochs: 3", with: "epochs: 4")
      try write(Data(yaml.utf8), "resolved.yaml", run)
      let longer = try graphc.run("train", "--resume", "run")
      #expect(longer.status == 0)
      #expect(longer.messages.contains("`train.epochs` is 4, and was 3 up to step 9"))
      #expect(try run.metrics().count == 12)
    }
  }

  @Test("a finished run's report is written where it is missing, and its loss is no loss of the training")
  func report() throws {
    try withRun { graphc, run throws in
      let report = run.folder + "/report.html"
      try FileManager.default.removeItem(atPath: report)
      #expect(try graphc.run("train", "--resume", "run", "--max-steps", "8").status == 0)
      #expect(run.exists("report.html"))
      try FileManager.default.removeItem(atPath: report)
      try FileManager.default.createDirectory(atPath: report, withIntermediateDirectories: true)
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 74)
      #expect(outcome.messages.contains("complete and saved: run/checkpoints/step-000009.safetensors"))
    }
  }

  @Test("a folder in which a run ended before its first checkpoint can be begun anew; another cannot")
  func beginAnew() throws {
    try withRun { graphc, run throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 65)
      for name in try run.names(in: "checkpoints") {
        try FileManager.default.removeItem(atPath: "\(run.folder)/checkpoints/\(name)")
      }
      let note = run.folder + "/notes.txt"
      try Data("mine".utf8).write(to: URL(filePath: note))
      #expect(try graphc.run("train", "model.yaml", "--out", "run").status == 65)
      try FileManager.default.removeItem(atPath: note)
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      #expect(try run.metrics().count == 2)
      #expect(try run.names(in: "samples") == ["step-000002.png"])
    }
  }

  @Test("settings that were changed are named")
  func settings() throws {
    try withRun { graphc, run throws in
      let yaml = try run.text("resolved.yaml").replacing("seed: 0", with: "seed: 5")
      try write(Data(yaml.utf8), "resolved.yaml", run)
      let outcome = try graphc.run("train", "--resume", "run")
      #expect(outcome.status == 0)
      #expect(outcome.messages.contains("warning: `train.seed` is 5, and was 0 up to step 8"))
    }
  }

  @Test(
    "data that is not what it was is refused, unless it is asked for",
    arguments: ["added", "removed", "replaced", "renamed"])
  func data(change: String) throws {
    let model = TinyModel.text.replacing(/data: .*/, with: "data: {folder: pictures}")
    try withGraphc(model: model) { graphc throws in
      let pictures = graphc.folder + "/pictures"
      try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
      // Samples of another run are pictures.
      try Data(TinyModel.text.utf8).write(to: URL(filePath: graphc.folder + "/tiny.yaml"))
      #expect(try graphc.run("train", "tiny.yaml", "--out", "tiny", "--max-steps", "1").status == 0)
      #expect(try graphc.run("sample", "tiny", "--each", "pictures", "--count", "9").status == 0)
      let extra = try Data(contentsOf: URL(filePath: pictures + "/000008.png"))
      try FileManager.default.removeItem(atPath: pictures + "/000008.png")
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1").status == 0)

      let third = URL(filePath: pictures + "/000003.png")
      switch change {
      case "added": try extra.write(to: URL(filePath: pictures + "/000009.png"))
      case "removed": try FileManager.default.removeItem(at: third)
      case "replaced": try extra.write(to: third)
      default: try FileManager.default.moveItem(at: third, to: URL(filePath: pictures + "/a.png"))
      }
      let refused = try graphc.run("train", "--resume", "run", "--max-steps", "2")
      #expect(refused.status == 65)
      #expect(refused.messages.contains("the data has changed since step 1"), "\(refused.messages)")
      #expect(refused.messages.contains("--accept-changes"))
      let accepted = try graphc.run("train", "--resume", "run", "--max-steps", "2", "--accept-changes")
      #expect(accepted.status == 0, "\(accepted.messages)")
      #expect(accepted.messages.contains("warning: the data has changed"))
      // From there on it is what it is.
      let again = try graphc.run("train", "--resume", "run", "--max-steps", "3")
      #expect(again.status == 0)
      #expect(!again.messages.contains("the data has changed"))
    }
  }

  @Test("a picture that cannot be written loses no step, and is made up for", arguments: [7, 8, 9])
  func pictureThatCannotBeWritten(step: Int) throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "whole").status == 0)
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "5").status == 0)
      let run = RunFiles(folder: graphc.folder + "/run")
      let inTheWay = run.folder + "/samples/step-00000\(step).png"
      try FileManager.default.createDirectory(atPath: inTheWay, withIntermediateDirectories: true)
      let stopped = try graphc.run("train", "--resume", "run", "--max-steps", "\(step)")
      #expect(stopped.status == 74)
      #expect(stopped.messages.contains("step-00000\(step).png"), "\(stopped.messages)")
      #expect(try run.text("checkpoints/latest") == "step-00000\(step).safetensors\n")
      try FileManager.default.removeItem(atPath: inTheWay)
      #expect(try graphc.run("train", "--resume", "run", "--max-steps", "\(TinyModel.steps)").status == 0)
      let whole = RunFiles(folder: graphc.folder + "/whole")
      #expect(try run.latestCheckpoint() == whole.latestCheckpoint())
      #expect(try run.results() == whole.results())
      for name in try whole.names(in: "samples") {
        #expect(try run.data("samples/\(name)") == whole.data("samples/\(name)"), "\(name)")
      }
    }
  }
}

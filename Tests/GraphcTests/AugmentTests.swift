import Foundation
import Interchange
import Testing

/// `graphc augment`.
@Suite struct AugmentTests {
  private static let told = TinyModel.text.replacing("latent: 4\n", with: "latent: 4\nclasses: 10\n")
    .replacing(
      "generator:\n  - conv_transpose2d: {out_channels: 4",
      with: """
        generator:
          inputs: {noise: latent, label: class}
          layers:
          - {one_hot: 10, name: row, from: label}
          - {concat: , from: [noise, row]}
          - reshape: [14, 1, 1]
          - conv_transpose2d: {out_channels: 4
        """
    ).replacing("  - ", with: "    - ").replacing(
      "data: {synthetic: {count: 20, flip: true}}", with: "data: {digits: , limit: 60}")

  private func withRun(_ text: String, _ body: (GraphcBinary) throws -> Void) throws {
    try withGraphc { graphc throws in
      try Data(text.utf8).write(to: URL(filePath: "\(graphc.folder)/told.yaml"))
      let trained = try graphc.run("train", "told.yaml", "--out", "run", "--max-steps", "2")
      #expect(trained.status == 0, "\(trained.messages)")
      try body(graphc)
    }
  }

  private func lines(_ graphc: GraphcBinary, _ folder: String) throws -> [[String: Any]] {
    try RunFiles(folder: graphc.folder).text("\(folder)/metadata.jsonl").split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("classes are balanced, lines name the files, and a longer call goes on")
  func classes() throws {
    try withRun(Self.told) { graphc throws in
      let outcome = try graphc.run("augment", "run", "--count", "23", "--out", "more")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let files = RunFiles(folder: graphc.folder)
      func names() throws -> [String] {
        try (0...9).flatMap { kind in try files.names(in: "more/\(kind)").map { "\(kind)/\($0)" } }
      }
      let first = try names()
      #expect(first.count == 23)
      #expect(try (0...9).map { try files.names(in: "more/\($0)").count } == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2])
      #expect(
        try files.names(in: "more")
          == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "augmentation.json", "metadata.jsonl"])
      let rows = try lines(graphc, "more")
      #expect(Set(rows.compactMap { $0["file_name"] as? String }) == Set(first))
      for row in rows {
        let name = try #require(row["file_name"] as? String)
        #expect(name.hasPrefix("\(try #require(row["label"] as? String))/"))
        #expect((row["latent"] as? [Double])?.count == 4)
        #expect((row["checkpoint_sha256"] as? String)?.count == 64)
        #expect((row["nn_distance"] as? Double ?? -1) > 0)
        let index = try #require(row["index"] as? Int)
        #expect(index % 10 == row["class_index"] as? Int)
      }
      #expect(try graphc.run("augment", "run", "--count", "40", "--out", "more").status == 0)
      #expect(try graphc.run("augment", "run", "--count", "40", "--out", "whole").status == 0)
      for kind in 0...9 {
        #expect(try files.names(in: "more/\(kind)") == files.names(in: "whole/\(kind)"))
        for name in try files.names(in: "more/\(kind)") {
          #expect(try files.data("more/\(kind)/\(name)") == files.data("whole/\(kind)/\(name)"))
        }
      }
      let model = """
        image: {channels: 1, height: 8, width: 8}
        latent: 4
        generator: [{linear: 64}, {reshape: [1, 8, 8]}, tanh]
        discriminator: [flatten, {linear: 1}]
        train: {data: {folder: more, labels: folders}, loss: bce_with_logits}
        """
      try Data(model.utf8).write(to: URL(filePath: "\(graphc.folder)/reader.yaml"))
      let read = try graphc.run("data", "inspect", "reader.yaml")
      #expect(read.status == 0, "\(read.messages)")
      #expect(read.output.contains("40"))
    }
  }

  @Test("copies of the training are left out, and a model that makes nothing else is told so")
  func copies() throws {
    // A generator whose weights are zero draws black, and so do the data.
    let text = Self.told.replacing(
      "data: {digits: , limit: 60}", with: "data: {folder: black, labels: folders}"
    )
    .replacing("classes: 10", with: "classes: 2").replacing("one_hot: 10", with: "one_hot: 2")
    .replacing("reshape: [14, 1, 1]", with: "reshape: [6, 1, 1]").replacing(
      "    - tanh", with: "    - {affine: {scale: 0, offset: -1}}\n    - tanh")
    try withGraphc { graphc throws in
      for kind in 0...1 {
        let folder = "\(graphc.folder)/black/\(kind)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 0...3 {
          // tanh(-1) is 30 of 255, and each of these differs from it by less than they do from each other.
          let image = Image(
            width: 8, height: 8, channels: 1,
            pixels: (0..<64).map { $0 == number * 2 + kind ? 90 : 30 })
          try image.writePNG(to: "\(folder)/\(number).png")
        }
      }
      try Data(text.utf8).write(to: URL(filePath: "\(graphc.folder)/told.yaml"))
      let trained = try graphc.run("train", "told.yaml", "--out", "run", "--max-steps", "1")
      #expect(trained.status == 0, "\(trained.messages)")
      let refused = try graphc.run("augment", "run", "--count", "4", "--out", "more")
      #expect(refused.status == 65)
      #expect(refused.messages.contains("learnt its data by heart"), "\(refused.messages)")
      let all = try graphc.run("augment", "run", "--count", "4", "--out", "all", "--copies", "0")
      #expect(all.status == 0, "\(all.messages)")
    }
  }

  @Test("a folder with anything else in it is refused, and nothing in it changes")
  func otherFiles() throws {
    try withRun(TinyModel.text) { graphc throws in
      let files = RunFiles(folder: graphc.folder)
      try FileManager.default.createDirectory(
        atPath: "\(graphc.folder)/mine", withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: URL(filePath: "\(graphc.folder)/mine/notes.txt"))
      let refused = try graphc.run("augment", "run", "--count", "4", "--out", "mine")
      #expect(refused.status == 65)
      #expect(refused.messages.contains("is not empty"))
      #expect(try files.names(in: "mine") == ["notes.txt"])
      let made = try graphc.run("augment", "run", "--count", "4", "--out", "made", "--copies", "0")
      #expect(made.status == 0, "\(made.messages)")
      #expect(try files.names(in: "made") == ["augmentation.json", "made", "metadata.jsonl"])
      let other = try graphc.run(
        "augment", "run", "--count", "4", "--out", "made", "--copies", "0", "--seed", "2")
      #expect(other.status == 65)
      #expect(other.messages.contains("another request"))
    }
  }
}

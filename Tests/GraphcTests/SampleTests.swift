import Foundation
import Interchange
import Testing

/// `graphc sample`.
@Suite struct SampleTests {
  /// Runs with a program whose folder holds a short run, `run`.
  private func withRun(_ body: (GraphcBinary) throws -> Void) throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      try body(graphc)
    }
  }

  private func image(_ name: String, of graphc: GraphcBinary) throws -> Image {
    try Image(contentsOf: "\(graphc.folder)/\(name)")
  }

  private func pictures(in folder: String, of graphc: GraphcBinary) throws -> [String] {
    try RunFiles(folder: graphc.folder).names(in: folder).filter { $0.hasSuffix(".png") }
  }

  @Test("a run's folder and its checkpoint give the same grid, from wherever they are named")
  func sources() throws {
    try withRun { graphc throws in
      let outcome = try graphc.run("sample", "run")
      #expect(outcome.status == 0)
      #expect(outcome.output == "samples.png\n")
      let grid = try image("samples.png", of: graphc)
      #expect(grid.width == 8 * 64 + 9 * 2)
      let checkpoint = "step-000002.safetensors"
      for (folder, path) in [
        ("", "run/checkpoints/\(checkpoint)"), ("/run", "checkpoints/\(checkpoint)"),
        ("/run/checkpoints", checkpoint), ("/run/checkpoints", "./\(checkpoint)"),
        ("/run/samples", "../checkpoints/\(checkpoint)"),
      ] {
        let here = GraphcBinary(folder: graphc.folder + folder)
        #expect(try here.run("sample", path, "--output", "a.png", "--force").status == 0, "\(path)")
        #expect(try image("a.png", of: here) == grid, "\(path)")
      }
    }
  }

  @Test("a checkpoint far from its run needs `--model`, and says so")
  func strayCheckpoint() throws {
    try withRun { graphc throws in
      let stray = "stray.safetensors"
      try FileManager.default.copyItem(
        atPath: graphc.folder + "/run/checkpoints/step-000002.safetensors",
        toPath: "\(graphc.folder)/\(stray)")
      let outcome = try graphc.run("sample", stray)
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("--model"))
      #expect(try graphc.run("sample", stray, "--model", "model.yaml").status == 0)
    }
  }

  @Test("`--each` writes a file an image, numbered from zero")
  func each() throws {
    try withRun { graphc throws in
      let outcome = try graphc.run("sample", "run", "--each", "images", "--count", "70")
      #expect(outcome.status == 0)
      #expect(outcome.output == "images\n")
      let names = try pictures(in: "images", of: graphc)
      #expect(names.count == 70)
      #expect(names.first == "000000.png" && names.last == "000069.png")
      let first = try image("images/000000.png", of: graphc)
      #expect((first.width, first.height, first.channels) == (8, 8, 1))
    }
  }

  @Test("the seed decides the images")
  func seeds() throws {
    try withRun { graphc throws in
      for (name, seed) in [("a", "5"), ("b", "5"), ("c", "6")] {
        #expect(try graphc.run("sample", "run", "--output", "\(name).png", "--seed", seed).status == 0)
      }
      #expect(try image("a.png", of: graphc) == image("b.png", of: graphc))
      #expect(try image("a.png", of: graphc) != image("c.png", of: graphc))
    }
  }

  @Test("`--grid` is the length of a row")
  func grid() throws {
    try withRun { graphc throws in
      #expect(try graphc.run("sample", "run", "--count", "5", "--grid", "3").status == 0)
      let grid = try image("samples.png", of: graphc)
      #expect(grid.width == 3 * 64 + 4 * 2)
      #expect(grid.height == 2 * 64 + 3 * 2)
    }
  }

  @Test("`--interpolate` walks: neighbours in a row are more alike than its ends")
  func interpolation() throws {
    try withRun { graphc throws in
      #expect(
        try graphc.run("sample", "run", "--interpolate", "--each", "walk", "--grid", "8", "--count", "12")
          .status == 0)
      // Whole rows: two of eight.
      let names = try pictures(in: "walk", of: graphc)
      #expect(names.count == 16)
      let images = try names.map { try image("walk/\($0)", of: graphc) }
      func distance(_ a: Int, _ b: Int) -> Int {
        zip(images[a].pixels, images[b].pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      }
      for row in [0, 8] {
        let ends = distance(row, row + 7)
        #expect(ends > 0)
        for step in 0..<7 { #expect(distance(row + step, row + step + 1) < ends) }
      }
    }
  }

  @Test("a file that exists is refused before anything is drawn, and overwritten with `--force` alone")
  func overwriting() throws {
    try withRun { graphc throws in
      let files = RunFiles(folder: graphc.folder)
      try FileManager.default.createDirectory(
        atPath: "\(graphc.folder)/images", withIntermediateDirectories: true)
      for name in ["mine.png", "images/000003.png"] {
        try Data("mine".utf8).write(to: URL(filePath: "\(graphc.folder)/\(name)"))
      }
      for arguments in [["--output", "mine.png"], ["--each", "images", "--count", "5"]] {
        let refused = try graphc.run(["sample", "run"] + arguments)
        #expect(refused.status == 65)
        #expect(refused.messages.contains("exists already; name another, or overwrite it with --force"))
        #expect(refused.output.isEmpty)
      }
      #expect(try files.text("mine.png") == "mine")
      #expect(try files.names(in: "images") == ["000003.png"])
      #expect(try files.text("images/000003.png") == "mine")
      #expect(try graphc.run("sample", "run", "--output", "mine.png", "--force").status == 0)
      #expect(try graphc.run("sample", "run", "--each", "images", "--count", "5", "--force").status == 0)
      #expect(try image("mine.png", of: graphc).width > 64)
      #expect(try image("images/000003.png", of: graphc).width == 8)
      #expect(try pictures(in: "images", of: graphc).count == 5)
    }
  }

  @Test("nothing is written through a link, with `--force` neither")
  func links() throws {
    try withRun { graphc throws in
      let target = "\(graphc.folder)/target"
      try Data("target".utf8).write(to: URL(filePath: target))
      try FileManager.default.createSymbolicLink(
        atPath: "\(graphc.folder)/link.png", withDestinationPath: "target")
      for force in [[], ["--force"]] {
        let outcome = try graphc.run(["sample", "run", "--output", "link.png"] + force)
        #expect(outcome.status == 65)
        #expect(outcome.messages.contains("link.png: is a symbolic link"))
      }
      #expect(try RunFiles(folder: graphc.folder).text("target") == "target")
    }
  }

  @Test("what is no run, holds no generator or has no room ends with its exit code")
  func failures() throws {
    try withRun { graphc throws in
      #expect(try graphc.run("sample", "nowhere").status == 65)
      #expect(try graphc.run("sample", "nowhere.safetensors").status == 65)
      #expect(try graphc.run("sample", "run", "--output", "/dev/full").status == 74)
      let crowded = try graphc.run("sample", "run", "--count", "100000", "--grid", "1000")
      #expect(crowded.status == 65)
      #expect(crowded.messages.contains("cannot hold a grid of 100000"))
    }
  }

  @Test("`--class` and `--by-class` ask a conditional model for its classes, and no other")
  func classes() throws {
    try withRun { graphc throws in
      #expect(try graphc.run("sample", "run", "--class", "1").messages.contains("is told no class"))
      #expect(try graphc.run("sample", "run", "--by-class").status == 65)
      let text = TinyModel.text.replacing("latent: 4\n", with: "latent: 4\nclasses: 3\n").replacing(
        "generator:\n  - conv_transpose2d: {out_channels: 4",
        with: """
          generator:
            inputs: {noise: latent, label: class}
            layers:
            - {one_hot: 3, name: row, from: label}
            - {concat: , from: [noise, row]}
            - reshape: [7, 1, 1]
            - conv_transpose2d: {out_channels: 4
          """
      ).replacing("  - ", with: "    - ")
      try Data(text.utf8).write(to: URL(filePath: "\(graphc.folder)/told.yaml"))
      let trained = try graphc.run("train", "told.yaml", "--out", "told", "--max-steps", "2")
      #expect(trained.status == 0, "\(trained.messages)")
      #expect(try graphc.run("sample", "told", "--class", "3").messages.contains("from 0 to 2, and is 3"))
      #expect(try graphc.run("sample", "told", "--class", "1", "--by-class").status == 64)
      func images(_ folder: String, _ options: String...) throws -> [Image] {
        let outcome = try graphc.run(["sample", "told", "--each", folder] + options)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try pictures(in: folder, of: graphc)
          .map { try image("\(folder)/\($0)", of: graphc) }
      }
      let second = try images("second", "--class", "1", "--count", "4")
      let rows = try images("rows", "--by-class", "--grid", "4")
      #expect(rows.count == 12)
      #expect(Array(rows[4..<8]) == second)
      #expect(Array(rows[..<4]) != second)
      let all = try images("all", "--count", "70")
      #expect(all[1] == second[1] && all[4] != rows[0])
    }
  }

  @Test("`--each` goes on where an earlier call stopped, and refuses the folder of another request")
  func goingOn() throws {
    try withRun { graphc throws in
      let files = RunFiles(folder: graphc.folder)
      #expect(try graphc.run("sample", "run", "--each", "images", "--count", "10").status == 0)
      let first = try files.data("images/000007.png")
      // As a power cut leaves them: one is missing, one is short.
      try FileManager.default.removeItem(atPath: "\(graphc.folder)/images/000004.png")
      try first.prefix(40).write(to: URL(filePath: "\(graphc.folder)/images/000007.png"))
      let again = try graphc.run("sample", "run", "--each", "images", "--count", "20")
      #expect(again.status == 0)
      #expect(again.messages.contains("8 of 20 images are there already"))
      #expect(try files.data("images/000007.png") == first)
      #expect(try pictures(in: "images", of: graphc).count == 20)
      #expect(try graphc.run("sample", "run", "--each", "whole", "--count", "20").status == 0)
      for name in try pictures(in: "whole", of: graphc) {
        #expect(try files.data("whole/\(name)") == files.data("images/\(name)"), "\(name)")
      }
      let other = try graphc.run("sample", "run", "--each", "images", "--count", "20", "--seed", "1")
      #expect(other.status == 65)
      #expect(other.messages.contains("another request"))
    }
  }

  @Test("truncated noise keeps a sample's place, and a wide limit changes nothing")
  func truncation() throws {
    try withRun { graphc throws in
      func grid(_ options: String...) throws -> Image {
        #expect(try graphc.run(["sample", "run", "--output", "a.png", "--force"] + options).status == 0)
        return try image("a.png", of: graphc)
      }
      let plain = try grid()
      #expect(try grid("--truncation", "50") == plain)
      #expect(try grid("--truncation", "0.3") != plain)
      #expect(try graphc.run("sample", "run", "--truncation", "0").status == 64)
    }
  }

  @Test("`--latent` draws what it computes, of samples, of names and of saved vectors")
  func latents() throws {
    try withRun { graphc throws in
      func pixels(_ options: String...) throws -> [UInt8] {
        let outcome = try graphc.run(["sample", "run", "--output", "a.png", "--force"] + options)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try image("a.png", of: graphc).pixels
      }
      #expect(try graphc.run("sample", "run", "--each", "all", "--count", "4").status == 0)
      let third = try image("all/000003.png", of: graphc)
      #expect(try graphc.run("sample", "run", "--each", "one", "--latent", "3").status == 0)
      #expect(try image("one/000000.png", of: graphc) == third)
      // What is taken away again leaves what was there, at the length of noise.
      let sum = try pixels("--latent", "2 + 1 - 1")
      #expect(try pixels("--latent", "0.5 * (2 + 2)") == sum)
      #expect(try pixels("--latent", "who + 1 - 1", "--let", "who=2") == sum)
      #expect(
        try graphc.run(
          "sample", "run", "--count", "3", "--save-latents", "z.safetensors", "--output", "b.png"
        ).status == 0)
      #expect(try pixels("--latent", "sample_2 + 1 - 1", "--latents", "z.safetensors") == sum)
      let unknown = try graphc.run("sample", "run", "--latent", "smile", "--latents", "z.safetensors")
      #expect(unknown.status == 64)
      #expect(
        unknown.messages.contains("no latent is called `smile`; there are: sample_0, sample_1, sample_2"))
      let wrong = try graphc.run("sample", "run", "--latent", "3 +")
      #expect(wrong.status == 64)
      #expect(wrong.messages.contains("expected a sample's number or a name"))
    }
  }
}

import Foundation
import Interchange
import Testing

/// `graphc interpolate`, `walk`, `film` and `project`.
@Suite struct FilmCommandTests {
  private func withRun(_ body: (GraphcBinary) throws -> Void) throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "8").status == 0)
      try body(graphc)
    }
  }

  private func image(_ name: String, of graphc: GraphcBinary) throws -> Image {
    try Image(contentsOf: "\(graphc.folder)/\(name)")
  }

  private func frames(_ folder: String, of graphc: GraphcBinary) throws -> [Image] {
    try RunFiles(folder: graphc.folder).names(in: folder).map { try image("\(folder)/\($0)", of: graphc) }
  }

  @Test("a way goes through the samples that it names, and a loop comes back")
  func interpolation() throws {
    try withRun { graphc throws in
      #expect(try graphc.run("sample", "run", "--each", "samples", "--count", "8").status == 0)
      let outcome = try graphc.run(
        "interpolate", "run", "--samples", "2,5-6", "--frames", "4", "--each", "frames", "--sheet",
        "sheet.png",
        "--output", "way.gif")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.lines == ["frames", "sheet.png", "way.gif"])
      let frames = try frames("frames", of: graphc)
      #expect(frames.count == 9)
      for (frame, sample) in [(0, 2), (4, 5), (8, 6)] {
        #expect(try frames[frame] == image("samples/00000\(sample).png", of: graphc))
      }
      #expect(try image("sheet.png", of: graphc).width == 8 * 66 + 2)
      #expect(try RunFiles(folder: graphc.folder).data("way.gif").prefix(6) == Data("GIF89a".utf8))
      #expect(
        try graphc.run(
          "interpolate", "run", "--samples", "2,5", "--frames", "4", "--loop", "--each", "loop"
        ).status == 0)
      let loop = try self.frames("loop", of: graphc)
      #expect(loop.count == 8 && loop[0] == frames[0] && loop[4] == frames[4])
      // The way back is the way there.
      #expect(loop[6] == loop[2])
      #expect(
        try graphc.run(
          "interpolate", "run", "--latent", "2", "--latent", "5", "--frames", "4", "--straight", "--each",
          "straight"
        ).status == 0)
      #expect(try self.frames("straight", of: graphc)[0] == frames[0])
      #expect(try self.frames("straight", of: graphc)[2] != frames[2])
    }
  }

  @Test("mistakes end with their exit code, before anything is written")
  func mistakes() throws {
    try withRun { graphc throws in
      for arguments in [
        ["--samples", "3"], ["--samples", "3,x"], ["--samples", "5-3"], ["--output", "film.mp4"],
        ["--samples", "1,2", "--latent", "3"], ["--fps", "0"], ["--frames", "0"],
      ] { #expect(try graphc.run(["interpolate", "run"] + arguments).status == 64, "\(arguments)") }
      try Data("mine".utf8).write(to: URL(filePath: "\(graphc.folder)/walk.png"))
      #expect(try graphc.run("walk", "run").status == 65)
      #expect(try RunFiles(folder: graphc.folder).text("walk.png") == "mine")
      #expect(try graphc.run("film", "nowhere").status == 65)
      #expect(try graphc.run("project", "run", "nothing.png").status == 65)
      #expect(try graphc.run("project", "run").status == 64)
    }
  }

  @Test("what looks for latent vectors refuses a network that is given none")
  func withoutLatents() throws {
    let model = """
      image: {channels: 1, height: 8, width: 8}
      latent: 8
      classes: 10
      networks:
        generator:
          inputs: {kind: class}
          layers: [{embedding: {num_embeddings: 10, embedding_dim: 64}}, {reshape: [1, 8, 8]}, tanh]
      train: {data: digits, updates: [{network: generator, minimize: "l2(generator(label), real)"}]}
      """
    try withGraphc(model: model) { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      let picture = "run/samples/step-000002.png"
      for command in [
        ["project", "run", picture], ["anomaly", "fit", "run", "--normal", picture, "--output", "detector"],
      ] {
        let outcome = try graphc.run(command)
        #expect(outcome.status == 65, "\(command): \(outcome.messages)")
        #expect(outcome.messages.contains("is given no latent vector"), "\(outcome.messages)")
      }
    }
  }

  @Test("a walk is a circle, and begins at the first sample")
  func walk() throws {
    try withRun { graphc throws in
      #expect(try graphc.run("sample", "run", "--each", "samples", "--count", "2").status == 0)
      #expect(
        try graphc.run("walk", "run", "--frames", "12", "--each", "walk", "--output", "w.png").status == 0)
      let frames = try frames("walk", of: graphc)
      #expect(frames.count == 12)
      #expect(try frames[0] == image("samples/000000.png", of: graphc))
      #expect(try frames[3] == image("samples/000001.png", of: graphc))
      #expect(try image("w.png", of: graphc) == frames[0].enlarged(toSide: 256))
    }
  }

  @Test("a run's film has its sample grids, by their steps")
  func film() throws {
    try withRun { graphc throws in
      let outcome = try graphc.run("film", "run", "--each", "grids", "--output", "f.png", "--fps", "5")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let files = RunFiles(folder: graphc.folder)
      let grids = try files.names(in: "run/samples")
      #expect(grids.count >= 2)
      let frames = try frames("grids", of: graphc)
      #expect(try frames == grids.map { try image("run/samples/\($0)", of: graphc) })
      let text = String(decoding: try files.data("f.png"), as: Unicode.ASCII.self)
      #expect(text.contains("graphc:steps"))
      #expect(try graphc.run("film", "run", "--each", "two", "--frames", "2").status == 0)
      #expect(try self.frames("two", of: graphc) == [frames[0], frames[frames.count - 1]])
    }
  }

  @Test("what a network drew is found again, kept under its file's name, and drawn from it")
  func projection() throws {
    try withRun { graphc throws in
      #expect(try graphc.run("sample", "run", "--each", "samples", "--count", "2").status == 0)
      let outcome = try graphc.run(
        "project", "run", "samples/000000.png", "samples/000001.png", "--steps", "40", "--save-latents",
        "z.safetensors")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.lines.count == 4)
      let quality = try #require(
        outcome.lines[0].split(separator: " ").compactMap { Double($0) }.first, "\(outcome.lines)")
      #expect(quality > 30)
      #expect(try image("projection.png", of: graphc).width == 8 * 66 + 2)
      #expect(
        try graphc.run(
          "sample", "run", "--latents", "z.safetensors", "--latent", "image_000001", "--each", "again"
        ).status == 0)
      let (again, original) = (
        try image("again/000000.png", of: graphc), try image("samples/000001.png", of: graphc)
      )
      let error = zip(again.pixels, original.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(error < 64 * 8)
    }
  }
}

import Foundation
import Interchange
import TestSupport
import Testing

/// `sample --input`, for networks that make images of images.
@Suite struct GivenInputTests {
  /// Identity but for a number that training moves a little: the picture comes out almost as it went in.
  private static let copier = """
    name: copier
    image: {channels: 3, height: 4, width: 4}
    latent: 1
    generator:
      inputs: {input: image}
      layers: [prelu: {init: 1}]
    discriminator:
      inputs: {image: image, input: image}
      layers:
        - {concat: , from: [input, image]}
        - conv2d: {out_channels: 1, kernel_size: 4}
    train:
      data: {synthetic: pairs, count: 8}
      values: {fake: generator(input)}
      updates:
        - {network: discriminator, minimize: "mean(discriminator(fake)) - mean(discriminator(real))"}
        - {network: generator, minimize: -mean(discriminator(fake))}
      batch_size: 4
      optimizer: {sgd: 0.00001}

    """

  private func withRun(_ body: (GraphcBinary) throws -> Void) throws {
    try withGraphc(model: Self.copier) { graphc throws in
      let trained = try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1")
      #expect(trained.status == 0, "\(trained.messages)")
      try body(graphc)
    }
  }

  /// A picture of one colour.
  private func write(_ color: [UInt8], to path: String, of graphc: GraphcBinary, side: Int = 4) throws {
    let path = "\(graphc.folder)/\(path)"
    try FileManager.default.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    let pixels = (0..<side * side).flatMap { _ in color }
    try Image(width: side, height: side, channels: color.count, pixels: pixels).writePNG(to: path)
  }

  private func image(_ name: String, of graphc: GraphcBinary) throws -> Image {
    try Image(contentsOf: "\(graphc.folder)/\(name)")
  }

  @Test("each picture of a folder becomes one of its name, read as the data is")
  func each() throws {
    try withRun { graphc throws in
      // Of another size, grey, and below a folder.
      try write([200, 100, 50], to: "given/b.png", of: graphc)
      try write([10, 20, 30], to: "given/a.png", of: graphc, side: 9)
      try write([77], to: "given/deep/c.png", of: graphc)
      let outcome = try graphc.run("sample", "run", "--input", "given", "--each", "made")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output == "made\n")
      for (name, color) in [("a", [10, 20, 30]), ("b", [200, 100, 50]), ("deep/c", [77, 77, 77])] {
        let made = try image("made/\(name).png", of: graphc)
        #expect((made.width, made.height, made.channels) == (4, 4, 3))
        for (index, value) in made.pixels.enumerated() { #expect(abs(Int(value) - color[index % 3]) <= 1) }
      }
      #expect(try graphc.run("sample", "run", "--input", "given", "--each", "made").status == 65)
      // A hundred are more than go through at once.
      for index in 0..<100 { try write([UInt8(index)], to: "many/\(index + 100).png", of: graphc) }
      #expect(try graphc.run("sample", "run", "--input", "many", "--each", "all").status == 0)
      for index in [0, 63, 64, 99] {
        let value = try image("all/\(index + 100).png", of: graphc).pixels[0]
        #expect(abs(Int(value) - index) <= 1)
      }
    }
  }

  @Test("a grid has rows of pictures above rows of what was made of them")
  func grid() throws {
    try withRun { graphc throws in
      for index in 0..<3 { try write([UInt8(100 * index)], to: "given/\(index).png", of: graphc) }
      let outcome = try graphc.run("sample", "run", "--input", "given", "--grid", "2")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let grid = try image("samples.png", of: graphc)
      #expect((grid.width, grid.height) == (2 * 64 + 3 * 2, 4 * 64 + 5 * 2))
      func value(_ row: Int, _ column: Int) -> Int {
        Int(grid.pixels[((row * 66 + 30) * grid.width + column * 66 + 30) * 3])
      }
      for (row, column, wanted) in [
        (0, 0, 0), (0, 1, 100), (1, 0, 0), (1, 1, 100), (2, 0, 200), (2, 1, 128), (3, 0, 200), (3, 1, 128),
      ] {
        #expect(abs(value(row, column) - wanted) <= 1, "\(row), \(column)")
      }
      let one = try graphc.run("sample", "run", "--input", "given/2.png", "--output", "one.png")
      #expect(one.status == 0, "\(one.messages)")
      #expect(try image("one.png", of: graphc).width == 64 + 2 * 2)
    }
  }

  @Test("what cannot be made of pictures is told, and nothing is written")
  func mistakes() throws {
    try withRun { graphc throws in
      func expect(_ status: Int, _ says: String, _ options: String...) throws {
        let outcome = try graphc.run(["sample", "run", "--each", "made"] + options)
        #expect(outcome.status == status, "\(outcome.messages)")
        #expect(outcome.messages.contains(says), "\(outcome.messages)")
        #expect(!RunFiles(folder: graphc.folder).exists("made"))
      }
      try expect(65, "makes images of `input`: give it pictures with --input")
      try expect(65, "nowhere: cannot be read: No such file or directory", "--input", "nowhere")
      try expect(64, "leave --count", "--input", "given", "--count", "3")
      try FileManager.default.createDirectory(
        atPath: "\(graphc.folder)/empty", withIntermediateDirectories: true)
      try expect(65, "holds no PNG or JPEG file", "--input", "empty")
      try write([1], to: "given/a.png", of: graphc)
      try write([1], to: "given/a.PNG", of: graphc)
      try expect(65, "would be written for both a.PNG and a.png", "--input", "given")
      try expect(65, "is told no class", "--input", "given/a.png", "--class", "1")
    }
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1").status == 0)
      let outcome = try graphc.run("sample", "run", "--input", ".")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("makes images of noise: leave --input out"))
    }
  }
}

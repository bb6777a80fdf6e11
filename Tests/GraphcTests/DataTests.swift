import Foundation
import Interchange
import Testing

/// What the program says of data: `graphc data inspect`, the first lines of `train`, and paths that lead nowhere.
@Suite struct DataTests {
  /// Writes pictures that differ, `folder/0.png` and so on.
  private func writePictures(_ count: Int, to folder: String, side: Int = 8) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for number in 0..<count {
      let pixels = (0..<side * side).map { UInt8(truncatingIfNeeded: $0 * 7 + number * 31) }
      try Image(width: side, height: side, channels: 1, pixels: pixels).writePNG(
        to: "\(folder)/\(number).png")
    }
  }

  private func model(_ data: String) -> String { TinyModel.text.replacing(/data: .*/, with: "data: \(data)") }

  @Test func `inspecting a folder prints a table and writes a contact sheet, but overwrites nothing`() throws
  {
    try withGraphc { graphc throws in
      try writePictures(3, to: graphc.folder + "/pictures")
      try Data("GIF89a".utf8).write(to: URL(filePath: graphc.folder + "/pictures/a.gif"))
      try Data().write(to: URL(filePath: graphc.folder + "/pictures/b.png"))
      let outcome = try graphc.run("data", "inspect", "pictures", "--sheet", "sheet.png")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.lines.first?.hasPrefix("examples") == true)
      for part in [
        "3 × PNG, grey, 8 bits", "all 8×8 pixels", "1 GIF image (such as pictures/a.gif",
        "pictures/b.png: is empty",
      ] {
        #expect(outcome.output.contains(part), "\(outcome.output)")
      }
      let sheet = try Image(contentsOf: graphc.folder + "/sheet.png")
      #expect((sheet.width, sheet.height) == (3 * 66 + 2, 68))
      let again = try graphc.run("data", "inspect", "pictures", "--sheet", "sheet.png")
      #expect(again.status == 65)
      #expect(again.messages.contains("sheet.png: exists"))
      #expect(try graphc.run("data", "inspect", "nowhere").status == 65)
    }
  }

  @Test func `inspecting a model looks at its data, and tells of its classes`() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("data", "inspect", "model.yaml")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("real, label"))
      #expect(outcome.output.contains("3: disc "))
    }
  }

  @Test func `train says what it passes over, and a home folder is found`() throws {
    try withGraphc(model: model("{folder: ~/pictures}")) { graphc throws in
      var graphc = graphc
      try writePictures(9, to: graphc.folder + "/pictures")
      try Data("GIF89a".utf8).write(to: URL(filePath: graphc.folder + "/pictures/a.gif"))
      graphc.environment["HOME"] = graphc.folder
      let outcome = try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("passed over: 1 GIF image"))
      #expect(
        try RunFiles(folder: graphc.folder + "/run").text("resolved.yaml").contains(
          graphc.folder + "/pictures"))
    }
  }

  @Test(arguments: [
    ("$HOME/pictures", "variables such as `$HOME`"), ("pictures/*.png", "patterns are not replaced"),
    ("file:///pictures", "without `file://`"), ("https://example.org/x", "this is an address"),
  ]) func `a path of a shell is explained, with its line`(path: String, hint: String) throws {
    try withGraphc(model: model("{folder: \"\(path)\"}")) { graphc throws in
      let outcome = try graphc.run("train", "model.yaml", "--out", "run")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains(hint), "\(outcome.messages)")
      #expect(outcome.messages.contains("model.yaml, line 16"), "\(outcome.messages)")
      #expect(!RunFiles(folder: graphc.folder).exists("run"))
    }
  }

  @Test func `a run keeps the names of its classes, and goes on with no others`() throws {
    try withGraphc(model: model("{folder: pictures, labels: folders}")) { graphc throws in
      try writePictures(5, to: graphc.folder + "/pictures/cats")
      try writePictures(6, to: graphc.folder + "/pictures/dogs")
      let outcome = try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "1")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("classes: 2: cats 5, dogs 6"))
      let run = RunFiles(folder: graphc.folder + "/run")
      #expect(try JSONDecoder().decode([String].self, from: run.data("classes.json")) == ["cats", "dogs"])
      try FileManager.default.moveItem(
        atPath: graphc.folder + "/pictures/cats", toPath: graphc.folder + "/pictures/mice")
      let resumed = try graphc.run("train", "--resume", "run", "--max-steps", "2")
      #expect(resumed.status == 65)
      #expect(
        resumed.messages.contains("classes.json: names other classes than the data has now: dogs, mice"))
    }
  }
}

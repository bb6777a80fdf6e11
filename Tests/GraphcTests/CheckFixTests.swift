import Foundation
import TestSupport
import Testing

/// `graphc check --fix`.
@Suite struct CheckFixTests {
  private func text(_ graphc: GraphcBinary) throws -> String {
    try String(contentsOfFile: "\(graphc.folder)/model.yaml", encoding: .utf8)
  }

  @Test("the file is mended and the difference shown; comments and layout stay")
  func mendsTheFile() throws {
    let commented = "# A comment.\r\n" + TinyModel.broken.replacing("\n", with: "   # kept\n")
    try withGraphc(model: commented) { graphc throws in
      let outcome = try graphc.run("check", "--fix", "model.yaml")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let mended = try text(graphc)
      let (before, after) = (commented.split(separator: "\n"), mended.split(separator: "\n"))
      #expect(before.count == after.count && zip(before, after).count { $0 != $1 } == 1)
      #expect(outcome.output.hasPrefix("--- model.yaml\n+++ model.yaml\n@@ "))
      #expect(try graphc.run("check", "model.yaml").status == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: graphc.folder) == ["model.yaml"])
      // A second time there is nothing to mend.
      let again = try graphc.run("check", "--fix", "model.yaml")
      #expect(again.status == 0 && !again.output.contains("@@"))
      #expect(try text(graphc) == mended)
    }
  }

  @Test("the JSON has what was applied and the difference")
  func jsonHasTheDifference() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      let outcome = try graphc.run("check", "--fix", "--format", "json", "model.yaml")
      let json = try JSON(outcome.output)
      #expect(json["diagnostics"].array.isEmpty)
      #expect(json["applied"].array.count == 1)
      #expect(json["difference"].string?.hasPrefix("--- model.yaml\n") == true)
    }
  }

  @Test("what no fix mends is told, with 65, and the rest is mended")
  func restIsTold() throws {
    let model = TinyModel.text.replacing("epochs: 3", with: "epochs: many")
    try withGraphc(model: model.replacing("  batch_size: 8\n", with: "  bach_size: 3\n")) { graphc throws in
      let outcome = try graphc.run("check", "--fix", "model.yaml")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("epochs"))
      #expect(try text(graphc).contains("  batch_size: 3\n"))
    }
  }

  @Test("without --fix nothing is written")
  func readsOnly() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      #expect(try graphc.run("check", "model.yaml").status == 65)
      #expect(try text(graphc) == TinyModel.broken)
    }
  }
}

import FoundationEssentials
import TestSupport
import Testing

/// Networks are data: but for the presets' table, nothing in the program knows one by its name.
@Suite struct NetworkNamesTests {
  /// What may speak of them: the table, and generated pages of examples.
  private static let exceptions = ["ModelSpec/NetworkPreset.swift", "graphc/Pages/"]

  @Test func noSourceButTheTableNamesANetwork() throws {
    let folder = packageRoot() + "/Sources"
    let sources = files(in: folder, endingIn: ".swift").filter { file in
      !Self.exceptions.contains { file.hasPrefix($0) }
    }
    #expect(sources.count > 200)
    for file in sources {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        #expect(!Self.namesANetwork(line), "\(file):\(number + 1): \(line)")
      }
    }
  }

  @Test(arguments: [
    #"let name = "generator""#, #"case "discriminator": 1"#, "model.generator.layers",
    "var discriminator: Int",
    "func generator() {", "case discriminator", "checkDiscriminatorInput()",
  ])
  func aLineThatNamesOneIsFound(_ line: String) { #expect(Self.namesANetwork(Substring(line))) }

  @Test(arguments: [
    "/// Of `model.generator`.", #"fail("the generator is given noise")"#, "  // generator",
    "some RandomNumberGenerator",
  ])
  func aLineThatSpeaksOfThemIsNone(_ line: String) { #expect(!Self.namesANetwork(Substring(line))) }

  private static func namesANetwork(_ line: Substring) -> Bool {
    if line.contains(#/"(generator|discriminator)"/#) { return true }
    let code = line.replacing(#/"[^"]*"/#, with: "").prefix { $0 != "/" }
    return code.contains(
      #/(?:^|[^A-Za-z])(let|var|case|func) (generator|discriminator)(?![A-Za-z0-9_])|\.(generator|discriminator)(?![A-Za-z0-9_])|[a-z]Discriminator|(?:^|[^A-Za-z])[dD]iscriminator[A-Z]/#
    )
  }
}

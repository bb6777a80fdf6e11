import Diagnostics
import Foundation
import ModelSpec
import TestSupport
import Testing

/// The kinds of diagnostics and their pages.
struct CatalogTests {
  private static let catalog = packageRoot() + "/Sources/Diagnostics/Catalog"
  private static let pages = packageRoot() + "/docs/errors"

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func `every kind of the catalog is among all`() throws {
    var declared = 0
    for file in files(in: Self.catalog, endingIn: ".swift") where file != "All.swift" {
      let text = try Self.text(Self.catalog + "/" + file)
      declared += text.matches(of: /public static let \w+ = DiagnosticKind\(/).count
    }
    #expect(declared == DiagnosticKind.all.count)
  }

  @Test func `a code is an area and words, and stands once`() {
    let codes = DiagnosticKind.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    for code in codes { #expect(code.wholeMatch(of: /[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(code)") }
  }

  @Test func `a message begins in lower case and ends without a full stop`() {
    for kind in DiagnosticKind.all {
      #expect(kind.template.first?.isUppercase == false, "\(kind.code)")
      #expect(!kind.template.hasSuffix("."), "\(kind.code)")
    }
  }

  // MARK: Pages

  @Test func `each kind has a page, and each page a kind`() {
    let pages = Set(files(in: Self.pages, endingIn: ".md").filter { $0 != "README.md" })
    #expect(pages == Set(DiagnosticKind.all.map { $0.code + ".md" }))
  }

  private static let titles: [DiagnosticArea: String] = [
    .yaml: "The text as YAML", .spec: "The model that the text describes", .expression: "Expressions",
    .shape: "Shapes", .agreement: "What networks, loss and data agree on", .program: "Training programs",
    .advice: "Advice before training",
  ]

  /// The tables of the list of pages, which `GRAPHC_BLESS=1` writes.
  private static var tables: String {
    DiagnosticArea.allCases.map { area in
      let lines = DiagnosticKind.all.filter { $0.area == area }.map { kind in
        let message = kind.template.replacing(/\{\w+\}/, with: "…")
        let severity = kind.severity == .warning ? "warning: " : ""
        return "| [\(kind.code)](\(kind.code).md) | \(severity)\(message) |\n"
      }
      return "## \(titles[area] ?? "")\n\n| code | says |\n|---|---|\n\(lines.joined())"
    }.joined(separator: "\n")
  }

  @Test func `the list of pages has a line for each kind`() throws {
    let path = Self.pages + "/README.md"
    let text = try Self.text(path)
    let start = try #require(text.range(of: "## ")?.lowerBound)
    if ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1" {
      try (text[..<start] + Self.tables).write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(
        String(text[start...]) == Self.tables, "GRAPHC_BLESS=1 swift test --filter CatalogTests writes it")
    }
  }

  /// Kinds that a short model cannot show: they are about bytes, the command line, sizes beyond a page, or
  /// graphs that did not come out of a model.
  private static let withoutExample: Set<DiagnosticKind> = [
    .yamlTooLarge, .yamlNotUTF8, .yamlBidirectionalText, .badOverride, .tooDeep, .letChain, .channelMismatch,
    .attributeOutOfRange, .malformedProgram, .programNoUpdates, .programNoImages, .memory,
  ]

  @Test(arguments: DiagnosticKind.all.map(\.code))
  func `a page's wrong example has its mistake, and the right one none`(code: String) throws {
    let page = try Self.text("\(Self.pages)/\(code).md")
    #expect(page.hasPrefix("# \(code)\n\n"))
    let wrong = Self.example("Wrong", in: page)
    let right = Self.example("Right", in: page)
    #expect(page.contains("\n## Wrong\n") && page.contains("\n## Right\n"))
    if Self.withoutExample.contains(where: { $0.code == code }) {
      #expect(wrong == nil)
    } else {
      let checked = Self.check(try #require(wrong))
      // A part small enough for a page is no model to advise on but for the page's own code.
      let advice = checked.advice.filter { $0 == code }
      #expect(Set(checked.codes + advice) == [code], "\(checked.rendered)")
      #expect(right != nil)
    }
    if let right {
      let checked = Self.check(right)
      #expect(checked.codes.isEmpty && !checked.advice.contains(code), "\(checked.rendered)")
    }
  }

  /// A part of a model, over the small model that the pages speak of.
  private static func check(_ part: String) -> Checked {
    let text = part.contains("extends:") ? part : "extends: base.yaml\n" + part
    return TestSupport.check(text, files: ["base.yaml": SmallModel().text])
  }

  /// The YAML under a heading.
  private static func example(_ heading: String, in page: String) -> String? {
    guard let section = page.split(separator: "\n## ").first(where: { $0.hasPrefix(heading + "\n") }),
      let open = section.range(of: "```yaml\n"),
      let close = section.range(of: "\n```", range: open.upperBound..<section.endIndex)
    else { return nil }
    return String(section[open.upperBound..<close.lowerBound]) + "\n"
  }
}

import Foundation
import TestSupport
import Testing

@testable import graphc

/// `graphc explain`, and the pages that the binary carries for it.
@Suite struct ExplainTests {
  @Test("every page is printed under its code", arguments: ErrorPages.all.map(\.code))
  func pages(code: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("explain", code)
      #expect(outcome.status == 0)
      let page = try String(contentsOfFile: "\(packageRoot())/docs/errors/\(code).md", encoding: .utf8)
      #expect(outcome.output == page)
    }
  }

  @Test("without a code, every code is listed with its sentence")
  func list() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("explain")
      #expect(outcome.status == 0)
      #expect(outcome.lines.count == ErrorPages.all.count)
      for (line, page) in zip(outcome.lines, ErrorPages.all) {
        #expect(line.hasPrefix(page.code + " "))
        #expect(line.hasSuffix(page.sentence) && !page.sentence.isEmpty)
      }
    }
  }
}

/// The binary's pages are those of `docs/errors`.
@Suite struct ErrorPagesTests {
  private static let folder = packageRoot() + "/docs/errors"
  private static let sources = packageRoot() + "/Sources/graphc/Pages"

  private static var documents: [ErrorPage] {
    get throws {
      try files(in: folder, endingIn: ".md").filter { $0 != "README.md" }.map { path in
        let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
        return ErrorPage(code: String(path.dropLast(".md".count)), text: text)
      }
    }
  }

  /// The source files that carry the pages: one for each area of the codes, and one that joins them.
  private static func sourceFiles(of pages: [ErrorPage]) -> [(name: String, text: String)] {
    let areas = Dictionary(grouping: pages) { $0.code.prefix { $0 != "/" } }.sorted { $0.key < $1.key }
    let note = """
      /// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.

      """
    let all = """
      /// The pages of `docs/errors`, which the binary carries.
      \(note)enum ErrorPages {
        static let all: [ErrorPage] = [\(areas.map(\.key).joined(separator: ", "))].flatMap { $0 }
      }

      """
    return [("ErrorPages", all)]
      + areas.map { area, pages in
        let text = """
          /// The pages of `docs/errors/\(area)`.
          \(note)extension ErrorPages {
            static let \(area): [ErrorPage] = [
          \(pages.map(entry).joined())  ]
          }

          """
        return (area.capitalized + "Pages", text)
      }
  }

  private static func entry(_ page: ErrorPage) -> String {
    let lines = page.text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.isEmpty ? "" : "        \($0)"
    }
    return """
          ErrorPage(
            code: "\(page.code)",
            text: #\"""
      \(lines.joined(separator: "\n"))
              \"""#),

      """
  }

  @Test("the binary carries every page of docs/errors, as it stands there")
  func binaryCarriesThePages() throws {
    let documents = try Self.documents
    if ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1" {
      for file in Self.sourceFiles(of: documents) {
        try Data(file.text.utf8).write(to: URL(filePath: "\(Self.sources)/\(file.name).swift"))
      }
      return
    }
    #expect(
      ErrorPages.all.map(\.code) == documents.map(\.code),
      "GRAPHC_BLESS=1 swift test --filter ErrorPages rewrites them")
    for (page, document) in zip(ErrorPages.all, documents) {
      #expect(page.text == document.text, "\(page.code)")
    }
  }
}

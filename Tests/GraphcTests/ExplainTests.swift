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
  private static let source = packageRoot() + "/Sources/graphc/Pages/ErrorPages.swift"

  private static var documents: [ErrorPage] {
    get throws {
      try files(in: folder, endingIn: ".md").filter { $0 != "README.md" }.map { path in
        let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
        return ErrorPage(code: String(path.dropLast(".md".count)), text: text)
      }
    }
  }

  private static func sourceText(of pages: [ErrorPage]) -> String {
    let entries = pages.map { page in
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
    return """
      /// The pages of `docs/errors`, which the binary carries. Written by
      /// `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
      enum ErrorPages {
        static let all: [ErrorPage] = [
      \(entries.joined())  ]
      }

      """
  }

  @Test("the binary carries every page of docs/errors, as it stands there")
  func binaryCarriesThePages() throws {
    let documents = try Self.documents
    if ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1" {
      try Data(Self.sourceText(of: documents).utf8).write(to: URL(filePath: Self.source))
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

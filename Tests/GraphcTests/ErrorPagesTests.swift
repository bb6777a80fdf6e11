import Diagnostics
import Foundation
import Testing

@testable import graphc

/// `Sources/graphc/Pages/ErrorPages.swift` against `docs/errors`; `GRAPHC_BLESS=1` writes it anew.
@Suite struct ErrorPagesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func document(of code: String) throws -> String {
    try String(contentsOf: root.appending(path: "docs/errors/\(code).md"), encoding: .utf8)
  }

  @Test func `the program carries the page of every kind of mistake, as docs has it`() throws {
    let codes = DiagnosticKind.all.map(\.code).sorted()
    if ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1" {
      let target = Self.root.appending(path: "Sources/graphc/Pages/ErrorPages.swift")
      try Self.source(of: codes).write(to: target, atomically: true, encoding: .utf8)
      return
    }
    #expect(ErrorPages.all.map(\.code) == codes)
    for page in ErrorPages.all {
      #expect(try page.text == Self.document(of: page.code), "\(page.code) is not what docs/errors says")
      #expect(!page.sentence.isEmpty)
    }
  }

  private static func source(of codes: [String]) throws -> String {
    var text = """
      // swift-format-ignore-file
      /// The pages of `docs/errors`, which the binary carries. Written by
      /// `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
      enum ErrorPages {
        static let all: [ErrorPage] = [

      """
    for code in codes {
      let page = try document(of: code)
      text += "    ErrorPage(code: \"\(code)\", text: ##\"\"\"\n\(page)\n\"\"\"##),\n"
    }
    return text + "  ]\n}\n"
  }
}

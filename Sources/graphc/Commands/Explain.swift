import ArgumentParser
import Diagnostics

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what a diagnostic means, why it arises and how it is mended.",
    discussion: "Without a code, lists them all.")

  @Argument(help: "A diagnostic's code, such as shape/channel-mismatch.")
  var code: String?

  func run() throws {
    guard let code else {
      Console.print(
        DisplayText(lines: Text.table(ErrorPages.all.map { [$0.code, $0.sentence] }, [.left, .left])),
        terminator: "")
      return
    }
    guard let page = ErrorPages.all.first(where: { $0.code == code }) else {
      throw ValidationError("There is no diagnostic `\(code)`.\(Self.suggestion(for: code))")
    }
    Console.print(DisplayText(lines: page.text), terminator: "")
  }

  /// The nearest code, whole or by its last part.
  private static func suggestion(for code: String) -> String {
    let codes = ErrorPages.all.map(\.code)
    func lastPart(_ code: String) -> String { code.split(separator: "/").last.map(String.init) ?? code }
    let near =
      nearestName(to: code, among: codes)
      ?? nearestName(to: lastPart(code), among: codes.map(lastPart)).flatMap { part in
        codes.first { lastPart($0) == part }
      }
    return near.map { " Did you mean `\($0)`?" } ?? " `graphc explain` lists them all."
  }
}

import Foundation
import TestSupport

/// What a Markdown file of the repository names and links to.
struct MarkdownDocument {
  /// Relative to the repository.
  let path: String
  /// The code spans, and the lines of the code blocks.
  private(set) var code: [String] = []
  /// The targets of its links and images, as they are written.
  private(set) var links: [String] = []
  /// What a link may have behind its `#`.
  private(set) var anchors: Set<String> = []

  /// The README and every document of `docs/`.
  static let paths = ["README.md"] + files(in: packageRoot() + "/docs", endingIn: ".md").map { "docs/\($0)" }

  init(path: String) throws {
    self.path = path
    let text = try String(contentsOfFile: "\(packageRoot())/\(path)", encoding: .utf8)
    var isInBlock = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.trimmingPrefix(while: \.isWhitespace).hasPrefix("```") {
        isInBlock.toggle()
      } else if isInBlock {
        code.append(String(line))
      } else {
        readProse(line)
      }
    }
  }

  private mutating func readProse(_ line: Substring) {
    code += line.matches(of: /`([^`]+)`/).map { String($0.1) }
    let prose = line.replacing(/`[^`]+`/, with: "")
    links += prose.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
    if let heading = line.firstMatch(of: /^#+ +(.+)$/)?.1 { anchors.insert(Self.anchor(ofHeading: heading)) }
  }

  /// The name that GitHub gives a heading.
  private static func anchor(ofHeading heading: Substring) -> String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
    return kept.replacing(" ", with: "-")
  }

  /// The words of its code that can only be paths of the repository: those that begin with one of its folders.
  /// Patterns are none.
  var repositoryPaths: [String] {
    let folders = [".ci", "Benchmarks", "Sources", "Tests", "docs", "models"]
    return code.flatMap { $0.split { $0.isWhitespace || "\"'(),;=[]:".contains($0) } }
      .filter { word in
        folders.contains { word.hasPrefix($0 + "/") } && !word.contains { "*<>{}…".contains($0) }
      }
      .map(String.init)
  }

  /// The targets of its links inside the repository: the path from the repository's root, and the anchor.
  var relativeLinks: [(path: String, anchor: String?)] {
    links.filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }.map { link in
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let anchor = parts.count > 1 ? parts[1] : nil
      if parts[0].isEmpty { return (path, anchor) }
      return (Self.resolve(parts[0], from: path), anchor)
    }
  }

  private static func resolve(_ link: String, from document: String) -> String {
    var components = document.split(separator: "/").dropLast()
    for component in link.split(separator: "/") {
      switch component {
      case ".": break
      case "..": components = components.dropLast()
      default: components.append(component)
      }
    }
    return components.joined(separator: "/")
  }
}

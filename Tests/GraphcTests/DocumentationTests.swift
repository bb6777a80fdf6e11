import Foundation
import Passes
import TestSupport
import Testing

@testable import graphc

/// What the README and `docs/` say of the repository is so.
@Suite struct DocumentationTests {
  private func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(packageRoot())/\(path)")
  }

  @Test("every path of the repository that a document names exists", arguments: MarkdownDocument.paths)
  func pathsExist(path: String) throws {
    for named in try MarkdownDocument(path: path).repositoryPaths {
      #expect(exists(named), "\(path) names \(named)")
    }
  }

  @Test("every link inside the repository leads somewhere", arguments: MarkdownDocument.paths)
  func linksResolve(path: String) throws {
    for link in try MarkdownDocument(path: path).relativeLinks {
      #expect(exists(link.path), "\(path) links to \(link.path)")
      guard let anchor = link.anchor, exists(link.path) else { continue }
      let anchors = try MarkdownDocument(path: link.path).anchors
      #expect(anchors.contains(anchor), "\(path) links to \(link.path)#\(anchor)")
    }
  }

  @Test("the README links to every page that lies in `docs/` itself")
  func pagesAreLinked() throws {
    let linked = Set(try MarkdownDocument(path: "README.md").relativeLinks.map(\.path))
    let pages = MarkdownDocument.paths.filter { $0.hasPrefix("docs/") && $0.count { $0 == "/" } == 1 }
    #expect(pages.filter { !linked.contains($0) } == [])
  }

  @Test("the list of decisions links to each")
  func decisionsAreLinked() throws {
    let list = "docs/decisions/README.md"
    let linked = Set(try MarkdownDocument(path: list).relativeLinks.map(\.path))
    let records = MarkdownDocument.paths.filter { $0.hasPrefix("docs/decisions/") && $0 != list }
    #expect(records.filter { !linked.contains($0) } == [])
  }

  @Test("the page on the architecture lists training's passes in their order")
  func passesAreListed() throws {
    let page = try String(contentsOfFile: "\(packageRoot())/docs/architecture.md", encoding: .utf8)
    let table = try #require(page.firstMatch(of: /\n\| pass \|.*\n\|---.*\n((?:\|.*\n)+)/)).1
    let listed = table.matches(of: /(?m)^\| `([a-z-]+)`/).map { String($0.1) }
    #expect(listed == Pipeline.training.passNames)
  }

  @Test("the README's table of commands has every command, and no other")
  func commandsAreListed() throws {
    let readme = try String(contentsOfFile: "\(packageRoot())/README.md", encoding: .utf8)
    let listed = readme.matches(of: /\n\| `graphc ([a-z]+)/).map { String($0.1) }
    #expect(listed.sorted() == Graphc.configuration.subcommands.map { $0._commandName }.sorted())
  }

  @Test("the family of one's own is what the tests replay, prints what its page says, and trains")
  func ownFamily() throws {
    let page = try String(contentsOfFile: "\(packageRoot())/docs/families.md", encoding: .utf8)
    let path = "\(packageRoot())/Tests/Fixtures/families/coded_critic.yaml"
    let model = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("```yaml\n\(model)```"))
    try withGraphc(model: model) { graphc throws in
      let checked = try graphc.run("check", "model.yaml")
      let tables = try #require(checked.output.firstRange(of: "\none training step"))
      #expect(page.contains("```\n\(checked.output[..<tables.lowerBound])```"))
      let wrong = model.replacing("critic(real, middle), middle)", with: "critic(real, midle), middle)")
      #expect(wrong != model)
      try Data(wrong.utf8).write(to: URL(filePath: "\(graphc.folder)/coded_critic.yaml"))
      let refused = try graphc.run("check", "coded_critic.yaml")
      let message = try #require(refused.messages.firstRange(of: "\n\n"))
      #expect(page.contains("```\n\(refused.messages[..<message.lowerBound])\n```"))
      let trained = try graphc.run(
        "train", "model.yaml", "--out", "run", "--max-steps", "30", "--set", "train.data.synthetic.count=60")
      #expect(trained.status == 0, "\(trained.messages)")
      for value in try RunFiles(folder: graphc.folder + "/run").metrics().flatMap(\.values) {
        #expect(value.isFinite)
      }
    }
  }
}

import Datasets
import Foundation
import Lowering
import TestSupport
import Testing

@testable import ModelSpec

/// `docs/language.md` and the language say the same.
struct LanguageReferenceTests {
  private static let path = packageRoot() + "/docs/language.md"
  private static let mark = "<!-- The tables from here on are written by"

  private static func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// With `GRAPHC_BLESS=1` the tables are written anew.
  @Test func `the tables are those of the catalog`() throws {
    let text = try Self.text()
    let start = try #require(text.range(of: Self.mark)?.lowerBound)
    let end = try #require(text[start...].firstIndex(of: "\n"))
    let blessed = text[...end] + "\n" + CatalogTables(catalog: .standard).markdown
    if ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1" {
      try blessed.write(toFile: Self.path, atomically: true, encoding: .utf8)
    }
    #expect(try Self.text() == blessed)
  }

  /// The first cells of the table under a heading, and the second.
  private static func rows(under heading: String) throws -> [(key: String, value: String)] {
    let text = try Self.text()
    let start = try #require(text.range(of: "\n\(heading)\n")?.upperBound)
    let section = text[start...].prefix(upTo: text[start...].range(of: "\n#")?.lowerBound ?? text.endIndex)
    return section.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimming { $0 == " " || $0 == "`" } }
      return (cells[0], cells[1])
    }
  }

  @Test func `the keys of a model, of train and of a network are all there`() throws {
    #expect(try Self.rows(under: "## Keys").map(\.key) == ModelLoader.keys + ["extends"])
    #expect(try Self.rows(under: "### `train`").map(\.key) == TrainLoader.keys)
    let network = try Self.rows(under: "## Networks").map(\.key)
    for key in network {
      let value =
        ["layers": "[flatten, {linear: 1, name: last}]", "outputs": "last", "frozen": "false"][key] ?? "score"
      let layers = key == "layers" ? "" : ", layers: [flatten, {linear: 1, name: last}]"
      let model = SmallModel.with { $0.discriminator = "discriminator: {\(key): \(value)\(layers)}\n" }
      #expect(load(model).diagnostics.isEmpty, "\(key)")
    }
    #expect(network == ["layers", "inputs", "outputs", "frozen", "output"])
  }

  @Test func `the defaults of train are those that are told`() throws {
    let spec = try #require(load(SmallModel.with { $0.train = "" }).spec)
    let resolved = spec.resolvedYAML()
    for (key, value) in try Self.rows(under: "### `train`") {
      switch value {
      case "–": #expect(!resolved.contains("\n  \(key):"), "\(key)")
      case "adam": #expect(spec.train.generatorOptimizer.name.value == "adam")
      default: #expect(resolved.contains("\n  \(key): \(value)\n"), "\(key)")
      }
    }
  }

  @Test func `the beginnings that are told are those that there are`() throws {
    let told = try Self.rows(under: "### Beginnings")
    #expect(told.map(\.key) == InitializerDefinition.all.map(\.name))
    #expect(told.map(\.value) == InitializerDefinition.all.map(\.summary))
  }

  @Test func `the functions that are told are those that there are`() throws {
    let text = try Self.text()
    for function in Expression.functions { #expect(text.contains("`\(function)`"), "\(function)") }
  }

  @Test func `the table of the formulas' functions is the catalog's`() throws {
    let heading = "| function | what it is |\n|---|---|\n"
    let rows = FormulaFunction.all.map {
      "| `\($0.name)(\($0.arguments.joined(separator: ", ")))` | \($0.summary) |\n"
    }
    var text = try Self.text()
    let start = try #require(text.range(of: heading)?.upperBound)
    let end = try #require(text[start...].range(of: "\n\n")?.lowerBound)
    if ProcessInfo.processInfo.environment["GRAPHC_BLESS"] == "1" {
      text.replaceSubrange(start..<end, with: rows.joined().dropLast())
      try text.write(toFile: Self.path, atomically: true, encoding: .utf8)
      return
    }
    #expect(text[start..<end] + "\n" == rows.joined(), "GRAPHC_BLESS=1 swift test rewrites it")
  }

  @Test func `the keys of an update are all there`() throws {
    let rows = try Self.text().matches(of: /\n\| `([a-z_]+)` \| [^|]+ \| [^|]+ \|/)
    let keys = Set(rows.map { String($0.1) })
    #expect(Set(ProgramLoader.updateKeys).isSubset(of: keys))
  }

  @Test func `the keys of a stage, the distributions of draws and the changes of images are all there`()
    throws
  {
    let text = try Self.text()
    let start = try #require(text.range(of: "\n## Stages\n")?.upperBound)
    let stages = text[start...].prefix(upTo: text[start...].range(of: "\n## ")?.lowerBound ?? text.endIndex)
    for key in StagesLoader.keys { #expect(stages.contains("`\(key)`"), "\(key)") }
    let draws = try #require(text.firstMatch(of: /\n`draw` names random inputs: .*/)).0
    for kind in ProgramLoader.distributions { #expect(draws.contains("{\(kind):"), "\(kind)") }
    let augment = try #require(text.firstMatch(of: /\n`augment: \[.*/)).0
    for change in AugmentationDefinition.all {
      #expect(augment.contains("`\(change.name)`"), "\(change.name)")
    }
  }

  @Test func `every example is a model, or a part of one, without a mistake`() throws {
    let examples = try Self.text().matches(of: /```yaml\n((?:.|\n)*?)```/).map { String($0.1) }
    #expect(examples.count >= 6)
    for example in examples {
      let isWhole = example.contains("\nlatent:")
      let checked = check(
        isWhole ? example : "extends: base.yaml\n" + example, files: ["base.yaml": SmallModel().text])
      #expect(checked.codes.isEmpty, "\(checked.rendered)")
    }
  }
}

/// A catalog as the tables of the language reference.
private struct CatalogTables {
  let catalog: SpecCatalog

  var markdown: String {
    let layers = catalog.layers.map { layer in
      var schema = layer.schema
      switch layer.inputs {
      case .one: break
      case .twoOrMore: schema.summary += " Two or more inputs."
      case .exactly(let count): schema.summary += " \(count) inputs."
      }
      return schema
    }
    return section("Layers", level: 3, layers) + "\n" + section("Losses", level: 2, catalog.losses) + "\n"
      + section("Optimisers", level: 2, catalog.optimizers) + "\n"
      + section("Schedules", level: 2, ScheduleDefinition.all.map(\.schema)) + "\n"
      + section("Data", level: 2, catalog.dataSources.map(\.schema))
  }

  private func section(_ title: String, level: Int, _ schemas: [Schema]) -> String {
    let heading = title == "Layers" ? "" : String(repeating: "#", count: level) + " \(title)\n\n"
    let list =
      "| name | what it does |\n|---|---|\n" + schemas.map { "| `\($0.name)` | \($0.summary) |\n" }.joined()
    let attributes = schemas.flatMap { schema in schema.attributes.map { row(schema, $0) } }
    if attributes.isEmpty { return heading + list }
    return heading + list + "\n| | attribute | value | default | what it is |\n|---|---|---|---|---|\n"
      + attributes.joined()
  }

  private func row(_ schema: Schema, _ attribute: AttributeSchema) -> String {
    let isFirst = schema.attributes.first?.name == attribute.name
    let name = "`\(attribute.name)`" + (schema.primary == attribute.name ? " •" : "")
    return "| \(isFirst ? "`\(schema.name)`" : "") | \(name) | \(text(attribute.kind)) | "
      + "\(text(attribute.requirement)) | \(attribute.summary) |\n"
  }

  private func text(_ requirement: AttributeSchema.Requirement) -> String {
    switch requirement {
    case .required: "required"
    case .optional: "–"
    case .defaultsTo(let value): "`\(text(value))`"
    }
  }

  private func text(_ kind: AttributeSchema.Kind) -> String {
    switch kind {
    case .int(let range): "whole number, \(text(range))"
    case .number(let range, let isOpen): text(range, isOpen: isOpen)
    case .bool: "flag"
    case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: " or ")
    case .size(let range): "size, \(text(range))"
    case .ints: "list of whole numbers, or one"
    case .numbers(let count, let range):
      "list of \(count) numbers"
        + (range.upperBound < 1e6 ? ", each " + text(range, isOpen: false).dropFirst("number ".count) : "")
    case .string: "text"
    case .path: "path"
    case .choices: "one, or a list"
    }
  }

  private func text(_ range: ClosedRange<Int>) -> String {
    range.upperBound >= 65_536 ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  private func text(_ range: ClosedRange<Double>, isOpen: Bool) -> String {
    let lower = text(AttributeValue.number(range.lowerBound))
    if range.upperBound >= 1e6 {
      if range.lowerBound < -1e6 { return "number" }
      return isOpen ? "number above \(lower)" : "number, at least \(lower)"
    }
    let isBelowOne = range.upperBound < 1 && range.upperBound > 0.99
    return isBelowOne
      ? "number from \(lower) to below 1"
      : "number from \(lower) to \(text(AttributeValue.number(range.upperBound)))"
  }

  private func text(_ value: AttributeValue) -> String {
    switch value {
    case .choices(let choices): choices.map(\.name).joined(separator: ", ")
    case .int(let value): "\(value)"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value), .path(let value, _): value
    case .size(let height, let width): height == width ? "\(height)" : "[\(height), \(width)]"
    case .ints(let values): "\(values)"
    case .numbers(let values):
      "[\(values.map { text(AttributeValue.number($0)) }.joined(separator: ", "))]"
    }
  }
}

extension Substring {
  fileprivate func trimming(_ isCut: (Character) -> Bool) -> String {
    var text = self
    while let first = text.first, isCut(first) { text.removeFirst() }
    while let last = text.last, isCut(last) { text.removeLast() }
    return String(text)
  }
}

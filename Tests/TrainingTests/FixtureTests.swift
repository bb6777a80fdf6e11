import Datasets
import FoundationEssentials
import Interchange
import Lowering
import ModelSpec
import TestSupport
import Testing
import Training

/// Training steps that PyTorch ran, replayed. `Tests/Fixtures/README.md` says what the files hold.
@Suite struct FixtureTests {
  @Test("every fixture is a model with its tensors, and none is missing")
  func fixturesAreWhole() {
    let tensors = files(in: packageRoot() + "/Tests/Fixtures", endingIn: ".safetensors")
      .filter { !$0.contains("/") }.map { $0.replacing(".safetensors", with: "") }
    #expect(Fixture.all.map(\.testDescription) == tensors)
    #expect(Fixture.all.count >= 24)
    #expect(Fixture.single.count == Fixture.all.count - 1)
  }

  @Test("the interpreter agrees with PyTorch's Float64 run", arguments: Fixture.all)
  func referenceAgrees(fixture: Fixture) throws {
    let rows = try fixture.replay().run(.reference)
    #expect(rows.count > 2)
    for row in rows { #expect(row.relativeError < 1e-8, "\(row.name)") }
  }

  @Test("the CPU executor is as close to Float64 as PyTorch's fp32 run is", arguments: Fixture.single)
  func cpuAgrees(fixture: Fixture) throws {
    for threads in [1, 2] {
      let rows = try fixture.replay().run(.cpu, threads: threads)
      #expect(rows.count > 2)
      for row in rows {
        let yardstick = try #require(row.yardstick, "\(row.name)")
        #expect(row.relativeError <= max(3 * yardstick, 1e-6), "\(row.name), PyTorch \(yardstick)")
      }
    }
  }

  @Test("the CPU executor's first losses agree with PyTorch's", arguments: Fixture.single)
  func firstLossesAgree(fixture: Fixture) throws {
    let rows = try fixture.replay().run(.cpu, steps: 2)
    for row in rows where row.name.hasPrefix("step.") { #expect(row.relativeError < 1e-4, "\(row.name)") }
  }
}

/// Training programs of the families, which PyTorch ran in loops of their own.
@Suite struct FamilyTests {
  @Test(
    "the interpreter agrees with PyTorch's Float64 run in all that it recorded", arguments: Fixture.families)
  func referenceAgrees(fixture: Fixture) throws {
    let rows = try fixture.replay().run(.reference)
    for row in rows { #expect(row.relativeError < 1e-8, "\(row.name)") }
    #expect(Set(rows.map(\.name)) == (try fixture.results()))
  }

  @Test(
    "the CPU executor is as close to Float64 as PyTorch's fp32 run is, with one thread and with two",
    arguments: Fixture.families)
  func cpuAgrees(fixture: Fixture) throws {
    for threads in [1, 2] {
      for row in try fixture.replay().run(.cpu, threads: threads) {
        let yardstick = try #require(row.yardstick, "\(row.name)")
        // Of a loss that is a difference of scores, fewer digits are left.
        let floor = row.name.hasPrefix("step.") ? 5e-6 : 1e-6
        #expect(row.relativeError <= max(3 * yardstick, floor), "\(row.name), PyTorch \(yardstick)")
      }
    }
  }
}

/// A model and the steps that PyTorch ran with it.
struct Fixture: CustomTestStringConvertible, Sendable {
  private let model: String

  static let all = modelPaths(in: "Tests/Fixtures").map { Fixture(model: $0) }

  /// Families of `Tests/Fixtures/families`, by their names.
  static let families = modelPaths(in: "Tests/Fixtures/families").map { Fixture(model: $0) }

  /// Those whose numbers fp32 can follow: a saturated sigmoid reaches 1 at other scores than in Float64.
  static let single = all.filter { $0.testDescription != "bce_saturated" }

  var testDescription: String { URL(filePath: model).deletingPathExtension().lastPathComponent }

  func replay() throws -> FixtureReplay {
    let loaded = SpecLoader.load(path: model, catalog: .standard)
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    let graphs = try #require(lowered.model, "\(lowered.diagnostics.map(\.message))")
    return FixtureReplay(
      model: graphs, fixture: try SafetensorsFile(contentsOf: tensors), path: tensors)
  }

  private var tensors: String { model.dropLast("yaml".count) + "safetensors" }

  /// The names of all that PyTorch computed.
  func results() throws -> Set<String> {
    let names = try SafetensorsFile(contentsOf: tensors).tensors.map(\.name)
    return Set(names.filter { $0.hasPrefix("fp32.") }.map { String($0.dropFirst("fp32.".count)) })
  }
}

import ArgumentParser
import Diagnostics
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

struct Verify: ParsableCommand {
  @Argument var model: String
  @Argument var fixture: String
  @Option var executor: String = "reference"

  func run() throws {
    let loaded = SpecLoader.load(path: model, catalog: .standard)
    guard let spec = loaded.spec else {
      print(TerminalRenderer(sources: loaded.sources, usesColor: false).render(loaded.diagnostics))
      throw ExitCode(65)
    }
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    guard let m = lowered.model else {
      print(TerminalRenderer(sources: loaded.sources, usesColor: false).render(lowered.diagnostics))
      throw ExitCode(65)
    }
    let file = try SafetensorsFile(contentsOf: fixture)
    let rows = try FixtureReplay(model: m, fixture: file, path: fixture).run(.init(rawValue: executor)!, threads: 2)
    for row in rows.sorted(by: { $0.relativeError > $1.relativeError }).prefix(5) {
      print(row.name, row.relativeError, row.yardstick ?? -1)
    }
  }
}

import ArgumentParser
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

extension FixtureReplay.Executor: ExpressibleByArgument {}

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replay the training steps of a fixture and compare every number.",
    discussion: """
      The fixture is a safetensors file with the weights before, the images and noise of each step, and the \
      losses and weights that another framework got. Exits with 1 when a number is farther off than the \
      tolerance: by default 1e-8 for the reference interpreter and 1e-4 for the CPU executor, or 0.1 where the \
      model's precision is bf16.
      """)

  @OptionGroup var model: ModelOptions

  @Argument(help: "The fixture, a safetensors file.")
  var fixture: String

  @Option(help: "reference (Float64, op by op) or cpu (32 bits, planned).")
  var executor: FixtureReplay.Executor = .cpu

  @Option(help: "The largest relative error that passes.")
  var tolerance: Double?

  @Option(help: "Replay only so many steps; the weights after the last are then not compared.")
  var steps: Int?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if let tolerance, !(tolerance >= 0) { throw ValidationError("--tolerance must not be negative.") }
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1.") }
  }

  func run() throws {
    let (spec, lowered, _) = try model.loadChecked(quietly: true)
    let file = try reportingFileErrors {
      let file = try SafetensorsFile(contentsOf: fixture)
      try file.checkContents(path: fixture)
      return file
    }
    let rows: [FixtureReplay.Row]
    do {
      rows = try FixtureReplay(model: lowered, fixture: file, path: fixture)
        .run(
          executor, threads: threads.count, options: .init().with(spec.train.precision),
          steps: steps)
    } catch {
      throw fail("\(error.reason)", Exit.invalidInput)
    }
    guard !rows.isEmpty else { throw fail("`\(fixture)` holds nothing to compare", Exit.invalidInput) }
    let allowed = tolerance ?? Self.tolerance(of: executor, spec.train.precision)
    let failed = rows.filter { !($0.relativeError <= allowed) }
    // NaN is the largest error of all.
    let worst = rows.max {
      ($0.relativeError.isNaN ? .infinity : $0.relativeError)
        < ($1.relativeError.isNaN ? .infinity : $1.relativeError)
    }
    switch format {
    case .json: Console.print(DisplayText(lines: json(rows, worst, failed, allowed).text(isPretty: true)))
    case .text: Console.print(DisplayText(lines: text(rows, worst, failed, allowed)))
    }
    if !failed.isEmpty { throw ExitCode(1) }
  }

  /// The tolerance by default. What bf16's rounding moves by a percent, small steps of the weights among
  /// them, a few steps of training move further.
  private static func tolerance(of executor: FixtureReplay.Executor, _ precision: Precision) -> Double {
    switch (executor, precision) {
    case (.reference, _): 1e-8
    case (.cpu, .fp32): 1e-4
    case (.cpu, .bf16): 0.1
    }
  }

  private func text(
    _ rows: [FixtureReplay.Row], _ worst: FixtureReplay.Row?, _ failed: [FixtureReplay.Row],
    _ allowed: Double
  ) -> String {
    let shown =
      failed.isEmpty ? rows.sorted { $0.relativeError > $1.relativeError }.prefix(5) : failed.prefix(20)
    let errors = Text.table(
      [["relative errors", "at most \(Text.scientific(allowed))"]]
        + shown.map { [visibleText($0.name), Text.scientific($0.relativeError)] }, [.left, .right])
    let verdict = failed.isEmpty ? "all within tolerance" : "\(failed.count) beyond tolerance"
    return errors
      + "\(rows.count) losses and tensors compared on \(executor.rawValue): \(verdict), largest "
      + (worst.map { Text.scientific($0.relativeError) } ?? "–")
  }

  private func json(
    _ rows: [FixtureReplay.Row], _ worst: FixtureReplay.Row?, _ failed: [FixtureReplay.Row],
    _ allowed: Double
  ) -> JSONValue {
    .object([
      "executor": .string(executor.rawValue), "passed": .bool(failed.isEmpty),
      "tolerance": .number(allowed),
      "max_relative_error": worst.map { .number($0.relativeError) } ?? .null,
      "rows": .array(
        rows.map {
          .object([
            "name": .string($0.name), "relative_error": .number($0.relativeError),
            "fp32_relative_error": $0.yardstick.map { .number($0) } ?? .null,
          ])
        }),
    ])
  }
}

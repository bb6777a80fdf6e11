import ArgumentParser
import Diagnostics
import Glibc
import Training

@main
struct Graphc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphc",
    abstract: "Checks, trains and runs adversarial networks that one YAML file describes.",
    subcommands: [
      Check.self, Train.self, Sample.self, Evaluate.self, Verify.self, Bench.self, IR.self,
      Explain.self, DataCommand.self, Inspect.self, Export.self, Apply.self, Import.self,
    ])

  /// What the process took before it did anything, in bytes.
  static let memoryAtStart = ProcessMemory.residentBytes
  static let addressSpaceAtStart = ProcessMemory.addressSpaceBytes
  static let start = ContinuousClock.now

  static func main() {
    ProcessMemory.prepareForRefusals()
    _ = (memoryAtStart, addressSpaceAtStart, start)
    // A reader of our output that went away must not end a training run.
    StopSignals.ignoreErrors()
    guard !ProgramArguments.all.isEmpty else {
      Console.message("error: the system handed over no arguments, not even the program's name")
      Glibc.exit(Exit.bug.rawValue)
    }
    do {
      var command = try parseAsRoot(Array(ProgramArguments.all.dropFirst()))
      try command.run()
    } catch {
      end(with: error)
    }
  }

  /// Ends the program with what the parser of arguments says of an error: a mistake, or the help.
  private static func end(with error: any Error) -> Never {
    let (code, text) = (exitCode(for: error), quoted(fullMessage(for: error)))
    if !text.isEmpty {
      let shown = DisplayText(lines: text)
      if code.isSuccess { Console.print(shown) } else { Console.message(shown) }
    }
    Glibc.exit(code.rawValue)
  }

  /// A message with the arguments that it quotes made visible, whose line breaks would be taken for its own.
  private static func quoted(_ message: String) -> String {
    var message = message
    for argument in ProgramArguments.all.flatMap({
      [$0] + $0.split(separator: "=", maxSplits: 1).map(String.init)
    }) {
      let shown = visibleText(argument)
      if shown != argument { message = message.replacing(argument, with: shown) }
    }
    return message
  }
}

import ArgumentParser
import Diagnostics
import Glibc
import ModelSpec
import Training

@main
struct Graphc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphc",
    abstract: "Checks, trains and runs adversarial networks that one YAML file describes.",
    version: VersionText.text,
    subcommands: [
      Check.self, Train.self, Sample.self, Interpolate.self, Walk.self, Project.self, FilmCommand.self,
      Augment.self, Anomaly.self, Evaluate.self, Verify.self, Bench.self, IR.self,
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
    if let hint = optionHint(error) { Console.message(hint) }
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

  /// What to write in the place of an option that other programs have, if that is what the error is about.
  private static func optionHint(_ error: any Error) -> DisplayText? {
    guard exitCode(for: error) == .validationFailure else { return nil }
    let arguments = Array(ProgramArguments.all.dropFirst())
    for (index, argument) in arguments.enumerated() where argument.hasPrefix("--") {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard message(for: error).contains("'\(parts[0])'") else { continue }
      let next = index + 1
      let following = next < arguments.count && !arguments[next].hasPrefix("-") ? arguments[next] : nil
      guard let advice = OptionHabits.advice(parts[0], value: parts.count > 1 ? parts[1] : following) else {
        return nil
      }
      if advice.contains("--set"), !takesSettings(arguments) { return nil }
      return "Hint: \(parts[0]) is no option here; \(advice)."
    }
    return nil
  }

  /// Whether the command that is called has `--set`.
  private static func takesSettings(_ arguments: [String]) -> Bool {
    let command = configuration.subcommands.first { command in
      (command.configuration.commandName ?? "\(command)".lowercased()) == arguments.first
    }
    return command.map { helpMessage(for: $0).contains("--set ") } ?? false
  }
}

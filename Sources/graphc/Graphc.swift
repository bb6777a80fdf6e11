import ArgumentParser
import Glibc
import ModelSpec
import Training

@main
struct Graphc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphc",
    abstract: "Checks, trains and runs adversarial networks that one YAML file describes.",
    subcommands: [
      Check.self, Train.self, Sample.self, Verify.self, Bench.self, IR.self, Explain.self,
      DataCommand.self,
    ])

  /// What the process took before it did anything, in bytes.
  static let memoryAtStart = ProcessMemory.residentBytes
  static let addressSpaceAtStart = ProcessMemory.addressSpaceBytes

  static func main() {
    _ = (memoryAtStart, addressSpaceAtStart)
    // A reader of our output that went away must not end a training run.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      if let hint = optionHint(error) { Console.message(hint) }
      exit(withError: error)
    }
  }

  /// What to write in the place of an option that other programs have, if that is what the error is about.
  private static func optionHint(_ error: any Error) -> String? {
    guard exitCode(for: error) == .validationFailure else { return nil }
    let arguments = CommandLine.arguments.dropFirst()
    for (index, argument) in zip(arguments.indices, arguments) where argument.hasPrefix("--") {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard message(for: error).contains("'\(parts[0])'") else { continue }
      let next = arguments.index(after: index)
      let following = next < arguments.endIndex && !arguments[next].hasPrefix("-") ? arguments[next] : nil
      guard let advice = OptionHabits.advice(parts[0], value: parts.count > 1 ? parts[1] : following) else {
        return nil
      }
      return "Hint: \(parts[0]) is no option here; \(advice)."
    }
    return nil
  }
}

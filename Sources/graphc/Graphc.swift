import ArgumentParser
import Glibc
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
    main(nil)
  }
}

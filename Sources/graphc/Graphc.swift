import ArgumentParser

@main
struct Graphc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphc",
    abstract: "Checks, trains and runs adversarial networks that one YAML file describes.",
    subcommands: [Check.self, Train.self, Sample.self, Verify.self, Bench.self, IR.self])
}

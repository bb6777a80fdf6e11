import ArgumentParser

@main
struct Graphc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphc", abstract: "Checks and trains adversarial networks written as YAML.")
}

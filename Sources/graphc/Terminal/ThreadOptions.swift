import ArgumentParser
import Runtime
import Training

/// What the commands that compute run on: the threads and, from the environment, their instructions.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: "How many threads compute; as many as there are cores to use by default. The result is the same.")
  var threads: Int?

  var count: Int { threads ?? ProcessorCount.usable }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024.")
    }
    // The kernels would take the best instruction set that there is, and nobody would know.
    if let wanted = Console.environment("GRAPHC_ISA"), !wanted.isEmpty, wanted != InstructionSet.current {
      throw ValidationError(
        "GRAPHC_ISA is `\(wanted)`, and this processor runs \(InstructionSet.available.joined(separator: ", ")); "
          + "unset it for the fastest.")
    }
  }
}

import CProcess
import Diagnostics
import Runtime

/// What `--version` prints.
enum VersionText {
  static var text: String {
    let commit = unsafe String(cString: cprocess_commit())
    return """
      graphc \(graphcVersion)\(commit.isEmpty ? "" : ", commit \(commit)")
      instruction sets: \(InstructionSet.available.joined(separator: ", ")); \(InstructionSet.current) is used
      """
  }
}

import CProcess
import Files

/// The program's arguments as texts, its name first. Those that are no UTF-8 are texts as names of files are.
enum ProgramArguments {
  /// Empty where the system handed over none, not even the name.
  static let all: [String] = (0..<cprocess_argument_count()).map { index in
    var bytes: [UInt8] = []
    var next = unsafe cprocess_argument(index)
    while let character = unsafe next?.pointee, character != 0 {
      bytes.append(UInt8(bitPattern: character))
      unsafe next = next?.successor()
    }
    return FileName.text(of: bytes)
  }
}

import CFuzzer
import Glibc

/// A part of the program that reads what strangers write. No bytes may crash it, and none may keep it busy for a
/// second; what they mean, or why they mean nothing, does not matter here.
struct FuzzTarget: Sendable {
  var name: String
  /// Reads the bytes as the program would.
  var test: @Sendable (_ bytes: [UInt8]) -> Void

  static let all = [
    yaml, formula, graphText, safetensors, png, pngWithSums, jpeg, idx, cifar10, metrics, dataLines, fileName,
  ]
}

/// `fuzz TARGET [libFuzzer's arguments]`; `fuzz --list` names the targets.
@main
enum Fuzz {
  /// The most that an input may take of one processor, in seconds. It is counted with the sanitizer's work.
  static let limit = 1.0

  /// Set once, before the first input.
  nonisolated(unsafe) static var target: FuzzTarget?

  static func main() {
    let arguments = CommandLine.arguments
    if arguments.dropFirst() == ["--list"] {
      for target in FuzzTarget.all { print(target.name) }
      return
    }
    guard arguments.count > 1, let target = FuzzTarget.all.first(where: { $0.name == arguments[1] }) else {
      print("usage: fuzz TARGET [-runs=N] [CORPUS…]; fuzz --list names the targets")
      exit(64)
    }
    unsafe Self.target = target
    var texts = unsafe ([arguments[0]] + arguments.dropFirst(2)).map { unsafe strdup($0) } + [nil]
    var count = Int32(arguments.count - 1)
    let status = unsafe texts.withUnsafeMutableBufferPointer { buffer -> Int32 in
      var start = buffer.baseAddress
      return unsafe LLVMFuzzerRunDriver(&count, &start) { bytes, size in
        Fuzz.run(unsafe Array(UnsafeBufferPointer(start: bytes, count: size)))
        return 0
      }
    }
    exit(status)
  }

  private static func run(_ bytes: [UInt8]) {
    guard let target = unsafe target else { preconditionFailure("the target is chosen first") }
    let start = cfuzzer_seconds()
    target.test(bytes)
    let seconds = cfuzzer_seconds() - start
    guard seconds <= limit else { fatalError("\(bytes.count) bytes took \(seconds) s") }
  }
}

/// A file that holds the bytes, until the next input.
func fuzzedFile(_ bytes: [UInt8]) -> String {
  unsafe bytes.withUnsafeBufferPointer { buffer in
    unsafe String(cString: cfuzzer_file(buffer.baseAddress, buffer.count))
  }
}

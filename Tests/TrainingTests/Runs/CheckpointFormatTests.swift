import Files
import Foundation
import Interchange
import TestSupport
import Testing

@testable import Training

/// What other programs find in a checkpoint.
@Suite struct CheckpointFormatTests {
  private let scratch = TemporaryFolder()
  private static let metadata = CheckpointMetadata(
    step: 12, epoch: 3, seed: 42, modelName: "a", structure: StructureHash(text: "1-ff"))

  private func write() throws -> String {
    let path = scratch.file("a.safetensors")
    try Checkpoint.write(sampleStore(), metadata: Self.metadata, to: path)
    return path
  }

  /// The checksums are Python's: `zlib.crc32` of each tensor's bytes, and of the other metadata.
  @Test func theBytesAreThoseThatTheFormatAsksFor() throws {
    let bytes = try readFile(at: write())
    let header =
      #"{"__metadata__":{"#
      + #""crc32":"cca00708","#
      + #""crc32.discriminator.0.weight":"d9dd256d","#
      + #""crc32.generator.0.weight":"1c180be2","#
      + #""crc32.generator.1.num_batches_tracked":"f4e2c3a1","#
      + #""crc32.generator.1.running_mean":"af22c78d","#
      + #""crc32.generator.1.weight":"b23f3250","#
      + #""crc32.optimizer.generator.0.weight.exp_avg":"be4d8344","#
      + #""crc32.optimizer.generator.step":"328dca26","#
      + #""epoch":"3","#
      + #""format_version":"2","#
      + #""model":"a","#
      + #""seed":"42","#
      + #""step":"12","#
      + #""structure":"1-00000000000000ff"},"#
      + #""generator.0.weight":{"dtype":"F32","shape":[3,2,1,1],"data_offsets":[16,40]},"#
      + #""generator.1.weight":{"dtype":"F32","shape":[2],"data_offsets":[40,48]},"#
      + #""generator.1.running_mean":{"dtype":"F32","shape":[2],"data_offsets":[48,56]},"#
      + #""generator.1.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
      + #""discriminator.0.weight":{"dtype":"F32","shape":[1,3,1,1],"data_offsets":[56,68]},"#
      + #""optimizer.generator.step":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"#
      + #""optimizer.generator.0.weight.exp_avg":{"dtype":"F32","shape":[3,2,1,1],"data_offsets":[68,92]}}"#
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = UInt64(header.utf8.count + padding.count)
    var expected = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    expected += Array((header + padding).utf8)
    expected += [10, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0]
    let floats: [Float] =
      [0.1, 0.225, 0.35, 0.475, 0.6, 0.725, 1.1, 1.225, 2.1, 2.225, 4.1, 4.225, 4.35]
      + [6.1, 6.225, 6.35, 6.475, 6.6, 6.725]
    for value in floats {
      expected += (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    #expect(bytes == expected)
  }

  /// Where `GRAPHC_PYTHON` names an interpreter that has safetensors and numpy, it is asked too.
  @Test(.enabled(if: interpreter != nil)) func pythonReadsWhatWasSaved() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.interpreter))
    process.arguments = ["-c", Self.script, try write()]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = sampleStore().slots.map { slot in
      let shape = slot.shape.map(String.init).joined(separator: ",")
      let values = (sampleStore().values(of: slot.name) ?? []).map { String(Double($0)) }
      return
        "\(slot.name) \(slot.element == .i64 ? "int64" : "float32") [\(shape)] \(values.joined(separator: ","))"
    }.sorted()
    #expect(
      text.split(separator: "\n").last?.hasSuffix(
        "epoch=3 format_version=2 model=a seed=42 step=12 structure=1-00000000000000ff") == true)
    #expect(text.split(separator: "\n").dropLast().map(String.init) == lines)
  }

  private static let interpreter = ProcessInfo.processInfo.environment["GRAPHC_PYTHON"]

  private static let script = """
    import sys
    from safetensors import safe_open
    with safe_open(sys.argv[1], framework="numpy") as file:
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name)
            shape = ",".join(map(str, tensor.shape))
            values = ",".join(str(float(value)) for value in tensor.flatten())
            print(f"{name} {tensor.dtype} [{shape}] {values}")
        print(" ".join(f"{key}={value}" for key, value in sorted(file.metadata().items())))
    """
}

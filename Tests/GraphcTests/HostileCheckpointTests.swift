import Foundation
import Interchange
import Testing

/// Checkpoints whose counters hold what no run wrote.
@Suite struct HostileCheckpointTests {
  private static let checkpoint = "run/checkpoints/step-000004.safetensors"

  @Test("a counter that is no count ends with 65, and is named; the run goes on once it is mended")
  func counters() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "4").status == 0)
      let path = "\(graphc.folder)/\(Self.checkpoint)"
      let sound = try Data(contentsOf: URL(filePath: path))
      let file = try SafetensorsFile(contentsOf: path)
      let counters = file.tensors.filter(\.tensor.shape.isEmpty)
      // Two optimisers' steps, batch norm's batches, dropout's.
      #expect(counters.count == 4)
      let hostile: [SafetensorsFile.Tensor] = [
        .init(shape: [], int64s: [-1]), .init(shape: [], int64s: [.max]), .init(shape: [], floats: [.nan]),
        .init(shape: [], floats: [1e30]),
      ]
      for (counter, _) in counters {
        for value in hostile {
          try SafetensorsFile(
            tensors: file.tensors.map { ($0.name, $0.name == counter ? value : $0.tensor) },
            metadata: file.metadata
          ).write(to: path)
          let outcome = try graphc.run("train", "--resume", "run")
          #expect(outcome.status == 65, "\(counter)")
          #expect(outcome.messages.contains("`\(counter)`"), "\(outcome.messages)")
          #expect(outcome.messages.contains("must be a count"), "\(outcome.messages)")
        }
      }
      try sound.write(to: URL(filePath: path))
      #expect(try graphc.run("train", "--resume", "run").status == 0)
    }
  }
}

import Files
import Interchange
import Threads

/// Decodes examples on several threads, keeps them in their order, and finds out which ones are broken. What
/// it finds does not depend on the threads.
final class ExampleSurvey: Sendable {
  /// What was found.
  struct Result {
    /// The images of the sound examples one after another.
    let pixels: [UInt8]
    /// Those of the others, in the source's order.
    let errors: [FileError]
    let statistics: DataStatistics
    /// About how much memory decoding one of them takes at the most, in bytes.
    let largestDecoding: Int
  }

  private struct Findings {
    /// The images of the sound examples one after another; empty where none is kept.
    var pixels: [UInt8]
    var soundCount = 0
    var errors: [Int: FileError] = [:]
    var statistics = DataStatistics()
    /// About how much memory decoding one of them takes, in bytes.
    var largestDecoding = 0
  }

  private let source: any ExampleSource
  private let shapes: [ExampleStore.Shape]
  /// Bytes of an example.
  private let size: Int
  private let keeps: Bool
  private let findings: Guarded<Findings>

  /// - Parameter capacity: How many examples there is memory for; nil where none is kept.
  init(_ source: any ExampleSource, shapes: [ExampleStore.Shape], capacity: Int?) {
    self.source = source
    self.shapes = shapes
    size = shapes.reduce(0) { $0 + $1.count }
    keeps = capacity != nil
    findings = Guarded(Findings(pixels: Array(repeating: 0, count: (capacity ?? 0) * size)))
  }

  /// Decodes the examples of a range, which lies behind those of earlier calls.
  ///
  /// - Returns: The examples that are sound, in ascending order.
  /// - Throws: The error of the first broken example, where `stopsAtError`.
  func decode(_ range: Range<Int>, stopsAtError: Bool, threads: Int) throws(FileError) -> [Int] {
    let firstPlace = findings.withLock { $0.soundCount }
    performConcurrently(threads) { [self] thread in
      for index in stride(from: range.lowerBound + thread, to: range.upperBound, by: threads) {
        decode(index, place: firstPlace + index - range.lowerBound)
      }
    }
    return try closeGaps(range, firstPlace: firstPlace, stopsAtError: stopsAtError)
  }

  private func decode(_ index: Int, place: Int) {
    do {
      let example = try source.example(at: index, shapes: shapes)
      findings.withLock { findings in
        if keeps {
          findings.pixels.replaceSubrange(place * size..<(place + 1) * size, with: example.pixels)
        }
        findings.largestDecoding = max(findings.largestDecoding, example.decodingByteCount)
        example.add(to: &findings.statistics, order: index)
      }
    } catch {
      findings.withLock { findings in
        findings.errors[index] = error
      }
    }
  }

  /// Moves sound examples to the places of broken ones before them.
  private func closeGaps(_ range: Range<Int>, firstPlace: Int, stopsAtError: Bool) throws(FileError) -> [Int]
  {
    try findings.withLock { findings throws(FileError) in
      if stopsAtError, let first = findings.errors.min(by: { $0.key < $1.key }) {
        throw first.value.counting(findings.errors.count, of: range.count)
      }
      let sound = range.filter { findings.errors[$0] == nil }
      for (number, index) in sound.enumerated() where keeps && sound.count < range.count {
        let target = (firstPlace + number) * size
        let source = (firstPlace + index - range.lowerBound) * size
        for offset in 0..<size { findings.pixels[target + offset] = findings.pixels[source + offset] }
      }
      findings.soundCount += sound.count
      return sound
    }
  }

  /// All that was found. Call once.
  func finish() -> ExampleSurvey.Result {
    findings.withLock { findings in
      findings.pixels.removeLast(keeps ? findings.pixels.count - findings.soundCount * size : 0)
      let errors = findings.errors.sorted { $0.key < $1.key }.map(\.value)
      return Result(
        pixels: exchange(&findings.pixels, with: []), errors: errors, statistics: findings.statistics,
        largestDecoding: findings.largestDecoding)
    }
  }
}

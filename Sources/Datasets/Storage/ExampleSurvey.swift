import Dispatch
import Interchange
import Synchronization

/// Decodes examples on several threads, keeps them in their order, and finds out which ones are broken. What
/// it finds does not depend on the threads.
final class ExampleSurvey: Sendable {
  private struct Findings {
    /// The images of the sound examples one after another; empty where none is kept.
    var pixels: [UInt8]
    var soundCount = 0
    var errors: [Int: FileError] = [:]
    var firstBroken = Int.max
  }

  private let source: any ExampleSource
  private let shapes: [ExampleStore.Shape]
  /// Bytes of an example.
  private let size: Int
  private let keeps: Bool
  private let findings: Mutex<Findings>

  /// - Parameter capacity: How many examples there is memory for; nil where none is kept.
  init(_ source: any ExampleSource, shapes: [ExampleStore.Shape], capacity: Int?) {
    self.source = source
    self.shapes = shapes
    size = shapes.reduce(0) { $0 + $1.count }
    keeps = capacity != nil
    findings = Mutex(Findings(pixels: Array(repeating: 0, count: (capacity ?? 0) * size)))
  }

  /// Decodes the examples of a range, which lies behind those of earlier calls.
  ///
  /// - Returns: The examples that are sound, in ascending order.
  /// - Throws: The error of the first broken example, where `stopsAtError`.
  func decode(_ range: Range<Int>, stopsAtError: Bool, threads: Int) throws(FileError) -> [Int] {
    let firstPlace = findings.withLock { $0.soundCount }
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for index in stride(from: range.lowerBound + thread, to: range.upperBound, by: threads) {
        // Examples before the first broken one are still looked at: one of them may be broken too.
        if stopsAtError, findings.withLock({ $0.firstBroken < index }) { return }
        decode(index, place: firstPlace + index - range.lowerBound)
      }
    }
    return try closeGaps(range, firstPlace: firstPlace, stopsAtError: stopsAtError)
  }

  private func decode(_ index: Int, place: Int) {
    do {
      let pixels = try source.pixels(at: index, shapes: shapes)
      guard keeps else { return }
      findings.withLock { findings in
        findings.pixels.replaceSubrange(place * size..<(place + 1) * size, with: pixels)
      }
    } catch {
      findings.withLock { findings in
        findings.errors[index] = error
        findings.firstBroken = min(findings.firstBroken, index)
      }
    }
  }

  /// Moves sound examples to the places of broken ones before them.
  private func closeGaps(_ range: Range<Int>, firstPlace: Int, stopsAtError: Bool) throws(FileError) -> [Int]
  {
    try findings.withLock { findings throws(FileError) in
      if stopsAtError, let error = findings.errors[findings.firstBroken] { throw error }
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

  /// The images of the sound examples one after another, and the errors of the others, in the source's order. Call once.
  func finish() -> (pixels: [UInt8], errors: [FileError]) {
    findings.withLock { findings in
      findings.pixels.removeLast(keeps ? findings.pixels.count - findings.soundCount * size : 0)
      let errors = findings.errors.sorted { $0.key < $1.key }.map(\.value)
      return (exchange(&findings.pixels, with: []), errors)
    }
  }
}

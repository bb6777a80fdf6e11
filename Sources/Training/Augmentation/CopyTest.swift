import Scores
import Threads

/// Tells made images that are copies of real ones from new ones.
public struct CopyTest: Sendable {
  private let real: NearestVectors
  /// Nearer than this to a real image is a copy: the distance that all but a share of the real images keep from
  /// each other.
  public let limit: Double

  /// Real images whose distances to all others are looked at: enough to know a quantile of one in a hundred.
  private static let probes = 1000

  /// - Parameters:
  ///   - real: Pixels from 0 to 1.
  ///   - share: Of the real images' distances to their nearest, those that are smaller than the limit.
  /// - Precondition: There are two images or more.
  public init(_ real: FeatureSet, share: Double, seed: Int, threads: Int) {
    precondition(real.count > 1, "one image has no neighbour")
    let nearest = NearestVectors(real)
    self.real = nearest
    let probes = chosenIndices(min(Self.probes, real.count), of: real.count, seed: seed)
    let distances = concurrently(probes.count, threads: threads) { place in
      nearest.nearest(to: real.vector(probes[place]), excluding: probes[place])[0].distance
    }.sorted()
    limit = distances[min(distances.count - 1, Int(share * Double(distances.count)))]
  }

  /// The nearest real image to each of several, which are one after another.
  public func nearest(to images: [Float], threads: Int) -> [NearestVectors.Neighbour] {
    let size = real[0].count
    return concurrently(images.count / size, threads: threads) { image in
      real.nearest(to: images[image * size..<(image + 1) * size])[0]
    }
  }
}

/// The body's results for each number below a count, computed on several threads.
func concurrently<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Result
) -> [Result] {
  let parts = max(1, min(threads, count))
  let shared = SharedResults<Result>(parts)
  performConcurrently(parts) { part in
    let own = (part * count / parts..<(part + 1) * count / parts).map(body)
    shared.results.withLock { $0[part] = own }
  }
  return shared.results.withLock { $0.flatMap { $0 } }
}

/// What threads share must be a reference.
private final class SharedResults<Result: Sendable>: Sendable {
  let results: Guarded<[[Result]]>

  init(_ parts: Int) { results = Guarded([[Result]](repeating: [], count: parts)) }
}

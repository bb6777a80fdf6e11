/// Where a value lies: so many 32-bit words, floats but for counters, from an offset in one of a plan's arenas.
struct Region: BitwiseCopyable, Hashable, Sendable {
  enum Space: UInt8, BitwiseCopyable {
    /// Parameters, statistics and what optimisers remember; shared by all plans of a model.
    case state
    /// What a run computes and forgets.
    case scratch
    /// What a plan computes once, for as long as the state stands still.
    case persistent
  }

  var space: Space
  /// In words.
  var offset: Int
  var count: Int
}

/// The addresses of a plan's arenas. The one place where a region becomes a pointer.
@unsafe struct ArenaBases {
  var state: UnsafeMutablePointer<Float>
  var scratch: UnsafeMutablePointer<Float>
  var persistent: UnsafeMutablePointer<Float>

  subscript(region: Region) -> UnsafeMutablePointer<Float> {
    switch region.space {
    case .state: unsafe state + region.offset
    case .scratch: unsafe scratch + region.offset
    case .persistent: unsafe persistent + region.offset
    }
  }

  /// Where counters lie: 64-bit integers, each in the place of two floats.
  func counters(_ region: Region) -> UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(self[region]) }

  /// A pointer to nothing for what an op may lack.
  subscript(optional region: Region?) -> UnsafeMutablePointer<Float>? {
    unsafe region.map { unsafe self[$0] }
  }
}

import Glibc

/// Philox4x32-10: random words as a pure function of a counter and a key.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
public enum Philox {
  public static func words(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) * UInt64(c0)
      let second = UInt64(0xCD9E_8D57) * UInt64(c2)
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: first)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }
}

/// What random numbers are drawn for. Streams of one seed never share a number.
public enum RandomStream: UInt32, Sendable {
  case initialization = 1
  case noise = 2
  case dataOrder = 3
  case augmentation = 4
  case syntheticData = 5
  case sampleNoise = 6
  /// And the following: one for each dropout layer.
  case dropout = 0x1000
}

/// Random numbers of one stream of one seed; every number is a function of (seed, stream, step, index)
/// alone, whoever draws it and when.
public struct RandomSource: Sendable {
  package let key: (UInt32, UInt32)
  package let stream: UInt32
  package let step: UInt32

  /// - Parameters:
  ///   - substream: Tells apart users of one stream: a parameter's index, an image's.
  public init(seed: Int, stream: RandomStream, substream: Int = 0, step: Int = 0) {
    let bits = UInt64(bitPattern: Int64(seed))
    key = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
    self.stream = stream.rawValue &+ UInt32(truncatingIfNeeded: substream) &* 0x1_0001
    self.step = UInt32(truncatingIfNeeded: step)
  }

  /// What a step draws under a name.
  ///
  /// - Parameter ordinal: The place of the run in its step.
  public init(seed: Int, drawing name: String, step: Int, ordinal: Int) {
    self.init(seed: namedSeed(seed, name), stream: .noise, substream: ordinal, step: step)
  }

  public init(seed: Int, rawStream: Int, step: Int) {
    let bits = UInt64(bitPattern: Int64(seed))
    key = (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
    stream = UInt32(truncatingIfNeeded: rawStream)
    self.step = UInt32(truncatingIfNeeded: step)
  }

  func block(_ index: Int) -> (UInt32, UInt32, UInt32, UInt32) {
    Philox.words(
      counter: (
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), step, stream
      ), key: key)
  }

  /// The random word at a position.
  public func word(_ index: Int) -> UInt32 {
    let block = block(index / 4)
    return switch index % 4 {
    case 0: block.0
    case 1: block.1
    case 2: block.2
    default: block.3
    }
  }

  /// A number in [0, 1), a multiple of 2⁻²⁴.
  public func uniform(_ index: Int) -> Double { Double(word(index) >> 8) * 0x1p-24 }

  /// A standard normal number, by Box and Muller's method: words 0 and 1 of a block make its first two numbers,
  /// words 2 and 3 the others.
  public func normal(_ index: Int) -> Double {
    let block = block(index / 4)
    let (first, second) = index % 4 < 2 ? (block.0, block.1) : (block.2, block.3)
    let radius = (-2 * log((Double(first) + 1) * 0x1p-32)).squareRoot()
    let angle = 2 * Double.pi * (Double(second) * 0x1p-32)
    return radius * (index % 2 == 0 ? cos(angle) : sin(angle))
  }

  /// A whole number in 0 ..< bound, from 64 random bits so that the bias is below 2⁻³².
  public func integer(_ index: Int, below bound: Int) -> Int {
    let block = block(index)
    let bits = UInt64(block.0) << 32 | UInt64(block.1)
    return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }
}

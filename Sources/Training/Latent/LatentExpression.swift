import Diagnostics
import Files

/// Arithmetic with latent vectors: `smiling - neutral + 12`, `0.5 * (3 + 8) - sad`.
///
/// A whole number is a sample by its number; a number before `*` is a factor; a name is one of the latents that
/// are given with it.
public struct LatentExpression: Hashable, Sendable {
  /// A mistake in the text, and where it lies.
  public struct Mistake: Error, Hashable, CustomStringConvertible {
    public var text: String
    /// How many characters stand before it.
    public var position: Int
    public var reason: String

    public var description: String {
      "\(text)\n" + String(repeating: " ", count: position) + "^ \(reason)"
    }
  }

  fileprivate enum Vector: Hashable, Sendable {
    case sample(Int)
    case name(String)
  }

  /// All that can be written is a sum of vectors with factors.
  fileprivate struct Term: Hashable, Sendable {
    var factor: Double
    var vector: Vector
  }

  public let text: String
  private let terms: [Term]

  public init(_ text: String) throws(Mistake) {
    var reader = LatentReader(text)
    self.text = text
    terms = try reader.read()
  }

  /// The names that it reads, each once, in their order.
  public var names: [String] {
    terms.reduce(into: []) { found, term in
      if case .name(let name) = term.vector, !found.contains(name) { found.append(name) }
    }
  }

  /// Whether it is one vector as it stands: nothing is added or scaled.
  public var isPlain: Bool { terms.count == 1 && terms[0].factor == 1 }

  /// The value, given a vector for each sample and each name.
  public func value(sample: (Int) -> [Float], named: (String) -> [Float]) -> [Float] {
    var sum: [Double] = []
    for term in terms {
      let vector =
        switch term.vector {
        case .sample(let number): sample(number)
        case .name(let name): named(name)
        }
      if sum.isEmpty { sum = Array(repeating: 0, count: vector.count) }
      for (place, value) in vector.enumerated() { sum[place] += term.factor * Double(value) }
    }
    return sum.map { Float($0) }
  }
}

/// Reads an expression from left to right.
private struct LatentReader {
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  private static let deepest = 64

  init(_ text: String) { characters = Array(text) }

  mutating func read() throws(LatentExpression.Mistake) -> [LatentExpression.Term] {
    let terms = try sum()
    guard position == characters.count else { throw mistake("expected + or - here") }
    return terms
  }

  private mutating func sum() throws(LatentExpression.Mistake) -> [LatentExpression.Term] {
    var result: [LatentExpression.Term] = []
    var sign = take("-") ? -1.0 : 1
    while true {
      for var term in try product() {
        term.factor *= sign
        result.append(term)
      }
      if take("-") {
        sign = -1
      } else if take("+") {
        sign = 1
      } else {
        return result
      }
    }
  }

  /// Factors, and what they stand before.
  private mutating func product() throws(LatentExpression.Mistake) -> [LatentExpression.Term] {
    var factor = 1.0
    while true {
      skipSpaces()
      guard position < characters.count else { throw mistake("expected a sample's number or a name") }
      if take("(") {
        depth += 1
        guard depth <= Self.deepest else {
          throw mistake("more than \(Self.deepest) brackets within each other")
        }
        let inner = try sum()
        guard take(")") else { throw mistake("expected ) here") }
        depth -= 1
        return inner.map { .init(factor: $0.factor * factor, vector: $0.vector) }
      }
      let start = position
      guard characters[position].isASCII, characters[position].isNumber else {
        let name = word { $0.isLetter || $0.isNumber || $0 == "_" }
        guard !name.isEmpty else { throw mistake("expected a sample's number or a name") }
        return [.init(factor: factor, vector: .name(name))]
      }
      let digits = word { $0.isASCII && ($0.isNumber || $0 == ".") }
      if take("*") {
        guard let number = Double(digits), number.isFinite else {
          position = start
          throw mistake("is no number")
        }
        factor *= number
        continue
      }
      guard let number = Int(digits), number <= LatentExpression.largestSample else {
        position = start
        throw mistake("is no sample's number: a whole one, or a factor before *")
      }
      return [.init(factor: factor, vector: .sample(number))]
    }
  }

  private mutating func word(_ belongs: (Character) -> Bool) -> String {
    let start = position
    while position < characters.count, belongs(characters[position]) { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func skipSpaces() {
    while position < characters.count, characters[position] == " " { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpaces()
    guard position < characters.count, characters[position] == character else { return false }
    position += 1
    return true
  }

  private func mistake(_ reason: String) -> LatentExpression.Mistake {
    .init(text: String(characters), position: min(position, characters.count), reason: reason)
  }
}

extension LatentExpression {
  /// The largest number of a sample: what the random numbers can tell apart.
  public static let largestSample = Int(UInt32.max)
}

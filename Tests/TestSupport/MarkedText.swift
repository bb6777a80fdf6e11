import Diagnostics

/// A model's text in which `▸` and `◂` stand around the places where mistakes are expected.
public struct MarkedText: Sendable {
  /// The text without the marks.
  public let text: String
  /// The places, as UTF-8 offsets of `text`, in the order of their beginnings.
  public let places: [Range<Int>]

  public init(_ marked: String) {
    var text: [UInt8] = []
    var open: [Int] = []
    var places: [Range<Int>] = []
    for character in marked {
      switch character {
      case "▸": open.append(text.count)
      case "◂":
        precondition(!open.isEmpty, "a `◂` without its `▸`")
        places.append(open.removeLast()..<text.count)
      default: text += Array(String(character).utf8)
      }
    }
    precondition(open.isEmpty, "a `▸` without its `◂`")
    self.text = String(decoding: text, as: UTF8.self)
    self.places = places.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
  }
}

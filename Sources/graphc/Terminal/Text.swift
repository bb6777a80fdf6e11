import Diagnostics
import Glibc

/// Numbers and tables as people read them.
enum Text {
  /// 1234567 as `1,234,567`.
  static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A number with so many decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let rounded = (abs(value) * scale).rounded()
    guard rounded < 9e15 else { return "\(value)" }
    let whole = Int(rounded)
    let sign = value < 0 && whole != 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % Int(scale))
    return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: decimals - fraction.count)
      + fraction
  }

  /// A positive number with two digits, as `2.0e-5`; others as Swift writes them.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "\(value)" }
    var exponent = Int(log10(value).rounded(.down))
    var mantissa = (value / pow(10, Double(exponent)) * 10).rounded() / 10
    if mantissa >= 10 { (mantissa, exponent) = (1, exponent + 1) }
    return "\(fixed(mantissa, 1))e\(exponent)"
  }

  /// Bytes as `312 MB`, by powers of 1000.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return "\(fixed(value, value < 10 && unit > 0 ? 1 : 0)) \(units[unit])"
  }

  /// Operations as `160 GFLOP`.
  static func flops(_ count: Double) -> String {
    let units = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"]
    var value = count
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return "\(fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)) \(units[unit])"
  }

  /// A duration as `1:02:03` or `4:05`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "–" }
    let total = Int(max(seconds, 0).rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  static func shape(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: "×") }

  enum Alignment {
    case left, right
  }

  /// Rows of cells, each in one line (`visibleText`), padded to the width of their columns.
  static func table(_ rows: [[String]], _ alignments: [Alignment], indent: String = "") -> String {
    let rows = rows.map { $0.map(visibleText) }
    var widths = Array(repeating: 0, count: alignments.count)
    for row in rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    return rows.map { row in
      var line = indent
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if column > 0 { line += "  " }
        line += alignments[column] == .left ? cell + padding : padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

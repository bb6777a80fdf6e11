import Interchange
import Testing

@Suite struct JSONCursorTests {
  private func number(_ text: String) throws(MalformedText) -> Double? {
    var cursor = JSONCursor(Array(text.utf8))
    let number = try cursor.readNumberOrNull()
    try cursor.expectEnd()
    return number
  }

  @Test(arguments: [
    ("0", 0), ("-0.5", -0.5), (" 12 ", 12), ("1e-4", 1e-4), ("2.5E+3", 2500),
    ("1.7976931348623157e308", 1.7976931348623157e308),
  ]) func aNumberIsRead(text: String, value: Double) throws {
    #expect(try number(text) == value)
  }

  @Test func nullIsNoNumber() throws {
    #expect(try number("null") == nil)
  }

  @Test(arguments: ["", "-", "01", "1.", ".5", "1e", "1e+", "+1", "nul", "n ull", "NaN", "inf", "0x1", "1_0"])
  func whatIsNoNumberIsRefused(text: String) {
    #expect(throws: MalformedText.self) { try number(text) }
  }
}

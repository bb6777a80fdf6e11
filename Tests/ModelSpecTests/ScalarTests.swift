import ModelSpec
import TestSupport
import Testing

/// YAML 1.2's core schema, where YAML 1.1 or a guess would read something else.
struct ScalarTests {
  @Test(arguments: [
    ("10", 10), ("010", 10), ("0", 0), ("-3", -3), ("+3", 3), ("0x1F", 31), ("0o17", 15),
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
  ])
  func `whole numbers`(text: String, value: Int) { #expect(YAMLScalar.int(text) == value) }

  @Test(arguments: [
    "", "-", "+", "1_000", "0b1", "1.0", "1e3", "0x", "0x-5", "0o8", "9223372036854775808", "٣", " 1", "1 ",
    "12:30",
  ])
  func `no whole numbers`(text: String) { #expect(YAMLScalar.int(text) == nil) }

  @Test(arguments: [
    ("1e-4", 0.0001), ("1E3", 1000.0), (".5", 0.5), ("1.", 1.0), ("-1.5e+2", -150.0), ("0.0002", 0.0002),
    ("1.e2", 100), ("1e-08", 1e-8),
  ])
  func `numbers`(text: String, value: Double) { #expect(YAMLScalar.double(text) == value) }

  @Test(arguments: [
    "", ".", "-", "1e", "e3", ".inf", ".nan", "1e400", "0x1.8p3", "nan", "1.2.3", "--1", "1e-",
  ])
  func `no numbers`(text: String) { #expect(YAMLScalar.double(text) == nil) }

  @Test(arguments: ["true", "True", "TRUE"]) func `true`(text: String) {
    #expect(YAMLScalar.bool(text) == true)
  }
  @Test(arguments: ["false", "False", "FALSE"]) func `false`(text: String) {
    #expect(YAMLScalar.bool(text) == false)
  }

  @Test(arguments: ["yes", "no", "on", "off", "y", "n", "tRUE", "1", ""])
  func `yes and on are strings`(text: String) { #expect(YAMLScalar.bool(text) == nil) }

  @Test(arguments: ["yes", "on", "'true'", "1"]) func `a flag must be true or false`(text: String) {
    expect(SmallModel.with { $0.train += "  drop_last: ▸\(text)◂\n" }, finds: "spec/wrong-type")
  }

  @Test func `a name may look like a flag`() throws {
    let spec = try #require(load("name: yes\n" + SmallModel().text).spec)
    #expect(spec.name == "yes")
  }

  @Test(arguments: [("1e-4", 0.0001), ("2e-4", 0.0002), ("010", 10), ("1/5000", 0.0002)])
  func `numbers in a model`(text: String, value: Double) throws {
    let spec = try #require(load(SmallModel.with { $0.train += "  optimizer: {adam: \(text)}\n" }).spec)
    #expect(spec.train.generatorOptimizer.number("lr") == value)
  }

  @Test(arguments: ["~", "null", "''", ".inf", "1e400", "many", "3 px", "[1]", "{a: 1}", "true"])
  func `a number must be one`(text: String) {
    let codes = load(SmallModel.with { $0.train += "  seed: \(text)\n" }).diagnostics.map(\.kind.code)
    #expect(codes.count == 1)
    #expect(["spec/wrong-type", "expression/syntax", "expression/unknown-name"].contains(codes.first))
  }
}

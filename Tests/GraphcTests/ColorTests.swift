import Testing

/// Colours and the progress bar, which belong on a terminal and nowhere else.
@Suite struct ColorTests {
  private static let escape = "\u{1B}["

  @Test("a file gets no colours, unless `--color always` asks for them")
  func filesArePlain() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      #expect(try !graphc.run("check", "model.yaml").messages.contains(Self.escape))
      #expect(try graphc.run("check", "model.yaml", "--color", "always").messages.contains(Self.escape))
      let results = try graphc.run("check", "model.yaml", "--color", "always", "--format", "json").output
      #expect(!results.contains(Self.escape))
    }
  }

  @Test("a terminal gets colours, unless NO_COLOR, TERM=dumb or `--color never` forbids them")
  func terminalsAreColored() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      func text(_ environment: [String: String], _ options: String...) throws -> String {
        var graphc = graphc
        graphc.environment = environment
        return try Terminal().text(of: graphc, ["check", "model.yaml"] + options)
      }
      #expect(try text(["TERM": "xterm"]).contains(Self.escape))
      #expect(try !text(["TERM": "xterm", "NO_COLOR": "1"]).contains(Self.escape))
      #expect(try !text(["TERM": "dumb"]).contains(Self.escape))
      #expect(try !text(["TERM": "xterm"], "--color", "never").contains(Self.escape))
      #expect(try text(["TERM": "dumb", "NO_COLOR": "1"], "--color", "always").contains(Self.escape))
    }
  }

  @Test("progress is drawn over itself on a terminal, and in lines elsewhere")
  func progress() throws {
    try withGraphc { graphc throws in
      var terminal = graphc
      terminal.environment = ["TERM": "xterm"]
      let drawn = try Terminal().text(of: terminal, ["train", "model.yaml", "--out", "a"])
      #expect(drawn.contains("\rstep 9/9") || drawn.contains("\r["))
      // No line reaches the edge of 80 columns, where it would wrap.
      let lines = drawn.split(whereSeparator: { $0 == "\r" || $0 == "\n" || $0 == "\r\n" })
      #expect(lines.filter { $0.contains("step ") && $0.contains("loss_d") }.allSatisfy { $0.count < 80 })
      terminal.environment = ["TERM": "dumb"]
      let dumb = try Terminal().text(of: terminal, ["train", "model.yaml", "--out", "b"])
      #expect(!dumb.contains("\rstep"))
      #expect(try !graphc.run("train", "model.yaml", "--out", "c").messages.contains("\r"))
    }
  }
}

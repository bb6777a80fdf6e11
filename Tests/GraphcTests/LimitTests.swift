import Foundation
import Glibc
import Testing

/// What the system refuses is an exit code and a sentence: no trap, no wait without end.
@Suite struct LimitTests {
  /// Runs a training under limits; a program that hangs is killed.
  private func train(_ graphc: GraphcBinary, _ limits: String, out: String) throws -> GraphcBinary.Outcome {
    try graphc.shell("\(limits); exec timeout -s KILL 60 $G train model.yaml --max-steps 2 --out \(out)")
  }

  private func expectAnswer(_ outcome: GraphcBinary.Outcome, _ what: String) {
    // 126 and 127: the program could not be started at all, and the loader says why.
    #expect([0, 65, 74, 126, 127].contains(outcome.status), "\(what): \(outcome)")
    #expect(outcome.status == 0 || !outcome.messages.isEmpty, "\(what)")
    #expect(!outcome.messages.contains("Fatal error"), "\(what)")
  }

  @Test("addresses", arguments: (6...40).map { 10_000 * $0 })
  func addresses(kilobytes: Int) throws {
    let model = TinyModel.text.replacing("out_channels: 4", with: "out_channels: 256")
      .replacing("batch_size: 8", with: "batch_size: 512").replacing("count: 20", with: "count: 1024")
    try withGraphc(model: model) { graphc throws in
      let outcome = try train(graphc, "ulimit -v \(kilobytes)", out: "r")
      expectAnswer(outcome, "ulimit -v \(kilobytes)")
      if outcome.status == 65 {
        #expect(outcome.messages.contains("of memory, and there is"))
        #expect(!FileManager.default.fileExists(atPath: "\(graphc.folder)/r"))
      }
      for command in ["check model.yaml", "ir model.yaml", "bench model.yaml --steps 1"] {
        expectAnswer(
          try graphc.shell("ulimit -v \(kilobytes); exec timeout -s KILL 60 $G \(command) >/dev/null"),
          "\(command) in \(kilobytes)")
      }
    }
  }

  @Test("descriptors")
  func descriptors() throws {
    try withGraphc { graphc throws in
      for count in [3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 64] {
        let outcome = try train(graphc, "ulimit -n \(count)", out: "r\(count)")
        expectAnswer(outcome, "ulimit -n \(count)")
        if count >= 16 { #expect(outcome.status == 0, "\(outcome)") }
        if outcome.status == 74 { #expect(outcome.messages.contains("Too many open files")) }
      }
    }
  }

  @Test("threads: one is enough")
  func threads() throws {
    try withGraphc { graphc throws in
      // The limit does not hold for root.
      let become =
        getuid() == 0 ? "chmod 777 . && exec setpriv --reuid=65534 --clear-groups bash -c" : "exec bash -c"
      for (limit, arguments, expected) in [
        (1, "--threads 1", [0]), (1, "", [0]), (2, "", [0]), (1, "--threads 4", [74]),
      ] {
        let outcome = try graphc.shell(
          "export G; \(become) 'ulimit -u \(limit); exec $G train model.yaml --max-steps 2 --out r\(limit)\(arguments.count) \(arguments)'"
        )
        #expect(expected.contains(outcome.status), "\(limit) \(arguments): \(outcome)")
        if outcome.status == 74 { #expect(outcome.messages.contains("does not start so many")) }
      }
    }
  }

  @Test("sizes of files")
  func fileSizes() throws {
    try withGraphc { graphc throws in
      for blocks in [0, 1, 2, 4, 8, 16, 100_000] {
        for prefix in ["", "trap '' XFSZ; "] {
          // What it says goes through a pipe, and must not meet the limit.
          let outcome = try graphc.shell(
            """
            (\(prefix)ulimit -f \(blocks); exec $G train model.yaml --max-steps 2 --out r) 2>&1 >/dev/null | cat >&2
            exit ${PIPESTATUS[0]}
            """)
          #expect([0, 74].contains(outcome.status), "\(blocks): \(outcome)")
          if outcome.status == 74 { #expect(outcome.messages.contains("File too large")) }
          #expect(
            (try? FileManager.default.subpathsOfDirectory(atPath: "\(graphc.folder)/r"))?
              .contains { $0.contains(".graphc") } != true)
          try? FileManager.default.removeItem(atPath: "\(graphc.folder)/r")
        }
      }
    }
  }

  @Test(
    "closed streams: no message lands in a file of the run",
    arguments: [
      "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-",
    ], ["--threads 1", "--threads 2"])
  func closedStreams(streams: String, threads: String) throws {
    try withGraphc { graphc throws in
      let line = "$G train model.yaml --max-steps 6 --out run \(threads) \(streams)"
      #expect(try graphc.shell(line).status == 0)
      let run = RunFiles(folder: "\(graphc.folder)/run")
      #expect(try run.metrics().count == 6)
      #expect(try run.text("run.lock").allSatisfy { $0.isNumber || $0 == "\n" })
      #expect(try graphc.run("train", "--resume", "run", "--max-steps", "9").status == 0)
    }
  }

  @Test("without `/proc`, `HOME` and a place to write")
  func bareSystems() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell("env -i $G train model.yaml --max-steps 1 --out r")
      #expect(outcome.status == 0)
      guard try graphc.shell("unshare -m true").status == 0 else { return }
      let hidden = "unshare -m bash -c 'mount -t tmpfs none /proc && exec $G"
      #expect(try graphc.shell("export G; \(hidden) check nowhere.yaml'").status == 65)
      #expect(try graphc.shell("export G; \(hidden) train model.yaml --max-steps 1 --out p'").status == 0)
      #expect(try graphc.shell("export G; \(hidden) sample r --output p.png'").status == 0)
      let readOnly = "unshare -m bash -c 'mount -t tmpfs -o ro none r && exec $G"
      let refused = try graphc.shell("export G; \(readOnly) train model.yaml --max-steps 1 --out r/a'")
      #expect(refused.status == 74)
      #expect(refused.messages.contains("Read-only file system"))
    }
  }

  @Test("the threads are those of the processors that the process is bound to")
  func processors() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell("taskset -c 0 $G train model.yaml --max-steps 1 --out r")
      #expect(outcome.messages.contains(", 1 thread, "))
    }
  }
}

import Foundation
import Glibc
import Testing

/// Signals: the step is finished, the state saved, the exit code right.
@Suite struct SignalTests {
  /// A run that would take a day.
  private static let endless = [
    "train", "model.yaml", "--out", "run", "--set", "train.epochs=10000000",
    "--set", "train.checkpoint_every=100000000", "--set", "train.sample_every=100000000",
  ]

  private func start(_ graphc: GraphcBinary) throws -> RunningProgram {
    let running = try graphc.start(Self.endless)
    try running.waitUntil { $0.contains("step 1/") }
    return running
  }

  private func expectSaved(_ graphc: GraphcBinary, _ what: String) throws {
    let run = RunFiles(folder: "\(graphc.folder)/run")
    let name = try run.text("checkpoints/latest").trimmingCharacters(in: .newlines)
    let step = try #require(Int(name.dropFirst(5).prefix { $0.isNumber }))
    #expect(try run.metrics().count == step, "\(what)")
    let resumed = try graphc.run("train", "--resume", "run", "--max-steps", "\(step + 1)")
    #expect(resumed.status == 0, "\(what): \(resumed.messages)")
  }

  @Test(
    "each signal alone and many at once", arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU],
    [1, 2, 20])
  func saved(signal: Int32, count: Int) throws {
    try withGraphc { graphc throws in
      let running = try start(graphc)
      usleep(UInt32.random(in: 0..<200_000))
      let clock = ContinuousClock()
      let began = clock.now
      for _ in 0..<count {
        kill(running.process, signal)
        usleep(UInt32.random(in: 0..<500))
      }
      let outcome = try running.wait()
      #expect(outcome.status == 128 + Int(signal))
      // Machines that build at the same time are slow; what hangs takes minutes.
      #expect(clock.now - began < .seconds(20))
      #expect(outcome.messages.contains("stopped; go on with: graphc train --resume run"))
      try expectSaved(graphc, "\(signal) × \(count)")
    }
  }

  @Test("different signals at once: the first decides")
  func mixed() throws {
    try withGraphc { graphc throws in
      let running = try start(graphc)
      for signal in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGINT, SIGXCPU] { kill(running.process, signal) }
      let outcome = try running.wait()
      #expect([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGXCPU].map { 128 + Int($0) }.contains(outcome.status))
      try expectSaved(graphc, "mixed")
    }
  }

  @Test("what was ignored at the start stays ignored", arguments: ["INT", "HUP", "TERM", "USR1"])
  func ignored(name: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell(
        """
        trap '' \(name); $G train model.yaml --out run --set train.epochs=300 2>err >/dev/null & p=$!
        while ! grep -q 'step 1/' err; do sleep 0.01; done; kill -\(name) $p; wait $p
        """)
      #expect(outcome.status == 0)
    }
  }

  @Test("before training begins a signal ends the program at once", arguments: [SIGINT, SIGTERM, SIGHUP])
  func beforeTraining(signal: Int32) throws {
    let model = TinyModel.text.replacing("{synthetic: {count: 20, flip: true}}", with: "{folder: p}")
    try withGraphc(model: model) { graphc throws in
      try FileManager.default.createDirectory(atPath: "\(graphc.folder)/p", withIntermediateDirectories: true)
      let running = try graphc.startShell("mkfifo model; exec $G train model --out run")
      usleep(500_000)
      kill(running.process, signal)
      #expect(try running.wait().status == 128 + Int(signal))
      #expect(!FileManager.default.fileExists(atPath: "\(graphc.folder)/run"))
    }
  }

  @Test("a second deliberate Ctrl-C leaves at once", .timeLimit(.minutes(2)))
  func deliberate() throws {
    // Its steps take longer than the pause between the two.
    let model = TinyModel.text.replacing("out_channels: 4", with: "out_channels: 1024")
      .replacing("batch_size: 8", with: "batch_size: 4096").replacing("count: 20", with: "count: 16384")
    try withGraphc(model: model) { graphc throws in
      let running = try graphc.start(Self.endless)
      try running.waitUntil { $0.contains("into run") }
      usleep(300_000)
      kill(running.process, SIGINT)
      usleep(700_000)
      let wasRunning = running.isRunning
      let clock = ContinuousClock()
      let began = clock.now
      kill(running.process, SIGINT)
      let outcome = try running.wait()
      #expect(outcome.status == 130)
      if wasRunning { #expect(clock.now - began < .seconds(5)) }
      #expect(
        try FileManager.default.subpathsOfDirectory(atPath: "\(graphc.folder)/run").allSatisfy {
          !$0.contains(".graphc")
        })
    }
  }

  @Test("`--time-limit` stops in time, saved, with 0")
  func timeLimit() throws {
    try withGraphc { graphc throws in
      let clock = ContinuousClock()
      let began = clock.now
      let outcome = try graphc.run(Self.endless + ["--time-limit", "4s"])
      #expect(outcome.status == 0)
      #expect(clock.now - began < .seconds(20))
      #expect(outcome.messages.contains("stopped for the time limit; go on with: graphc train --resume run"))
      try expectSaved(graphc, "--time-limit")
      for wrong in ["", "4", "s", "-1s", "4x", "1s1h", "0s", "nan", "99999999999999999999d"] {
        #expect(try graphc.run("train", "model.yaml", "--time-limit=\(wrong)").status == 64, "\(wrong)")
      }
    }
  }
}

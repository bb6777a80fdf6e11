import Glibc
import TestSupport
import Testing

/// `graphc check`.
@Suite struct CheckTests {
  @Test("a sound model's table has each layer's shape, parameters, products and line")
  func tableShowsLayers() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("check", "model.yaml")
      #expect(outcome.status == 0)
      #expect(outcome.messages == "")
      let row = try #require(outcome.lines.first { $0.contains("conv_transpose2d") })
      // 4 numbers to 4 channels of 4×4 pixels through 4·4 weights each: 256 parameters and products.
      #expect(
        row.split(separator: " ").map(String.init) == ["0", "conv_transpose2d", "4×4×4", "256", "256", "5"])
      #expect(outcome.output.contains("training step, batch 8"))
      #expect(outcome.output.contains("peak memory"))
      #expect(outcome.output.contains("adam of a whole network"))
    }
  }

  @Test("the step's line says when it may round to bf16")
  func precision() throws {
    try withGraphc { graphc throws in
      let bf16 = try graphc.run("check", "model.yaml", "--set", "train.precision=bf16")
      #expect(bf16.output.contains("training step, batch 8, bf16: "))
      #expect(try graphc.run("check", "model.yaml").output.contains("training step, batch 8: "))
    }
  }

  @Test("the JSON of a sound model has the fields that scripts hold on to")
  func jsonHasTheContract() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("check", "model.yaml", "--format", "json")
      #expect(outcome.status == 0)
      let json = try JSON(outcome.output)
      #expect(json["diagnostics"].array.isEmpty)
      let layers = json["networks"]["generator"]["layers"].array
      #expect(
        layers.compactMap { $0["op"].string } == [
          "conv_transpose2d", "batch_norm2d", "relu", "conv_transpose2d", "tanh",
        ])
      #expect(layers.map { $0["name"].string } == ["0", "1", "2", "3", "4"])
      #expect(layers.map { $0["line"].int } == [5, 6, 7, 8, 9])
      #expect(layers[3]["output_shape"].ints == [1, 8, 8])
      // 4 channels through 4·4 weights to one, and its bias.
      #expect(layers[3]["parameters"].int == 65)
      // Each of the 16 pixels of 4 channels meets 4·4 weights.
      #expect(layers[3]["macs"].int == 1024)
      #expect(json["networks"]["discriminator"]["layers"].array.count == 4)
      #expect(json["step"]["precision"].string == "fp32")
      #expect(try #require(json["step"]["flops"].number) > 0)
      #expect(try #require(json["step"]["peak_memory_bytes"].int) > 0)
    }
  }

  @Test("a broken model's JSON says what, where, why, and how it is mended")
  func jsonOfMistakes() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      let outcome = try graphc.run("check", "model.yaml", "--format", "json")
      #expect(outcome.status == 65)
      let json = try JSON(outcome.output)
      let diagnostic = json["diagnostics"][0]
      #expect(
        diagnostic.keys.isSuperset(of: [
          "code", "severity", "message", "file", "line", "column", "end_line", "end_column", "notes", "fixes",
        ]))
      #expect(diagnostic["code"].string == "agreement/score-shape")
      #expect(diagnostic["severity"].string == "error")
      #expect(diagnostic["file"].string == "model.yaml")
      #expect(diagnostic["line"].int == 14)
      #expect(diagnostic["column"].int == 5)
      #expect(!diagnostic["fixes"].array.isEmpty)
      #expect(json["step"].keys.isEmpty)
      // What fits is still shown.
      #expect(json["networks"]["generator"]["layers"].array.count == 5)
    }
  }

  @Test("a broken model's text names the file, the line and the code, and ends with 65")
  func textOfMistakes() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      let outcome = try graphc.run("check", "model.yaml")
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("error[agreement/score-shape]"))
      #expect(outcome.messages.contains("--> model.yaml:14:5"))
      #expect(outcome.messages.contains("graphc explain agreement/score-shape"))
    }
  }

  @Test("checking a broken model writes nothing")
  func nothingIsWritten() throws {
    try withGraphc(model: TinyModel.broken) { graphc throws in
      for arguments in [
        ["check", "model.yaml"], ["train", "model.yaml"], ["train", "model.yaml", "--out", "run"],
      ] {
        #expect(try graphc.run(arguments).status == 65)
      }
      #expect(try RunFiles(folder: graphc.folder).names(in: ".") == ["model.yaml"])
    }
  }

  @Test("a file that is missing is an error with 65, a word on standard error and no trace of a bug")
  func missingModel() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("check", "nowhere.yaml")
      #expect(outcome.status == 65)
      #expect(outcome.output == "")
      #expect(outcome.messages.contains("`nowhere.yaml` cannot be read"))
    }
  }

  @Test("`--set` changes a value, and a wrong one is pointed at")
  func overrides() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(
        "check", "model.yaml", "--format", "json", "--set", "train.batch_size=16", "--set", "latent=7")
      let json = try JSON(outcome.output)
      #expect(json["step"]["batch_size"].int == 16)
      #expect(json["networks"]["generator"]["layers"][0]["parameters"].int == 7 * 4 * 16)
      let wrong = try graphc.run("check", "model.yaml", "--set", "train.batchsize=16")
      #expect(wrong.status == 65)
      #expect(wrong.messages.contains("batch_size"))
    }
  }

  @Test("the memory grows with the batch, and images of an unknown number are named")
  func memoryIsPredicted() throws {
    try withGraphc { graphc throws in
      func peak(_ batch: Int) throws -> Int {
        let outcome = try graphc.run(
          "check", "model.yaml", "--format", "json", "--set", "train.batch_size=\(batch)")
        return try #require(try JSON(outcome.output)["step"]["peak_memory_bytes"].int)
      }
      #expect(try peak(4096) > peak(64) + 4000 * 64 * 4)
      let folder = try graphc.run("check", "model.yaml", "--set", "train.data={folder: photos}")
      #expect(folder.status == 0)
      #expect(folder.output.contains("; the images of the data set come on top, at most 537 MB"))
    }
  }
}

/// What holds for every command.
@Suite struct CommandLineTests {
  @Test(
    "wrong usage ends with 64 and says how it is meant",
    arguments: [
      ["frobnicate"], ["check"], ["check", "model.yaml", "--format", "xml"], ["train"],
      ["train", "model.yaml", "--resume", "run"], ["train", "--resume", "run", "--seed", "1"],
      ["train", "model.yaml", "--max-steps", "0"], ["train", "model.yaml", "--seed", "-1"],
      ["check", "model.yaml", "--threads", "0"], ["ir", "model.yaml", "--after", "fuse-everything"],
      ["ir", "model.yaml", "--disable-pass", "nothing"],
      ["bench", "model.yaml", "--disable-pass", "nothing"],
      ["sample", "run", "--count", "0"], ["bench", "model.yaml", "--steps", "0"],
      ["explain", "shape/nothing-of-it"],
    ])
  func usageErrors(arguments: [String]) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run(arguments)
      #expect(outcome.status == 64)
      #expect(outcome.output == "")
      #expect(outcome.messages.contains("Error:"))
    }
  }

  @Test(
    "help ends with 0 on standard output",
    arguments: ["check", "train", "sample", "verify", "bench", "ir", "explain"])
  func help(command: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("help", command)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("USAGE: graphc \(command)"))
    }
  }

  @Test("results that cannot be written end with 74")
  func fullOutput() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.start(["ir", "model.yaml"], standardOutput: "/dev/full").wait()
      #expect(outcome.status == 74)
      #expect(outcome.messages.contains("No space left on device"))
    }
  }

  @Test("a reader that stops reading is no error")
  func closedPipe() throws {
    try withGraphc { graphc throws in
      let pipe = graphc.folder + "/pipe"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      let reader = unsafe open(pipe, O_RDONLY | O_NONBLOCK)
      // More than a pipe holds, so that the program still writes when nobody reads any more.
      let running = try graphc.start(["ir", "\(packageRoot())/models/dcgan-64.yaml"], standardOutput: pipe)
      var byte: UInt8 = 0
      while unsafe read(reader, &byte, 1) != 1 { usleep(1000) }
      close(reader)
      let outcome = try running.wait()
      #expect(outcome.status == 0)
      #expect(outcome.messages == "")
    }
  }
}

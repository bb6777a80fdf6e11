import Files
import Foundation
import Glibc
import Testing

/// Files that are none, names that are no text, folders that lead elsewhere.
@Suite struct HostileFilesTests {
  @Test("a FIFO, a device or a folder in the place of a file is named at once", .timeLimit(.minutes(2)))
  func noFiles() throws {
    try withGraphc { graphc throws in
      #expect(unsafe mkfifo("\(graphc.folder)/pipe", 0o600) == 0)
      try FileManager.default.createDirectory(
        atPath: "\(graphc.folder)/folder", withIntermediateDirectories: true)
      for (place, path) in ["pipe", "folder", "/dev/zero", "/dev/tty"].flatMap({ path in
        ["extends", "weights", "sample", "verify", "idx", "cifar10"].map { ($0, path) }
      }) where !(place == "cifar10" && path == "folder") && !(place == "sample" && path == "folder") {
        try Data("extends: \(path)\n".utf8).write(to: URL(filePath: "\(graphc.folder)/m.yaml"))
        let arguments =
          switch place {
          case "extends": ["check", "m.yaml"]
          case "weights": ["train", "model.yaml", "--out", "r", "--weights", path]
          case "sample": ["sample", "--model", "model.yaml", path + ".safetensors"]
          case "verify": ["verify", "model.yaml", path]
          default: ["train", "model.yaml", "--out", "r", "--set", "train.data={\(place): \(path)}"]
          }
        if place == "sample" {
          try? FileManager.default.createSymbolicLink(
            atPath: "\(graphc.folder)/\(path).safetensors", withDestinationPath: path)
        }
        let outcome = try graphc.shell(
          "exec timeout -s KILL 20 $G \(arguments.map { "'\($0)'" }.joined(separator: " "))")
        #expect(outcome.status == 65 || outcome.status == 74, "\(place) \(path): \(outcome)")
        #expect(!outcome.messages.isEmpty)
      }
    }
  }

  @Test("a model comes out of a pipe, too")
  func pipes() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.shell("$G check <(cat model.yaml)").status == 0)
      #expect(try graphc.shell("cat model.yaml | $G check /dev/stdin").status == 0)
    }
  }

  @Test("names that are no UTF-8 are names like others")
  func latin1() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell(
        #"""
        d=$'caf\xe9'; mkdir "$d" && cp model.yaml "$d/m\xff.yaml" 2>/dev/null; cp model.yaml "$d"/$'m\xff.yaml' || exit 99
        "$G" train "$d"/$'m\xff.yaml' --max-steps 2 --out "$d"/$'run\xfe' >out || exit 98
        mkdir "$d/p"; cp "$d"/$'run\xfe'/samples/*.png "$d"/p/$'a\xe9.png'; cp "$d"/p/$'a\xe9.png' "$d"/p/$'b\xe8.png'
        "$G" train "$d"/$'m\xff.yaml' --set train.data.folder="$d/p" --set train.data="{folder: $d/p}" --set train.batch_size=2 --max-steps 1 --out "$d/run2" >/dev/null || exit 97
        "$G" train --resume "$d/run2" --max-steps 2 >/dev/null || exit 96
        "$G" train --resume "$d"/$'run\xfe' --max-steps 3 >/dev/null || exit 95
        "$G" sample "$d"/$'run\xfe' --output "$d"/$'s\xe9.png' || exit 94
        [ -s "$d"/$'s\xe9.png' ] || exit 93
        """#)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output == #"caf\xE9/s\xE9.png\#n"#)
      #expect(outcome.messages.contains(#"caf\xE9/run\xFE"#))
    }
  }

  @Test(
    "a run's folder with a link in it is refused before anything is touched",
    arguments: [
      "run.lock", "report.html", "metrics.jsonl", "resolved.yaml", "samples", "checkpoints",
      "checkpoints/latest", "checkpoints/step-000002.safetensors", "samples/step-000002.png",
    ])
  func links(name: String) throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      let outcome = try graphc.shell(
        """
        cp -r run saved; mv run/\(name) outside && ln -s "$PWD/outside" run/\(name) || exit 99
        (find run outside -type f | sort; find run outside -type f | sort | xargs cat) | sha256sum > before
        "$G" train --resume run --max-steps 4 >/dev/null; rc=$?
        (find run outside -type f | sort; find run outside -type f | sort | xargs cat) | sha256sum > after
        cmp before after || exit 98
        exit $rc
        """)
      #expect(outcome.status == 65)
      #expect(outcome.messages.contains("run/\(name): is a symbolic link"))
    }
  }

  @Test("a pipe in the place of a run's model is refused, not waited for", .timeLimit(.minutes(3)))
  func pipeAsModel() throws {
    try withGraphc { graphc throws in
      #expect(try graphc.run("train", "model.yaml", "--out", "run", "--max-steps", "2").status == 0)
      #expect(try graphc.shell("rm run/resolved.yaml && mkfifo run/resolved.yaml").status == 0)
      for arguments in [
        ["train", "--resume", "run"], ["sample", "run", "--output", "s.png"],
        ["sample", "run/checkpoints/step-000002.safetensors", "--output", "s.png"],
      ] {
        let outcome = try graphc.run(arguments)
        #expect(outcome.status == 65)
        #expect(outcome.messages.contains("run/resolved.yaml: is not a regular file"), "\(outcome.messages)")
      }
    }
  }

  @Test("a run begins in no folder whose parts are links")
  func beginning() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell(
        "mkdir out elsewhere; ln -s ../elsewhere out/samples; $G train model.yaml --out out --max-steps 1; rc=$?; ls elsewhere; exit $rc"
      )
      #expect(outcome.status == 65)
      #expect(outcome.output.isEmpty)
    }
  }

  @Test("private files stay private")
  func permissions() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell(
        """
        umask 022; $G train model.yaml --out run --max-steps 2 >/dev/null || exit 99
        chmod 600 run/report.html run/checkpoints/latest run/metrics.jsonl
        $G train --resume run --max-steps 4 >/dev/null || exit 98
        $G sample run --output s.png >/dev/null; chmod 600 s.png; $G sample run --output s.png --force >/dev/null
        stat -c %a run/report.html run/checkpoints/latest run/metrics.jsonl s.png run/checkpoints/step-000004.safetensors
        umask 077; $G train model.yaml --out secret --max-steps 1 >/dev/null
        find secret -perm /077
        """)
      #expect(outcome.lines == ["600", "600", "600", "600", "644"], "\(outcome)")
    }
  }

  @Test("no temporary file is left, however often the program is killed while it saves")
  func temporaryFiles() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.shell(
        """
        for i in 1 2 3 4 5 6; do
          $G train model.yaml --out r$i --set train.epochs=100000 --set train.checkpoint_every=1 >/dev/null 2>&1 & p=$!
          while ! [ -s r$i/metrics.jsonl ]; do sleep 0.01; done; sleep 0.$i; kill -9 $p; wait $p
          $G train --resume r$i --max-steps 1 >/dev/null 2>&1
          find r$i -name '.graphc*'
        done
        """)
      #expect(outcome.output.isEmpty)
    }
  }
}

import Foundation
import FoundationXML
import Passes
import Testing

/// `graphc ir`.
@Suite struct GraphTests {
  @Test("the step is shown after all passes, before all, and after one")
  func stages() throws {
    try withGraphc { graphc throws in
      func text(_ options: String...) throws -> String {
        let outcome = try graphc.run(["ir", "model.yaml"] + options)
        #expect(outcome.status == 0)
        return outcome.output
      }
      let lowered = try text("--after", "lowering")
      #expect(lowered.contains(" = gradient ") && !lowered.contains("conv2d_weight_gradient"))
      let differentiated = try text("--after", "differentiate")
      #expect(!differentiated.contains(" = gradient ") && differentiated.contains("conv2d_weight_gradient"))
      let whole = try text()
      #expect(whole.contains("fused_convolution"))
      #expect(try text("--after", try #require(Pipeline.training.passNames.last)) == whole)
      #expect(
        try !text(
          "--disable-pass", "fuse-bias", "--disable-pass", "fuse-activation", "--disable-pass",
          "fuse-batch-norm-statistics"
        ).contains("fused_convolution"))
    }
  }

  @Test("`--function` shows a network in inference form", arguments: ["generator", "discriminator"])
  func functions(name: String) throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("ir", "model.yaml", "--function", name)
      #expect(outcome.status == 0)
      #expect(outcome.output.hasPrefix("graph @\(name) infer"))
      #expect(!outcome.output.contains("batch_norm_train"))
    }
  }

  @Test("a pass that is none is answered with those that are, and the nearest")
  func unknownPass() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("ir", "model.yaml", "--after", "fuse-biass")
      #expect(outcome.status == 64)
      #expect(outcome.messages.contains("Did you mean `fuse-bias`?"))
      for name in Pipeline.training.passNames { #expect(outcome.messages.contains(name)) }
    }
  }

  @Test("DOT's edges join nodes that are declared, and its brackets and quotes are closed")
  func dot() throws {
    try withGraphc { graphc throws in
      let outcome = try graphc.run("ir", "model.yaml", "--format", "dot")
      #expect(outcome.status == 0)
      let lines = outcome.lines
      #expect(lines.first == "digraph \"step\" {" && lines.last == "}")
      var declared: Set<Substring> = []
      for line in lines.dropFirst().dropLast() {
        #expect(line.count { $0 == "\"" } % 2 == 0)
        #expect(line.count { $0 == "[" } == line.count { $0 == "]" })
        if let node = line.wholeMatch(of: /\s*(\w+|"[^"]+") \[.*\]/), !line.contains("->") {
          declared.insert(node.1)
        }
      }
      var edges = 0
      for line in lines {
        guard let edge = line.wholeMatch(of: /\s*(\w+) -> (\w+|"[^"]+")( \[.*\])?/) else { continue }
        edges += 1
        #expect(declared.contains(edge.1) && declared.contains(edge.2), "\(line)")
      }
      #expect(edges > 50)
    }
  }

  @Test("the drawing is XML with a box for every op, input and output")
  func svg() throws {
    try withGraphc { graphc throws in
      for function in ["step", "generator"] {
        let text = try graphc.run("ir", "model.yaml", "--function", function).output
        let outcome = try graphc.run("ir", "model.yaml", "--function", function, "--format", "svg")
        #expect(outcome.status == 0)
        let root = try #require(try XMLDocument(xmlString: outcome.output).rootElement())
        #expect(root.name == "svg")
        let boxes = root.elements(forName: "g")
        let ops = text.split(separator: "\n").count { $0.hasPrefix("  %") && $0.contains(" = ") }
        // Found in the text: FoundationXML loses attributes of elements in a default namespace.
        func count(_ kind: String) -> Int {
          outcome.output.split(separator: "<g class=\"\(kind)\"").count - 1
        }
        let (named, outputs) = (count("input"), count("output"))
        #expect(boxes.count - named - outputs == ops)
        #expect(named == (function == "step" ? 2 : 1))
        #expect(outputs == (function == "step" ? 4 : 1))
      }
    }
  }
}

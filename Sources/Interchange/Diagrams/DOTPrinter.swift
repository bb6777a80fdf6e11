import GraphIR

/// A graph for Graphviz: a box a node, an arrow a value, its shape beside it.
public struct DOTPrinter: Sendable {
  private let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  public var text: String {
    let defining = graph.definingNodes()
    var text = "digraph \"\(Self.escaped(graph.name))\" {\n"
    text += "  node [shape=box, style=rounded, fontname=\"Helvetica\"]\n"
    for input in graph.inputs {
      let shape = input.kind == .data ? "ellipse" : "note"
      text += "  v\(input.value.index) [label=\"\(Self.escaped(input.name))\", shape=\(shape)]\n"
    }
    for (index, node) in graph.nodes.enumerated() {
      let layer = node.origin.layer.map { "\\n\(Self.escaped($0))" } ?? ""
      text += "  n\(index) [label=\"\(Self.escaped(node.op.definition.mnemonic))\(layer)\"]\n"
      for operand in node.operands {
        text += "  \(source(of: operand, defining)) -> n\(index) [label=\"\(graph.type(of: operand))\"]\n"
      }
    }
    for output in graph.outputs {
      text += "  \"out \(Self.escaped(output.name))\" [shape=ellipse]\n"
      text += "  \(source(of: output.value, defining)) -> \"out \(Self.escaped(output.name))\"\n"
    }
    for store in graph.stores {
      text += "  \(source(of: store.value, defining)) -> v\(store.target.index) [style=dashed]\n"
    }
    return text + "}\n"
  }

  private func source(of value: ValueID, _ defining: [Int?]) -> String {
    defining[value.index].map { "n\($0)" } ?? "v\(value.index)"
  }

  private static func escaped(_ text: String) -> String {
    String(text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] })
  }
}

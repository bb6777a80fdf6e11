import GraphIR
import Testing

/// A sound graph has no violations; each invariant that is broken is named, with the text at fault.
@Suite struct VerifierTests {
  @Test("samples' graphs are sound", arguments: Op.kinds)
  func samplesAreSound(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      #expect(Verifier.violations(in: try sample.graph()) == [])
    }
  }

  @Test("a broken invariant is named, with the text that breaks it", arguments: Invariant.allCases)
  func eachInvariantIsChecked(invariant: Invariant) throws {
    let cases = Self.breakages.filter { $0.invariant == invariant }
    #expect(!cases.isEmpty)
    for breakage in cases {
      var graph = try Self.soundGraph()
      breakage.damage(&graph)
      let violations = Verifier.violations(in: graph)
      #expect(violations.map(\.invariant) == [invariant], "\(violations)")
      #expect(violations.first?.text == breakage.text)
    }
  }

  @Test func everyViolationIsReportedAtOnce() throws {
    var graph = try Self.soundGraph()
    graph.nodes[0].operands.removeLast()
    graph.outputs.append(graph.outputs[0])
    graph.stores[0].target = graph.inputs[0].value
    #expect(
      Verifier.violations(in: graph).map(\.invariant) == [.operandCount, .storeTarget, .uniqueNames])
  }

  @Test func layoutsAreAPassesToAssign() throws {
    var graph = try Self.soundGraph()
    for value in [graph.inputs[0].value] + graph.nodes.prefix(2).flatMap(\.results) {
      graph[value].type.layout = .channelsLast
    }
    #expect(Verifier.violations(in: graph) == [])
  }

  // MARK: - The graph and how it is broken

  static func soundGraph() throws -> Graph {
    let graph = try GraphParser.parse(
      """
      graph @sound train (%x: f32[N,3,6,6], %w: param f32[4,3,3,3], %t: state f32[]) {
        %c = conv2d %x, %w : f32[N,4,4,4]
        %r = relu %c : f32[N,4,4,4]
        %s = affine %t {offset=1} : f32[]
        store %s -> %t
        return %r, second=%c
      }
      """)
    try #require(Verifier.violations(in: graph) == [])
    return graph
  }

  struct Breakage {
    var invariant: Invariant
    var text: String
    var damage: @Sendable (inout Graph) -> Void
  }

  static let breakages: [Breakage] = [
    Breakage(invariant: .valuesExist, text: "%r = relu %?99 : f32[N,4,4,4]") {
      $0.nodes[1].operands[0] = ValueID(index: 99)
    },
    Breakage(invariant: .valuesExist, text: "return second=%?-1") {
      $0.outputs[1].value = ValueID(index: -1)
    },
    Breakage(invariant: .singleDefinition, text: "%r = affine %t : f32[N,4,4,4]") {
      let twice = $0.nodes[1].results
      $0.nodes.append(Node(op: Affine().op, operands: [$0.inputs[2].value], results: twice, origin: Origin()))
    },
    Breakage(invariant: .definitionBeforeUse, text: "%r = relu %c : f32[N,4,4,4]") {
      $0.nodes.swapAt(0, 1)
    },
    Breakage(invariant: .definitionBeforeUse, text: "store %?5 -> %t") { $0.nodes.removeLast() },
    Breakage(invariant: .addressableTypes, text: "%e: f32[0]") {
      _ = $0.addInput(.data, "e", TensorType([0]))
    },
    Breakage(invariant: .addressableTypes, text: "%e: f32[1073741824,1073741824]") {
      _ = $0.addInput(.data, "e", TensorType([0x4000_0000, 0x4000_0000]))
    },
    Breakage(invariant: .layouts, text: "%e: f32[3]{channels_last}") {
      _ = $0.addInput(.data, "e", TensorType([3], layout: .channelsLast))
    },
    Breakage(invariant: .layouts, text: "%0 = relayout %x : f32[N,3,6,6]") {
      let result = $0.makeValue(TensorType([.batch, 3, 6, 6]))
      $0.nodes.append(
        Node(op: Relayout().op, operands: [$0.inputs[0].value], results: [result], origin: Origin()))
    },
    Breakage(invariant: .operandCount, text: "%c = conv2d %x : f32[N,4,4,4]") {
      $0.nodes[0].operands.removeLast()
    },
    Breakage(invariant: .typeRule, text: "%c = conv2d %x, %x : f32[N,4,4,4]") {
      $0.nodes[0].operands[1] = $0.inputs[0].value
    },
    Breakage(invariant: .typeRule, text: "%c = conv2d %x, %w {stride=0} : f32[N,4,4,4]") {
      $0.nodes[0].op = Conv2D(.init(stride: 0)).op
    },
    Breakage(invariant: .inferredTypes, text: "%r = relu %c : f32[N,4,4,3]") {
      $0[$0.nodes[1].results[0]].type.shape[3] = 3
    },
    Breakage(invariant: .inferredTypes, text: "%r, %0 = relu %c : f32[N,4,4,4], f32[]") {
      $0.nodes[1].results.append($0.makeValue(.scalar))
    },
    Breakage(invariant: .uniqueNames, text: "%e: param f32[] \"w\"") {
      _ = $0.addInput(.parameter, "e", .scalar)
      $0.inputs[3].name = "w"
    },
    Breakage(invariant: .uniqueNames, text: "return %r") { $0.outputs.append($0.outputs[0]) },
    Breakage(invariant: .batchFreeState, text: "%e: state f32[N]") {
      _ = $0.addInput(.state, "e", TensorType([.batch]))
    },
    Breakage(invariant: .storeTarget, text: "store %s -> %x") { $0.stores[0].target = $0.inputs[0].value },
    Breakage(invariant: .storeTarget, text: "store %s -> %r") {
      $0.stores[0].target = $0.nodes[1].results[0]
    },
    Breakage(invariant: .storeTarget, text: "store %s -> %t") { $0.stores.append($0.stores[0]) },
    Breakage(invariant: .storeType, text: "store %w -> %t") { $0.stores[0].value = $0.inputs[1].value },
  ]
}

import Diagnostics
import GraphIR
import Testing

/// The text form holds all of a graph: what is printed reads back as the same graph.
@Suite struct RoundTripTests {
  @Test("every sample's graph reads back as it was", arguments: Op.kinds)
  func samples(kind: any OpDefinition.Type) throws {
    for sample in kind.samples {
      let graph = try sample.graph()
      let parsed = try GraphParser.parse(graph.description)
      #expect(parsed.description == graph.description)
      #expect(parsed.nodes.map(\.op) == graph.nodes.map(\.op))
      #expect(parsed.nodes.map(\.operands) == graph.nodes.map(\.operands))
      #expect(parsed.values.map(\.type) == graph.values.map(\.type))
    }
  }

  @Test func gradientReadsBackAsItWas() throws {
    try expectCanonical(
      """
      graph @loss train (%x: f32[N,3]) {
        %mean = reduce %x {axes=[0, 1], mean=true} : f32[]
        %g = gradient %mean, %x : f32[N,3]
        return %g
      }

      """)
  }

  @Test func kindsNamesStoresAndOriginsReadBackAsTheyWere() throws {
    try expectCanonical(
      """
      graph @"two words" infer (
        %generator.0.weight: param f32[4,3,3,3],
        %0: f32[N,3,8,8]{channels_last} "an image, quoted: \\"\\\\\\n\\"",
        %generator.1.running_mean %generator.1.running_variance: stat f32[4],
        %step: state f32[]
      ) {
        %c = conv2d %0, %generator.0.weight : f32[N,4,6,6]                              @14:5 in generator.0
        %1, %mean, %v-1 = batch_norm_train %c, %generator.1.running_mean, %generator.1.running_variance {eps=0.001} : f32[N,4,6,6], f32[4], f32[4] in "my layer" by fuse-bias
        %next = affine %step {offset=1} : f32[]                                         by "a pass"
        store %next -> %step
        store %mean -> %generator.1.running_mean
        return %1, average=%mean, "0"=%1
      }

      """)
  }

  @Test func missingNamesAreNumberedAndDoubleOnesGetASuffix() throws {
    var builder = GraphBuilder(Graph(name: "g", mode: .infer))
    let x = builder.graph.addInput(.data, "x", TensorType([2]))
    for name in ["a", "a", nil, "a.1", "not a name", "7"] {
      let result = builder.emit(Affine(scale: 2), x)
      builder.graph[result].name = name
    }
    let expected = """
      graph @g infer (%x: f32[2]) {
        %a = affine %x {scale=2} : f32[2]
        %a.1 = affine %x {scale=2} : f32[2]
        %0 = affine %x {scale=2} : f32[2]
        %a.1.1 = affine %x {scale=2} : f32[2]
        %1 = affine %x {scale=2} : f32[2]
        %2 = affine %x {scale=2} : f32[2]
      }

      """
    #expect(builder.graph.description == expected)
    try expectCanonical(expected)
  }

  @Test(
    "a number reads back with all its bits",
    arguments: [
      0, -0.0, 1, -3, 0.1, 1e-5, -2.5e-8, 1e15, 0x1p60, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      .pi,
      .infinity, -.infinity,
    ])
  func numbers(value: Double) throws {
    var builder = GraphBuilder(Graph(name: "g", mode: .infer))
    let x = builder.graph.addInput(.data, "x", .scalar)
    _ = builder.emit(Affine(scale: value), x)
    let parsed = try GraphParser.parse(builder.graph.description)
    guard case .affine(let affine) = parsed.nodes[0].op else {
      Issue.record("\(parsed)")
      return
    }
    #expect(affine.scale.bitPattern == value.bitPattern)
  }

  @Test func notANumberReadsBack() throws {
    var builder = GraphBuilder(Graph(name: "nan", mode: .infer))
    _ = builder.emit(Constant(value: .nan, shape: []))
    #expect(try GraphParser.parse(builder.graph.description).description == builder.graph.description)
  }

  @Test func commentsAndLineBreaksMeanNothing() throws {
    let graph = try GraphParser.parse(
      "graph @g infer(%x:f32[2] // the input\n){%y=relu\n%x:f32[2]store %y->%x return %y}// done")
    #expect(
      graph.description == """
        graph @g infer (%x: f32[2]) {
          %y = relu %x : f32[2]
          store %y -> %x
          return %y
        }

        """)
  }

  @Test func aBrokenGraphIsPrintedAllTheSame() {
    var graph = Graph(name: "broken", mode: .train)
    let dangling = graph.makeValue(TensorType([3]))
    graph.nodes.append(
      Node(
        op: Unary(.relu).op, operands: [dangling, ValueID(index: 99)], results: [ValueID(index: -1)],
        origin: Origin()))
    #expect(graph.description.contains("%?-1 = relu %?0, %?99 : ?"))
  }

  private func expectCanonical(_ text: String) throws {
    let printed = try GraphParser.parse(text).description
    #expect(printed == text, "\(printed)")
  }
}

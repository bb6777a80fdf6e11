import Diagnostics
import GraphIR
import ModelSpec

/// One line of the table that `check` prints.
public struct LayerSummary: Sendable {
  public var name: String
  public var op: String
  /// Without the batch.
  public var outputShape: [Int]
  /// Numbers that train.
  public var parameters: Int
  /// Multiplications with an addition, an image.
  public var multiplyAdds: Int
  public var span: SourceSpan
}

/// Lowers one network, as often as a graph applies it.
struct NetworkLowering {
  let network: NetworkSpec
  let initialization: String
  let mode: Graph.Mode
  let seed: Int
  private let fades: Bool
  let sources: SourceMap
  var bag = DiagnosticBag()
  var summaries: [LayerSummary] = []

  init(_ network: NetworkSpec, spec: ModelSpec, mode: Graph.Mode, sources: SourceMap) {
    self.network = network
    initialization = spec.initialization
    self.mode = mode
    seed = spec.train.seed
    fades = spec.fades
    self.sources = sources
  }

  private struct Failed: Error {}

  /// What one application of the network made.
  struct Application {
    /// The first result.
    var result: ValueID
    /// The results that have names, and the named layers.
    var named: [String: ValueID]
  }

  /// Emits the network's ops on its inputs; nil with diagnostics in `bag` when a layer does not fit.
  ///
  /// - Parameter arguments: A value for each input of the network, in their order.
  mutating func apply(
    to arguments: [ValueID], builder: inout GraphBuilder, store: inout ParameterStore
  ) -> Application? {
    precondition(arguments.count == network.inputs.count, "an argument for each input")
    summaries = []
    var state = State(builder: builder.taken(), store: store.taken())
    let inputs = zip(network.inputs, arguments).map { input, argument in
      (NetworkInputs(network).adapt(argument, to: input, in: &state.builder), nil) as Produced
    }
    for (input, value) in zip(network.inputs, inputs) { state.named[input.name] = value }
    let last = try? layers(network.layers, from: inputs[0], &state, isTopLevel: true)
    (builder, store) = (state.builder, state.store)
    guard let last else { return nil }
    var named = state.named.mapValues(\.value)
    for input in network.inputs { named[input.name] = nil }
    var result = last.value
    for output in network.outputs.reversed() {
      guard let value = state.named[output.layer.value]?.value else {
        preconditionFailure("the loader lets no output name a layer that is not there")
      }
      named[output.name] = value
      result = value
    }
    return Application(result: result, named: named)
  }

  /// A value and the layer that made it; no layer is the network's input.
  private typealias Produced = (value: ValueID, layer: LayerSpec?)

  private struct State {
    var builder: GraphBuilder
    var store: ParameterStore
    var named: [String: Produced] = [:]
  }

  private mutating func layers(
    _ layers: [LayerSpec], from input: Produced, _ state: inout State, isTopLevel: Bool
  ) throws(Failed) -> Produced {
    var current = input
    for layer in layers {
      let inputs =
        layer.from.map { references in
          references.map { reference in
            guard let produced = state.named[reference.value] else {
              preconditionFailure("the loader lets no `from` name what is not there")
            }
            return produced
          }
        } ?? [current]
      let value: ValueID
      let nodesBefore = state.builder.graph.nodes.count
      let parametersBefore = state.store.definitions.count
      if layer.kind.name.value == "residual" {
        value = try residual(layer, inputs, &state)
      } else {
        value = try single(layer, inputs, &state)
      }
      current = (value, layer)
      if layer.isNamed { state.named[layer.name] = current }
      if isTopLevel {
        summarize(layer, value, state, nodesBefore: nodesBefore, parametersBefore: parametersBefore)
      }
    }
    return current
  }

  private mutating func single(
    _ layer: LayerSpec, _ inputs: [Produced], _ state: inout State
  ) throws(Failed) -> ValueID {
    guard let definition = LayerDefinition.byName[layer.kind.name.value] else { throw Failed() }
    var context = LayerContext(
      builder: state.builder.taken(), store: state.store.taken(), layer: layer, network: network.name,
      path: "\(network.name).\(layer.name)", inputs: inputs.map(\.value), mode: mode,
      initialization: initialization, seed: seed, fades: fades)
    context.builder.origin = Origin(
      span: layer.span, location: sources.start(of: layer.span), layer: context.path)
    defer { (state.builder, state.store) = (context.builder, context.store) }
    do {
      return try definition.lower(&context)
    } catch {
      report(error, layer, inputs, context.builder)
      throw Failed()
    }
  }

  /// The input, through the body and around it, added up.
  private mutating func residual(
    _ layer: LayerSpec, _ inputs: [Produced], _ state: inout State
  ) throws(Failed) -> ValueID {
    let body = try layers(layer.body, from: inputs[0], &state, isTopLevel: false)
    let shortcut = try layers(layer.shortcut, from: inputs[0], &state, isTopLevel: false)
    state.builder.origin = Origin(
      span: layer.span, location: sources.start(of: layer.span), layer: "\(network.name).\(layer.name)")
    do {
      return try state.builder.tryEmit(Binary(.add), [body.value, shortcut.value])[0]
    } catch {
      report(error, layer, [body, shortcut], state.builder)
      throw Failed()
    }
  }

  private mutating func summarize(
    _ layer: LayerSpec, _ value: ValueID, _ state: State, nodesBefore: Int, parametersBefore: Int
  ) {
    let shape = state.builder.type(of: value).shape.dropFirst().compactMap(\.fixedExtent)
    let parameters = state.store.definitions[parametersBefore...].filter { $0.kind == .parameter }
    let nodes = state.builder.graph.nodes[nodesBefore...]
    summaries.append(
      LayerSummary(
        name: layer.name, op: layer.kind.name.value, outputShape: shape,
        parameters: parameters.reduce(0) { $0 + $1.count },
        multiplyAdds: nodes.reduce(0) { $0 + Cost.multiplyAdds($1, in: state.builder.graph, batch: 1) },
        span: layer.span))
  }

  // MARK: Mistakes

  private mutating func report(
    _ violation: TypeRuleViolation, _ layer: LayerSpec, _ inputs: [Produced], _ builder: GraphBuilder
  ) {
    var diagnostic = Diagnostic(violation.kind, at: layer.kind.name.span ?? layer.span)
    diagnostic.arguments = violation.arguments
    for (index, argument) in violation.arguments.enumerated() {
      if argument.name == "op" {
        // The user knows the layer, not the op that it became.
        diagnostic.arguments[index].value = layer.kind.name.value
      } else if let shape = Self.userShape(argument.value, withBatch: violation.kind == .rankMismatch) {
        diagnostic.arguments[index].value = shape
      }
    }
    for input in inputs {
      let shape = builder.type(of: input.value).userText
      if let producer = input.layer {
        diagnostic.notes.append(.init("\(shape) is produced here", at: producer.span))
      } else {
        diagnostic.notes.append(.init("\(shape) is the \(network.name)'s input", at: network.span))
      }
    }
    diagnostic.notes += layer.expansion
    if let input = inputs.first {
      diagnostic.fixes = ShapeFixes(
        layer: layer, input: builder.type(of: input.value), sources: sources
      ).fixes(for: violation)
    }
    bag.report(diagnostic)
  }

  /// A type's text (`f32[N,128,4,4]`) as people write the shape of one image; the batch is told where
  /// dimensions are counted.
  private static func userShape(_ text: String, withBatch: Bool) -> String? {
    guard text.hasPrefix("f32["), let close = text.firstIndex(of: "]") else { return nil }
    let extents = text[..<close].dropFirst(4).split(separator: ",").filter { withBatch || $0 != "N" }
    return extents.joined(separator: "×")
  }
}

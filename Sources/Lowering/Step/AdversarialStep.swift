import Diagnostics
import GraphIR
import ModelSpec

/// Builds the whole adversarial step as one graph.
///
/// The order is that of PyTorch's DCGAN example: the generator runs once; the discriminator sees the real
/// images and then the detached fakes; its two losses are summed and its optimiser updates it; the updated
/// discriminator sees the fakes again, and the generator's optimiser follows.
/// Source: PyTorch `examples/dcgan/main.py`.
///
/// Inputs `noise` [N, latent] and `real` [N, C, H, W]; outputs `loss_d`, `loss_g`, `d_real` and `d_fake`
/// (the mean probability that the discriminator gives real images and fakes, before its update), all `[]`.
struct AdversarialStep {
  let spec: ModelSpec
  let sources: SourceMap

  struct Result {
    var graph: Graph
    var definitions: [ParameterDefinition]
  }

  /// Nil when a layer does not fit, which lowering each network alone has reported.
  func build() -> Result? {
    var builder = GraphBuilder(Graph(name: "step", mode: .train))
    var store = ParameterStore()
    let noise = builder.graph.addInput(.data, "noise", [.batch, .fixed(spec.latent.value)])
    let real = builder.graph.addInput(.data, "real", spec.imageType)
    guard let maker = spec.imageMaker, let judge = spec.imageJudge else { return nil }
    var generator = NetworkLowering(maker, spec: spec, mode: .train, sources: sources)
    var discriminator = NetworkLowering(judge, spec: spec, mode: .train, sources: sources)

    guard
      let fake = generator.apply(
        to: [noise], builder: &builder, store: &store)?.result
    else { return nil }
    let generatorParameters = store.definitions.filter { $0.kind == .parameter }

    guard
      let realScores = discriminator.apply(
        to: [real], builder: &builder, store: &store)?.result
    else { return nil }
    let discriminatorParameters = store.definitions.filter {
      $0.kind == .parameter && !generatorParameters.contains($0)
    }
    builder.origin = Origin()
    let detached = builder.emit(Detach(), fake)
    guard
      let fakeScores = discriminator.apply(
        to: [detached], builder: &builder, store: &store)?.result
    else { return nil }

    let loss = LossDefinition.named(spec.train.loss.name.value)
    builder.origin = Origin(span: spec.train.loss.name.span, layer: "loss_d")
    let realLoss = mean(loss.function(spec.train.realLabel), of: realScores, in: &builder)
    let fakeLoss = mean(loss.function(0), of: fakeScores, in: &builder)
    let discriminatorLoss = builder.emit(Binary(.add), realLoss, fakeLoss)
    update(
      judge.name, discriminatorParameters, of: discriminatorLoss, by: spec.train.optimizer(of: judge.name),
      builder: &builder, store: &store)

    guard
      let scores = discriminator.apply(
        to: [fake], builder: &builder, store: &store)?.result
    else { return nil }
    builder.origin = Origin(span: spec.train.loss.name.span, layer: "loss_g")
    let generatorLoss = mean(loss.function(1), of: scores, in: &builder)
    update(
      maker.name, generatorParameters, of: generatorLoss, by: spec.train.optimizer(of: maker.name),
      builder: &builder, store: &store)

    builder.origin = Origin(layer: "metrics")
    let realProbability = probability(realScores, loss, in: &builder)
    let fakeProbability = probability(fakeScores, loss, in: &builder)
    var graph = builder.graph
    graph.addOutput("loss_d", discriminatorLoss)
    graph.addOutput("loss_g", generatorLoss)
    graph.addOutput("d_real", realProbability)
    graph.addOutput("d_fake", fakeProbability)
    store.addStores(to: &graph)
    return Result(graph: graph, definitions: store.definitions)
  }

  private func mean(_ function: UnaryFunction, of scores: ValueID, in builder: inout GraphBuilder) -> ValueID
  {
    let losses = builder.emit(Unary(function), scores)
    return mean(losses, in: &builder)
  }

  private func mean(_ value: ValueID, in builder: inout GraphBuilder) -> ValueID {
    builder.emit(Reduce(axes: Array(0..<builder.type(of: value).rank), mean: true), value)
  }

  private func probability(
    _ scores: ValueID, _ loss: LossDefinition, in builder: inout GraphBuilder
  ) -> ValueID {
    switch loss.scores {
    case .probabilities: return mean(scores, in: &builder)
    case .logits:
      let probabilities = builder.emit(Unary(.sigmoid), scores)
      return mean(probabilities, in: &builder)
    }
  }

  /// Differentiates a loss by a network's parameters and moves them.
  private func update(
    _ network: String, _ parameters: [ParameterDefinition], of loss: ValueID, by configured: Configured,
    builder: inout GraphBuilder, store: inout ParameterStore
  ) {
    let optimizer = OptimizerDefinition.named(configured.name.value)
    builder.origin = Origin(span: configured.name.span, layer: "\(network).optimizer")
    func state(_ name: String, _ shape: [Int], _ element: ElementType = .f32) -> ValueID {
      store.value(
        ParameterDefinition(
          name: "optimizer.\(name)", shape: shape, initializer: .constant(0), role: .optimizer,
          network: network, element: element),
        in: &builder)
    }
    let values = parameters.map { store.current[$0.name] ?? loss }
    let gradients = builder.emitAll(Gradient(), [loss] + values)
    let step = builder.emit(Increment(), state("\(network).step", [], .i64))
    store.current["optimizer.\(network).step"] = step
    for (index, parameter) in parameters.enumerated() {
      let names = optimizer.states.map { "\(parameter.name).\($0)" }
      let states = names.map { state($0, parameter.shape) }
      let results = emit(
        optimizer.op(configured), [step, values[index], gradients[index]] + states, in: &builder)
      store.current[parameter.name] = results[0]
      for (name, result) in zip(names, results.dropFirst()) { store.current["optimizer.\(name)"] = result }
    }
  }

  private func emit(
    _ op: any OpDefinition, _ operands: [ValueID], in builder: inout GraphBuilder
  ) -> [ValueID] {
    builder.emitAll(op, operands)
  }
}

extension Graph {
  mutating func addInput(_ kind: GraphInput.Kind, _ name: String, _ shape: [Dimension]) -> ValueID {
    addInput(kind, name, TensorType(shape))
  }
}

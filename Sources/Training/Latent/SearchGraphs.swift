import GraphIR
import Lowering
import ModelSpec

/// The graphs that a search among latent vectors runs: what an image is compared by, and the comparison with
/// its gradient.
struct SearchGraphs {
  static let target = "search.target"
  static let targetFeatures = "search.target_features"
  static let image = "search.image"
  static let residual = "search.residual"
  static let featureDistance = "search.feature_distance"
  static let gradient = "search.gradient"

  /// The latent vector → the image, each image's distances to its target, and their sum's gradient.
  let comparison: Graph
  /// The target → its features; nil where no network judges images alone or with their class.
  let features: Graph?
  /// The name of the maker's latent input.
  let latentInput: String
  /// The data inputs of the comparison that are the classes of images.
  let labelInputs: [String]

  /// - Parameters:
  ///   - fade: How far a stage has come with what it brings in.
  init(_ model: LoweredModel, _ spec: ModelSpec, usesAverage: Bool, fade: Double, loss: LatentSearch.Loss) {
    guard let maker = spec.imageMaker else { preconditionFailure("no network makes images") }
    func graph(_ name: String) -> Graph {
      guard let plain = model.network(named: name)?.graph else { preconditionFailure("no \(name)") }
      var graph = usesAverage ? model.graph(ofAverageOr: name) : plain
      graph.fix(fade: fade)
      return graph
    }
    let making = graph(maker.name)
    guard let latent = spec.latentInput(of: maker) else {
      preconditionFailure("the maker is given no latent vector")
    }
    latentInput = latent.name

    var builder = GraphBuilder(Graph(name: "search", mode: .infer))
    var labels: [String] = []
    var arguments: [String: ValueID] = [:]
    for input in making.inputs where input.kind == .data {
      arguments[input.name] = builder.graph.addInput(.data, input.name, making.type(of: input.value))
    }
    for input in maker.inputs where Self.isLabel(input, spec) { labels.append(input.name) }
    let made = builder.inline(making, arguments: arguments)
    guard let output = making.outputs.first else { preconditionFailure("a network has a result") }
    let image = made(output.value)
    let imageType = builder.type(of: image)

    let judging = Self.judge(spec, knowsClass: !labels.isEmpty).map { ($0, graph($0.name)) }
    let point = judging.flatMap { judge, graph in Self.featurePoint(of: graph, image: Self.imageInput(judge))
    }
    var objective = Self.distance(
      image, builder.graph.addInput(.data, Self.target, imageType), loss, Self.residual, &builder)
    if loss.featureShare > 0, let (judge, judgeGraph) = judging, let point {
      var given: [String: ValueID] = [:]
      for input in judgeGraph.inputs where input.kind == .data {
        if input.name == Self.imageInput(judge) {
          given[input.name] = image
        } else {
          let name = "judge.\(input.name)"
          given[input.name] = builder.graph.addInput(.data, name, judgeGraph.type(of: input.value))
          labels.append(name)
        }
      }
      let judged = builder.inline(judgeGraph, arguments: given)
      let features = judged(point)
      let wanted = builder.graph.addInput(.data, Self.targetFeatures, builder.type(of: features))
      let distance = Self.distance(features, wanted, loss, Self.featureDistance, &builder)
      objective = builder.emit(
        Binary(.add), builder.emit(Affine(scale: 1 - loss.featureShare), objective),
        builder.emit(Affine(scale: loss.featureShare), distance))
      var own = judgeGraph
      own.outputs = []
      own.addOutput(Self.targetFeatures, point)
      self.features = own
    } else {
      self.features = nil
    }
    let total = builder.emit(Reduce(axes: [0], mean: false), objective)
    guard let z = arguments[latent.name] else { preconditionFailure("the latent vector is data") }
    builder.graph.addOutput(Self.gradient, builder.emit(Gradient(), total, z))
    builder.graph.addOutput(Self.image, image)
    comparison = builder.graph
    labelInputs = labels
  }

  private static func isLabel(_ input: NetworkInput, _ spec: ModelSpec) -> Bool {
    switch input.type.value {
    case .label: true
    case .draw(let name):
      if case .classes? = spec.train.program.draws.first(where: { $0.name == name })?.distribution {
        true
      } else {
        false
      }
    default: false
    }
  }

  /// The network that tells real images from made ones, if an image is all that it is given, and its class where
  /// the maker is told that too: of a picture nobody else knows it.
  private static func judge(_ spec: ModelSpec, knowsClass: Bool) -> NetworkSpec? {
    guard let judge = spec.imageJudge else { return nil }
    let images = judge.inputs.filter { $0.type.value == .image }
    let others = judge.inputs.filter { $0.type.value != .image && !(knowsClass && $0.type.value == .label) }
    return images.count == 1 && others.isEmpty ? judge : nil
  }

  private static func imageInput(_ judge: NetworkSpec) -> String {
    guard let input = judge.inputs.first(where: { $0.type.value == .image }) else {
      preconditionFailure("a judge is given an image")
    }
    return input.name
  }

  /// What the last convolution or matrix reads that depends on the image: the layer before the output.
  private static func featurePoint(of graph: Graph, image: String) -> ValueID? {
    guard let start = graph.input(named: image)?.value else { return nil }
    let depends = graph.valuesOnPaths(from: [start], through: graph.nodes)
    let last = graph.nodes.last { node in
      switch node.op {
      case .conv2D, .convTranspose2D, .matmul: depends[node.operands[0].index]
      default: false
      }
    }
    return last?.operands[0]
  }

  /// Each image's distance, which becomes an output.
  private static func distance(
    _ a: ValueID, _ b: ValueID, _ loss: LatentSearch.Loss, _ name: String, _ builder: inout GraphBuilder
  ) -> ValueID {
    let difference = builder.emit(Binary(.subtract), a, b)
    let size = builder.emit(Unary(UnaryFunction(loss.isSquared ? .square : .absolute)), difference)
    let axes = Array(1..<builder.type(of: size).rank)
    let distance = builder.emit(Reduce(axes: axes, mean: loss.isMean), size)
    builder.graph.addOutput(name, distance)
    return distance
  }
}

extension ModelSpec {
  /// The input that a network is given a latent vector as; nil where it is given none.
  public func latentInput(of network: NetworkSpec) -> NetworkInput? {
    network.inputs.first { input in
      switch input.type.value {
      case .latent: true
      case .extents(let extents): extents.reduce(1, *) == latent?.value
      default: false
      }
    }
  }
}

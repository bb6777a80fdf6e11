import Files
import GraphIR
import Interchange
import Lowering
import Runtime

/// Whether a model that was written of imported networks computes what they do.
public struct ImportCheck {
  /// The largest difference of an output, relative to its largest number.
  public private(set) var largestDifference = 0.0

  /// What the interpreter computes within a second or two, in floating-point operations.
  private static let interpreted = 5e7

  /// Runs each network and its model on the same random numbers: in 64-bit floats, or where that would take long, as
  /// sampling runs.
  ///
  /// - Parameters:
  ///   - networks: As they were imported, by the names that the model has for them.
  ///   - batch: How many examples.
  public init(
    _ networks: [ImportedSpec.Network], _ model: LoweredModel, _ store: TensorStore, batch: Int = 2
  ) throws(ReferenceInterpreter.Failure) {
    for network in networks {
      guard let lowered = model.network(named: network.name)?.graph else {
        preconditionFailure("no network \(network.name)")
      }
      let imported = network.imported.graph
      var given: [String: ReferenceTensor] = [:]
      var taken: [String: ReferenceTensor] = [:]
      let data = { (graph: Graph) in graph.inputs.filter { $0.kind == .data } }
      for (index, (original, written)) in zip(data(imported), data(lowered)).enumerated() {
        let extents = imported.type(of: original.value).extents(batch: batch)
        let count = extents.reduce(1, *)
        let isLabel = extents.count == 1
        let values =
          isLabel
          ? (0..<count).map { Double($0 % 2) }
          : RandomSource(seed: 1, stream: .noise, substream: index).normals(count).map(Double.init)
        given[original.name] = ReferenceTensor(shape: extents, values: values)
        taken[written.name] = ReferenceTensor(
          shape: lowered.type(of: written.value).extents(batch: batch), values: values)
      }
      let isLarge = [imported, lowered].contains { Cost.flops($0, batch: batch) > Self.interpreted }
      let expected =
        isLarge
        ? Self.planned(imported, network.imported.makeStore(), given)
        : try Self.interpreted(imported, network.imported.makeStore(), given, batch: batch)
      let actual =
        isLarge
        ? Self.planned(lowered, store, taken) : try Self.interpreted(lowered, store, taken, batch: batch)
      for (original, written) in zip(imported.outputs, lowered.outputs) {
        guard let a = expected[original.name], let b = actual[written.name], a.count == b.count
        else { preconditionFailure("an output of another size") }
        let scale = max(1, a.reduce(0) { max($0, abs($1)) })
        for (x, y) in zip(a, b) where !(x.isNaN && y.isNaN) {
          let difference = abs(x - y) / scale
          largestDifference = difference.isNaN ? .infinity : max(largestDifference, difference)
        }
      }
    }
  }

  /// The outputs by their names, in 64-bit floats.
  private static func interpreted(
    _ graph: Graph, _ store: TensorStore, _ data: [String: ReferenceTensor], batch: Int
  ) throws(ReferenceInterpreter.Failure) -> [String: [Double]] {
    var inputs = data
    for input in graph.inputs where input.kind != .data {
      inputs[input.name] = ReferenceTensor(
        shape: graph.type(of: input.value).extents(batch: batch),
        values: store.existingValues(of: input.name).map(Double.init))
    }
    return try ReferenceInterpreter(graph).run(inputs, batch: batch).outputs.mapValues(\.values)
  }

  /// The outputs by their names, as sampling computes.
  private static func planned(
    _ graph: Graph, _ store: TensorStore, _ data: [String: ReferenceTensor]
  ) -> [String: [Double]] {
    let tensors = data.map { name, tensor in
      (
        name: name,
        tensor: SafetensorsFile.Tensor(shape: tensor.shape, floats: tensor.values.map { Float($0) })
      )
    }
    do throws(FileError) {
      let outputs = try NetworkRun(graph, store).run(
        SafetensorsFile(tensors: tensors), path: "", on: .cpu, threads: 2)
      return Dictionary(uniqueKeysWithValues: outputs.map { ($0.name, $0.tensor.doubles) })
    } catch {
      preconditionFailure("a network is given all its inputs: \(error)")
    }
  }
}

extension ImportedGraph {
  /// A store of the graph's parameters.
  public func makeStore() -> TensorStore {
    let inputs = graph.inputs.filter { $0.kind == .parameter }
    let store = TensorStore(
      inputs.map { .init($0.name, graph.type(of: $0.value).extents(batch: 1), .parameter) })
    for input in inputs {
      guard let tensor = parameters[input.name] else { preconditionFailure("no values of \(input.name)") }
      store.write(tensor.values.map { Float($0) }, to: input.name)
    }
    return store
  }
}

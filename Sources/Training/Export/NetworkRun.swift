import Files
import GraphIR
import Interchange
import Passes
import Runtime

/// One run of a graph in inference form on tensors of a file.
public struct NetworkRun {
  public enum Executor: String, Sendable, CaseIterable {
    /// Op by op in 64-bit floats.
    case reference
    /// 32-bit floats, planned, as sampling runs.
    case cpu
  }

  let graph: Graph
  let store: TensorStore

  /// - Parameter store: Holds every input of the graph that is not data.
  public init(_ graph: Graph, _ store: TensorStore) {
    self.graph = graph
    self.store = store
  }

  /// The outputs in their order.
  ///
  /// - Parameters:
  ///   - file: Holds a tensor for each input.
  ///   - path: The file that errors name.
  /// - Throws: `FileError` where an input is missing, or is of another shape.
  public func run(
    _ file: SafetensorsFile, path: String, on executor: Executor, threads: Int
  ) throws(FileError) -> [(name: String, tensor: SafetensorsFile.Tensor)] {
    let inputs = graph.inputs.filter { $0.kind == .data }
    var batch: Int?
    for input in inputs {
      let type = graph.type(of: input.value)
      guard let tensor = file[input.name] else {
        throw FileError(path: path, reason: "lacks the input `\(input.name)`, \(type)")
      }
      let given = type.shape.indices.first { type.shape[$0] == .batch }.map {
        tensor.shape.indices.contains($0) ? tensor.shape[$0] : 0
      }
      if batch == nil { batch = given }
      guard batch ?? 1 > 0, tensor.shape == type.extents(batch: batch ?? 1) else {
        throw FileError(
          path: path, reason: "holds `\(input.name)` as \(tensor.shape), and it must be \(type)")
      }
    }
    let size = batch ?? 1
    switch executor {
    case .reference: return reference(file, inputs, batch: size)
    case .cpu: return planned(file, inputs, batch: size, threads: threads)
    }
  }

  private func reference(
    _ file: SafetensorsFile, _ inputs: [GraphInput], batch: Int
  ) -> [(name: String, tensor: SafetensorsFile.Tensor)] {
    var values: [String: ReferenceTensor] = [:]
    for input in graph.inputs {
      let shape = graph.type(of: input.value).extents(batch: batch)
      let numbers =
        input.kind == .data
        ? file[input.name]?.doubles : store.values(of: input.name)?.map(Double.init)
      guard let numbers else { preconditionFailure("no values of \(input.name)") }
      values[input.name] = ReferenceTensor(shape: shape, values: numbers)
    }
    let result: ReferenceInterpreter.Result
    do throws(ReferenceInterpreter.Failure) {
      result = try ReferenceInterpreter(graph).run(values, batch: batch)
    } catch {
      preconditionFailure("an inference graph with all its inputs runs: \(error)")
    }
    return graph.outputs.map { output in
      guard let tensor = result.outputs[output.name] else { preconditionFailure("no \(output.name)") }
      return (output.name, .init(shape: tensor.shape, floats: tensor.values.map { Float($0) }))
    }
  }

  private func planned(
    _ file: SafetensorsFile, _ inputs: [GraphInput], batch: Int, threads: Int
  ) -> [(name: String, tensor: SafetensorsFile.Tensor)] {
    var compiled = graph
    do throws(PipelineFault) {
      try Pipeline.inference.run(&compiled)
    } catch {
      preconditionFailure("\(error)")
    }
    let cpu = CPUExecutor(threads: threads)
    let plan = CPUPlan(compiled, batch: batch, store: store, lanes: cpu.threads)
    for input in inputs {
      if let values = file[input.name]?.floats { cpu.write(values, to: input.name, of: plan) }
    }
    cpu.run(plan)
    return graph.outputs.map { output in
      (
        output.name,
        .init(
          shape: graph.type(of: output.value).extents(batch: batch),
          floats: cpu.values(of: output.name, in: plan))
      )
    }
  }
}

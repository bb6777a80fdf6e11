import GraphIR
import Lowering
import Runtime

extension Graph {
  /// Makes a constant of how far a stage has come, which a run is given otherwise.
  public mutating func fix(fade: Double) {
    guard let index = inputs.firstIndex(where: { $0.name == StepGraph.fadeName }) else { return }
    let value = inputs.remove(at: index).value
    nodes.insert(
      Node(
        op: .constant(Constant(value: fade, shape: [])), operands: [], results: [value], origin: Origin()),
      at: 0)
  }
}

extension TensorStore {
  /// Puts the averages of weights, where they are kept, in the weights' place.
  public func takeAverages() {
    for slot in slots where slot.role == .parameter {
      if let average = values(of: ParameterDefinition.average(of: slot.name)) {
        write(average, to: slot.name)
      }
    }
  }
}

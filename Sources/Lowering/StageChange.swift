import Diagnostics
import ModelSpec

/// What becomes of weights where one stage of a training follows another.
public struct StageChange: Sendable {
  /// Parameters that go on, by their names.
  public var kept: [String] = []
  /// Those that begin in the later stage.
  public var begun: [String] = []
  /// Those that end with the earlier stage.
  public var dropped: [String] = []

  public init(from earlier: LoweredModel, to later: LoweredModel) {
    let before = Set(earlier.definitions.filter { $0.role == .parameter }.map(\.name))
    let after = later.definitions.filter { $0.role == .parameter }.map(\.name)
    kept = after.filter(before.contains)
    begun = after.filter { !before.contains($0) }
    let names = Set(after)
    dropped = earlier.definitions.filter { $0.role == .parameter && !names.contains($0.name) }.map(\.name)
  }

  /// Reports weights of one name that differ in shape.
  static func check(_ stages: [CheckedModel.Stage], into bag: inout DiagnosticBag) {
    for (index, pair) in zip(stages, stages.dropFirst()).enumerated() {
      guard let earlier = pair.0.lowering.model, let later = pair.1.lowering.model else { continue }
      let shapes = Dictionary(earlier.definitions.map { ($0.name, $0.shape) }) { first, _ in first }
      for definition in later.definitions where definition.kind != .state {
        guard let shape = shapes[definition.name], shape != definition.shape else { continue }
        bag.report(
          Diagnostic(
            .stageShapesDiffer, at: pair.1.spec.stage?.span,
            [
              "tensor": definition.name, "before": "\(shape)", "after": "\(definition.shape)",
              "earlier": "\(index + 1)", "later": "\(index + 2)",
            ],
            notes: [
              .init(
                "give layers that change with the image names that change with it, such as rgb_<image.height>: "
                  + "weights go on under their names")
            ]))
        break
      }
    }
  }
}

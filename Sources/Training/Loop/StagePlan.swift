import GraphIR
import Lowering
import ModelSpec
import Runtime

/// When each stage of a training begins, and how long it takes.
///
/// A stage's length may be told in images of the data: it is then as many steps as consume them.
public struct StagePlan: Sendable {
  public struct Stage: Hashable, Sendable {
    /// How many steps were made before it.
    public var firstStep: Int
    public var steps: Int
    /// Over how many of its steps something is brought in; zero where nothing is.
    public var fadeSteps: Int

    public var end: Int { firstStep + steps }

    /// How far a step of the stage has come with what it brings in, from 0 to 1.
    ///
    /// - Parameter step: How many steps of the whole training were made before.
    public func fade(at step: Int) -> Double {
      fadeSteps == 0 ? 1 : min(1, Double(step - firstStep) / Double(fadeSteps))
    }
  }

  public let stages: [Stage]

  /// - Precondition: Each of the models is one of a stage.
  public init(_ models: [(spec: ModelSpec, lowered: LoweredModel)]) {
    var stages: [Stage] = []
    for (spec, lowered) in models {
      guard let stage = spec.stage else { preconditionFailure("a model that is of no stage") }
      let clock = BatchClock(lowered)
      func steps(_ duration: StageSpec.Duration) -> Int {
        switch duration {
        case .steps(let steps): return steps
        case .images(let images):
          let batch = spec.train.batchSize.value
          return max(1, clock.steps(consuming: (images + batch - 1) / batch))
        }
      }
      stages.append(
        Stage(
          firstStep: stages.last?.end ?? 0, steps: steps(stage.duration),
          fadeSteps: stage.fade.map(steps) ?? 0))
    }
    self.stages = stages
  }

  /// How many steps the whole training has.
  public var steps: Int { stages.last?.end ?? 0 }

  /// The stage that makes the next step after so many, or the last one where none does.
  public func stage(after step: Int) -> Int { stages.firstIndex { $0.end > step } ?? stages.count - 1 }

  /// The stage that a checkpoint after so many steps is of: the one that made the last of them.
  public func stage(savedAfter step: Int) -> Int { stages.firstIndex { $0.end >= step } ?? stages.count - 1 }
}

extension TensorStore {
  /// Begins a stage with what the one before it ended with: weights, statistics, averages and counters of random
  /// numbers under their names. Optimisers begin anew.
  ///
  /// - Precondition: The store holds its first values, and tensors of one name have one shape.
  public func begin(after earlier: TensorStore) {
    func carry(_ roles: Set<StateRole>) {
      for slot in slots where roles.contains(slot.role) {
        if let integers = earlier.integers(of: slot.name) {
          write(integers: integers, to: slot.name)
        } else if let values = earlier.values(of: slot.name) {
          write(values, to: slot.name)
        }
      }
    }
    carry([.parameter, .statistic, .random, .running])
    beginAverages()
    carry([.average])
  }

  /// Sets all that optimisers remember to zero.
  func forgetOptimizers() {
    for slot in slots where slot.role == .optimizer {
      if slot.element == .i64 {
        write(integers: Array(repeating: 0, count: slot.shape.reduce(1, *)), to: slot.name)
      } else {
        fill(slot.name, with: 0)
      }
    }
  }
}

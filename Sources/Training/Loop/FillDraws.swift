import GraphIR
import Lowering
import ModelSpec
import Runtime

extension CPUExecutor {
  /// Fills an input that the time decides.
  ///
  /// - Parameters:
  ///   - step: How many steps were made before.
  ///   - epoch: How many epochs were gone through before.
  ///   - fade: How far the stage has come with what it brings in.
  func fill(_ clock: StepGraph.Clock, of plan: CPUPlan, step: Int, epoch: Int, fade: Double) {
    let value =
      switch clock.source {
      case .rate(let schedule): schedule.factor(step: step, epoch: epoch)
      case .fade: fade
      }
    write([Float(value)], to: clock.name, of: plan)
  }

  /// Fills an input that is drawn: its numbers depend on the seed, its name, the step and the place of the
  /// run in the step alone.
  func fill(_ draw: StepGraph.Draw, of plan: CPUPlan, seed: Int, step: Int, ordinal: Int) {
    let source = RandomSource(seed: seed, drawing: draw.name, step: step, ordinal: ordinal)
    switch draw.distribution {
    case .normal: fillNormal(draw.name, of: plan, from: source)
    case .uniform(let low, let high):
      fillUniform(draw.name, of: plan, from: source, low: Float(low), high: Float(high))
    case .bernoulli(let probability):
      withInput(draw.name, of: plan) { values in
        for index in values.indices { values[index] = source.uniform(index) < probability ? 1 : 0 }
      }
    case .classes(let count):
      withInput(draw.name, of: plan) { values in
        for index in values.indices { values[index] = Float(source.integer(index, below: count)) }
      }
    }
  }
}

import CKernels
import GraphIR

/// An element-wise program with its operands in place.
struct ProgramCall {
  var instructions: [ck_ew_instr]
  var rows: Int
  var channels: Int
  var inputs: [(region: Region, kind: ck_ew_operand_kind)]
  var outputs: [Region]
}

/// An optimiser's update of all parameters of a network.
struct OptimizerCall {
  enum Options: BitwiseCopyable {
    case adam(ck_adam_options)
    case sgd(ck_sgd_options)
    case rmsprop(ck_rmsprop_options)
  }

  struct Segment {
    var parameter: Region
    var gradient: Region
    var momentum: Region?
    var secondMoment: Region?
    var meanGradient: Region?
  }

  var options: Options
  var step: Region
  /// Of the learning rate.
  var factor: Region
  var segments: [Segment]
}

/// The C arrays that programs and optimisers are called with: addresses in the arenas, made once when a
/// plan meets its arenas.
@unsafe final class BoundArguments {
  @unsafe private struct Program {
    var header: ck_ew_program
    var rows: Int
    var channels: Int
    var inputs: UnsafeMutablePointer<ck_ew_operand>
    var outputs: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    var instructions: UnsafeMutablePointer<ck_ew_instr>
  }

  @unsafe private struct Optimizer {
    var options: OptimizerCall.Options
    var step: UnsafeRawPointer
    var factor: UnsafePointer<Float>
    var segments: UnsafeMutablePointer<ck_optimizer_segment>
    var count: Int
  }

  private let programs: [Program]
  private let optimizers: [Optimizer]

  init(programs: [ProgramCall], optimizers: [OptimizerCall], at: ArenaBases) {
    unsafe self.programs = unsafe programs.map { call in
      let instructions = UnsafeMutablePointer<ck_ew_instr>.allocate(capacity: call.instructions.count)
      unsafe instructions.initialize(from: call.instructions, count: call.instructions.count)
      let inputs = UnsafeMutablePointer<ck_ew_operand>.allocate(capacity: max(call.inputs.count, 1))
      for (index, input) in call.inputs.enumerated() {
        unsafe inputs[index] = ck_ew_operand(data: at[input.region], kind: input.kind)
      }
      let outputs = UnsafeMutablePointer<UnsafeMutablePointer<Float>?>.allocate(capacity: call.outputs.count)
      for (index, output) in call.outputs.enumerated() { unsafe outputs[index] = at[output] }
      var header = unsafe ck_ew_program(
        instructions: instructions, instruction_count: Int32(call.instructions.count),
        input_count: Int32(call.inputs.count), output_count: Int32(call.outputs.count))
      precondition(
        unsafe ck_ew_program_is_valid(&header), "bug in graphc: an element-wise program is not one that runs")
      return unsafe Program(
        header: header, rows: call.rows, channels: call.channels, inputs: inputs, outputs: outputs,
        instructions: instructions)
    }
    unsafe self.optimizers = unsafe optimizers.map { call in
      let segments = UnsafeMutablePointer<ck_optimizer_segment>.allocate(
        capacity: max(call.segments.count, 1))
      for (index, segment) in call.segments.enumerated() {
        unsafe segments[index] = ck_optimizer_segment(
          parameter: at[segment.parameter], gradient: at[segment.gradient],
          momentum: at[optional: segment.momentum],
          second_moment: at[optional: segment.secondMoment],
          mean_gradient: at[optional: segment.meanGradient],
          count: segment.parameter.count)
      }
      return unsafe Optimizer(
        options: call.options, step: UnsafeRawPointer(at.counters(call.step)),
        factor: UnsafePointer(at[call.factor]), segments: segments, count: call.segments.count)
    }
  }

  deinit {
    // By index: the formatter does not know `for unsafe` yet.
    for index in unsafe programs.indices {
      unsafe programs[index].inputs.deallocate()
      unsafe programs[index].outputs.deallocate()
      unsafe programs[index].instructions.deallocate()
    }
    for index in unsafe optimizers.indices { unsafe optimizers[index].segments.deallocate() }
  }

  func runProgram(_ index: Int, pool: OpaquePointer?) {
    unsafe programs.withUnsafeBufferPointer { programs in
      var header = unsafe programs[index].header
      unsafe ck_ew_run(
        pool, &header, programs[index].rows, programs[index].channels, programs[index].inputs,
        programs[index].outputs)
    }
  }

  func runOptimizer(_ index: Int, pool: OpaquePointer?) {
    unsafe optimizers.withUnsafeBufferPointer { optimizers in
      let (step, segments, count) = unsafe (
        optimizers[index].step.load(as: Int64.self), optimizers[index].segments, optimizers[index].count
      )
      let factor = unsafe Double(optimizers[index].factor.pointee)
      switch unsafe optimizers[index].options {
      case .adam(var options):
        options.learning_rate *= factor
        unsafe ck_adam_step(pool, &options, segments, count, step)
      case .sgd(var options):
        options.learning_rate *= factor
        unsafe ck_sgd_step(pool, &options, segments, count, step)
      case .rmsprop(var options):
        options.learning_rate *= factor
        unsafe ck_rmsprop_step(pool, &options, segments, count)
      }
    }
  }
}

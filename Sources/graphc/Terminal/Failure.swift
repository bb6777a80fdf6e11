import ArgumentParser
import Diagnostics
import Files
import Interchange
import Lowering
import ModelSpec
import Passes
import Runtime
import Training

/// The exit codes that scripts may rely on.
enum Exit {
  /// The model or its data is wrong.
  static let invalidInput = ExitCode(65)
  /// A bug in graphc.
  static let bug = ExitCode(70)
  static let inputOutput = ExitCode(74)
  /// Try again: the folder is locked.
  static let tryAgain = ExitCode(75)
  static let diverged = ExitCode(76)

  /// A signal asked to stop, and what was learned is saved: as shells count.
  static func signal(_ number: Int32) -> ExitCode { ExitCode(128 + number) }
}

/// Says what went wrong, and ends the command.
func fail(_ message: DisplayText, _ code: ExitCode) -> ExitCode {
  Console.message("error: \(message)")
  return code
}

/// Runs a command's work; a broken file becomes a message and its exit code.
func reportingFileErrors<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileError {
    throw fail("\(error)", ExitCode(error.exitCode))
  }
}

/// A model ready to run; a pass that breaks a graph is a bug, and ends the command as one.
func compile(
  _ spec: ModelSpec, _ lowered: LoweredModel, threads: ThreadOptions, disabled: Set<String> = [],
  convolutions: ConvolutionPolicy = .init()
) throws -> CompiledModel {
  var options = CPUPlan.Options()
  options.convolutions = convolutions
  options = options.with(spec.train.precision)
  if let refused = options.convolutions.refused {
    throw fail(
      "--convolution \(refused) rounds what it multiplies to bf16, which the model allows with "
        + "`train.precision: bf16` alone", .validationFailure)
  }
  let model: CompiledModel
  do {
    model = try CompiledModel(spec, lowered, threads: threads.count, disabled: disabled, options: options)
  } catch {
    throw fail(DisplayText(lines: error.description), Exit.bug)
  }
  if model.executor.threads < threads.count {
    guard threads.threads == nil else {
      throw fail(
        "--threads \(threads.count): the system does not start so many; ask for fewer, or raise the limit "
          + "(ulimit -u, ulimit -v)", Exit.inputOutput)
    }
    Console.message(
      "warning: the system does not start \(threads.count) threads; one computes, with the same result")
  }
  return model
}

/// Ends the command where a tensor that was loaded holds a value that is infinite or NaN.
func checkFinite(_ store: TensorStore, from path: String) throws {
  guard let slot = store.firstNonfinite() else { return }
  throw fail(
    "\(path): the tensor `\(slot.name)` holds a value that is infinite or NaN; an earlier checkpoint may be sound",
    Exit.diverged)
}

/// Addresses that are asked for beyond what a model takes: stacks of threads, libraries' own memory.
private let spareAddresses = 24 << 20

/// Ends the command where the machine cannot hold what a model takes: it would be stopped by the system, or stop
/// other programs, with nothing said.
///
/// - Parameter bytes: What is needed at the least.
func checkMemory(_ bytes: Int, for model: String) throws {
  let available = ProcessMemory.limit(besides: Graphc.addressSpaceAtStart)
  func refusal(_ available: DisplayText) -> ExitCode {
    fail(
      "\(model): this takes \(Text.bytes(bytes)) of memory, and there is \(available); a smaller batch takes less, "
        + "and so do smaller images and fewer `out_channels`", Exit.invalidInput)
  }
  guard bytes <= available else { throw refusal("\(Text.bytes(available))") }
  // What is mapped already is not asked for again.
  let mapped = max(0, ProcessMemory.addressSpaceBytes - Graphc.addressSpaceAtStart)
  guard ProcessMemory.hasAddressSpace(max(0, bytes - mapped) + spareAddresses) else {
    throw refusal("less than that besides what the program itself takes (ulimit -v)")
  }
}

import Files
import Training

/// Why something cannot be done, in words for people.
public struct GraphcError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// What the command `graphc` would exit with: 65 for a wrong model or data, 70 for a bug, 74 where the system
  /// fails, 76 for a training that diverged.
  public let exitCode: Int32

  init(_ text: String, exitCode: Int32) {
    description = text
    self.exitCode = exitCode
  }

  /// Runs a body, and says what it throws in words.
  static func rethrowing<Result>(_ body: () throws -> Result) throws(GraphcError) -> Result {
    do {
      return try body()
    } catch let error as GraphcError {
      throw error
    } catch let error as FileError {
      throw GraphcError("\(error)", exitCode: error.exitCode)
    } catch TrainingLoop.Failure.file(let error) {
      throw GraphcError("\(error)", exitCode: error.exitCode)
    } catch TrainingLoop.Failure.diverged(let divergence) {
      let what = divergence.loss ?? "the state"
      throw GraphcError("\(what) is infinite or NaN at step \(divergence.step)", exitCode: 76)
    } catch {
      throw GraphcError("\(error)", exitCode: 70)
    }
  }
}

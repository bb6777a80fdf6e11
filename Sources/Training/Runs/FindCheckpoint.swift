import Files
import Interchange

/// A checkpoint of a run that is whole.
public struct FoundCheckpoint: Sendable {
  public let path: String
  public let checkpoint: Checkpoint
  /// Why it is not the one that `checkpoints/latest` names; nil where it is.
  public let reason: FileError?
}

extension RunPaths {
  /// The checkpoint to go on from: the one that `checkpoints/latest` names, or where that is missing or
  /// damaged, the newest that is whole.
  ///
  /// - Throws: `FileError` where there is none, or the system fails.
  public func findCheckpoint() throws(FileError) -> FoundCheckpoint {
    var latest: String?
    let reason: FileError
    do throws(FileError) {
      let path = try latestCheckpoint()
      latest = path
      return FoundCheckpoint(path: path, checkpoint: try Checkpoint(contentsOf: path), reason: nil)
    } catch {
      // What the system refuses may be whole.
      guard error.category == .invalidInput else { throw error }
      reason = error
    }
    let others = checkpointSteps().reversed().map { checkpoint(step: $0) }.filter { $0 != latest }
    for path in others {
      do throws(FileError) {
        return FoundCheckpoint(path: path, checkpoint: try Checkpoint(contentsOf: path), reason: reason)
      } catch {
        guard error.category == .invalidInput else { throw error }
      }
    }
    guard !others.isEmpty else { throw reason }
    throw FileError(path: reason.path, reason: "\(reason.reason); no other checkpoint is whole")
  }

  /// The steps of all checkpoints that lie there, whole or not, in ascending order.
  func checkpointSteps() -> [Int] {
    ((try? entryNames(ofFolder: checkpoints)) ?? []).compactMap(Self.checkpointNames.step).sorted()
  }
}

import Files

extension RunPaths {
  /// The best score of a run so far, and the step whose checkpoint has it; nil where none was computed.
  ///
  /// - Throws: `FileError` where the file that says so is damaged.
  public func bestScore() throws(FileError) -> (step: Int, score: Double)? {
    guard try FileStatus(ofFileAt: bestCheckpointName, followingLinks: false) != nil else { return nil }
    let text = String(decoding: try readFile(at: bestCheckpointName, limit: 4096), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    guard lines.count == 2, let step = Self.checkpointNames.step(ofName: lines[0]),
      let score = Double(lines[1]), score.isFinite
    else {
      throw FileError(
        path: bestCheckpointName, reason: "does not hold the name of a checkpoint and its score")
    }
    return (step, score)
  }

  /// The checkpoint with the best score.
  ///
  /// - Throws: `FileError` where the run has none.
  public func bestCheckpoint() throws(FileError) -> String {
    guard let best = try bestScore() else {
      throw FileError(
        path: folder,
        reason: "has no best checkpoint: its model does not say `evaluate_every` under `train:`")
    }
    return checkpoint(step: best.step)
  }
}

extension RunFolder {
  /// Notes that a checkpoint which was saved has the best score so far.
  func markBest(step: Int, score: Double) throws(FileError) {
    let name = RunPaths.checkpointNames.name(ofStep: step)
    try writeFileAtomically(Array("\(name)\n\(score)\n".utf8), to: paths.bestCheckpointName)
  }
}

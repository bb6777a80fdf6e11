import Files

/// Fetches a file over HTTP, through curl, into what there is of it.
///
/// What was received is kept where the connection breaks, and gone on from. curl writes nothing itself: no more is
/// taken from a server than the file is known to have.
struct Download {
  let file: PublishedDataset.File
  let address: String

  /// How often it is asked again without anything new.
  private static let patience = 3

  /// How one call of curl ended.
  private enum Outcome {
    case whole
    case broken(RunningProgram.End)
  }

  /// - Parameters:
  ///   - part: What is there, and grows.
  ///   - progress: Is told how many bytes came, a few times a second at the least; what it throws ends this.
  /// - Throws: `FileError` where there is no curl, no connection, or the server has no such file.
  func run(into part: inout PartialFile, progress: (_ received: Int) throws -> Void) throws {
    // From a process that was killed between the last byte and the name; or another file altogether.
    if part.size > file.size { try part.restart() }
    var fruitless = 0
    while part.size < file.size {
      let before = part.size
      guard case .broken(let end) = try attempt(into: &part, progress) else { return }
      if let refusal = refusal(of: end) { throw refusal }
      if before > 0, part.size == before, Self.refusesParts(end) { try part.restart() }
      fruitless = part.size > before ? 0 : fruitless + 1
      if fruitless == Self.patience { throw unreachable(end, received: part.size) }
    }
  }

  private func attempt(
    into part: inout PartialFile, _ progress: (Int) throws -> Void
  ) throws -> Outcome {
    guard
      let curl = try RunningProgram.start(
        "curl",
        [
          "--silent", "--show-error", "--fail", "--location", "--max-redirs", "5", "--proto", "=https,http",
          "--proto-redir", "=https,http", "--connect-timeout", "20",
          // A server that sends nothing for so many seconds has gone.
          "--speed-limit", "1", "--speed-time", "30",
          "--continue-at", "\(part.size)", "--output", "-", "--url", address,
        ])
    else {
      throw FileError(
        path: "curl", reason: "is not installed, and fetches what lies on the net; or copy the files by hand",
        category: .inputOutput)
    }
    while true {
      guard let bytes = try curl.read() else {
        try progress(0)
        continue
      }
      if bytes.isEmpty { break }
      let wanted = Array(bytes.prefix(file.size - part.size))
      try part.append(wanted)
      try progress(wanted.count)
      if wanted.count < bytes.count {
        throw FileError(
          path: address, reason: "is longer than the \(file.size) bytes of the file that was published")
      }
    }
    // Whole files of which the connection ends badly are whole.
    let end = try curl.end()
    if part.size == file.size { return .whole }
    return .broken(end)
  }

  /// Whether the server does not send the rest alone: it refuses a range, or curl sees that it knows none.
  private static func refusesParts(_ end: RunningProgram.End) -> Bool {
    [33, 36].contains(end.code) || httpStatus(end) == 416
  }

  /// The server's answer, where that is why curl ended.
  private static func httpStatus(_ end: RunningProgram.End) -> Int? {
    end.code == 22 ? end.message.split { !$0.isNumber }.last.flatMap { Int($0) } : nil
  }

  /// What asking again would not change.
  private func refusal(of end: RunningProgram.End) -> FileError? {
    switch (end.code, Self.httpStatus(end)) {
    case (0, _):
      FileError(
        path: address, reason: "is shorter than the \(file.size) bytes of the file that was published")
    case (1, _), (3, _): FileError(path: address, reason: "is no address of a file: \(reason(end))")
    case (_, 400?), (_, 401?), (_, 403?), (_, 404?), (_, 410?):
      FileError(path: address, reason: "is not given: \(reason(end))")
    default: nil
    }
  }

  private func unreachable(_ end: RunningProgram.End, received: Int) -> FileError {
    let kept = received > 0 ? "; \(received) of \(file.size) bytes are there, and are gone on from" : ""
    return FileError(
      path: address, reason: "cannot be fetched: \(reason(end))\(kept)", category: .busy)
  }

  private func reason(_ end: RunningProgram.End) -> String {
    let line = end.message.split(separator: "\n").last.map(String.init) ?? "code \(end.code)"
    return line.hasPrefix("curl: ") ? line : "curl: \(line)"
  }
}

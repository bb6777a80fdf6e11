import Files
import Interchange

/// How far fetching a data set has come, in bytes.
public struct FetchProgress: Sendable {
  /// The size of the files that were not there when this began.
  public let total: Int
  /// What was there of them.
  public let start: Int
  /// What is there of them now.
  public internal(set) var received: Int
}

extension PublishedDataset {
  /// Fetches what a folder lacks of the data set, so that the folder holds all its files, or those that are whole.
  ///
  /// A file has its name once its bytes are those that were published. What stopped before goes on where it stopped.
  ///
  /// - Parameters:
  ///   - address: Where the files lie, in place of the publisher's.
  ///   - progress: Is told how far it has come, a few times a second at the least; what it throws ends this.
  /// - Throws: `FileError` where the folder holds another file of such a name, what came is not what was published, or
  ///   the net or the system fails.
  public func fetch(
    into folder: String, from address: String? = nil, progress: (FetchProgress) throws -> Void
  ) throws {
    try createFolder(at: folder)
    let wanted: [File] =
      switch contents {
      case .files(let files): try files.filter { try !isPresent($0, in: folder) }
      case .archive(let archive):
        try archive.members.allSatisfy { try isPresent($0, in: folder) } ? [] : [archive.file]
      }
    var parts: [Int] = []
    for file in wanted { parts.append(try sizeOfParts(of: file, in: folder)) }
    let start = parts.reduce(0, +)
    var state = FetchProgress(total: wanted.reduce(0) { $0 + $1.size }, start: start, received: start)
    for file in wanted {
      let base = address ?? self.address
      let download = Download(
        file: file, address: base.hasSuffix("/") ? base + file.name : "\(base)/\(file.name)")
      try Self.fetch(file, into: "\(folder)/\(file.name)", download) { received in
        state.received += received
        try progress(state)
      }
    }
    if case .archive(let archive) = contents, !wanted.isEmpty { try unpack(archive, in: folder) }
  }

  private func isPresent(_ file: File, in folder: String) throws(FileError) -> Bool {
    let path = "\(folder)/\(file.name)"
    guard let status = try FileStatus(ofFileAt: path) else { return false }
    guard status.kind == .regularFile, status.size == file.size,
      try SHA256(ofFileAt: path).text == file.checksum
    else {
      throw FileError(
        path: path, reason: "is there already, and is not the file of \(name); move it elsewhere")
    }
    return true
  }

  private func sizeOfParts(of file: File, in folder: String) throws(FileError) -> Int {
    for path in ["\(folder)/\(file.name)", "\(folder)/\(file.name).part"] {
      if let size = try FileStatus(ofFileAt: path)?.size { return min(size, file.size) }
    }
    return 0
  }

  private static func fetch(
    _ file: File, into path: String, _ download: Download, progress: (Int) throws -> Void
  ) throws {
    // An archive that was fetched, and whose unpacking did not come to its end.
    if try FileStatus(ofFileAt: path)?.kind == .regularFile { return try check(file, at: path, download) }
    var part = try PartialFile(path: path)
    do {
      try download.run(into: &part, progress: progress)
    } catch {
      if part.size == 0 { try part.discard() }
      throw error
    }
    let checksum = try SHA256 { count, offset throws(FileError) in
      try part.read(count: count, at: offset)
    }
    guard checksum.text == file.checksum else {
      try part.discard()
      throw mismatch(checksum, file, download.address)
    }
    try part.commit()
  }

  private static func check(_ file: File, at path: String, _ download: Download) throws(FileError) {
    let checksum = try SHA256(ofFileAt: path)
    if checksum.text != file.checksum { throw mismatch(checksum, file, path) }
  }

  private static func mismatch(_ checksum: SHA256, _ file: File, _ subject: String) -> FileError {
    FileError(
      path: subject,
      reason: "is not the file that was published: its SHA-256 is \(checksum.text), not \(file.checksum)")
  }

  private func unpack(_ archive: Archive, in folder: String) throws(FileError) {
    let path = "\(folder)/\(archive.file.name)"
    var reader = try TarReader(gzipAt: path)
    var missing = archive.members
    while let (name, size) = try reader.next() {
      let last = name.split(separator: "/").last.map(String.init) ?? ""
      guard let index = missing.firstIndex(where: { $0.name == last && $0.size == size }) else { continue }
      let member = missing.remove(at: index)
      if try isPresent(member, in: folder) { continue }
      let bytes = try reader.read(count: size)
      let checksum = SHA256(bytes)
      guard checksum.text == member.checksum else {
        throw Self.mismatch(checksum, member, "\(path), \(name)")
      }
      try writeFileAtomically(bytes, to: "\(folder)/\(member.name)", replacing: .nothing)
    }
    if let member = missing.first {
      throw FileError(path: path, reason: "holds no file \(member.name) of \(member.size) bytes")
    }
    try removeFile(at: path)
  }
}

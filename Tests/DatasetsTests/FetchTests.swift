import Datasets
import Files
import Foundation
import Interchange
import TestSupport
import Testing

/// Fetching a data set: whole files or none, whatever the server does, and nothing twice.
@Suite struct FetchTests {
  private struct Stopped: Error {}

  private func withTemporaryFolder<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    let folder = TemporaryFolder()
    return try withExtendedLifetime(folder) { try body(folder.path) }
  }

  /// Bytes that do not repeat.
  private static func bytes(_ count: Int, seed: UInt32) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
  }

  private static let images = bytes(300_000, seed: 1)
  private static let labels = bytes(500, seed: 2)
  private static let served = ["images.gz": images, "labels.gz": labels]

  private static func file(_ name: String, _ contents: [UInt8]) -> PublishedDataset.File {
    PublishedDataset.File(name, size: contents.count, checksum: SHA256(contents).text)
  }

  private static let dataset = PublishedDataset(
    "small", address: "http://127.0.0.1:9/", .files([file("images.gz", images), file("labels.gz", labels)]))

  private func fetch(
    _ dataset: PublishedDataset = dataset, into folder: String, from server: LoopbackServer,
    progress: (FetchProgress) throws -> Void = { _ in }
  ) throws {
    try dataset.fetch(into: folder, from: server.address, progress: progress)
  }

  private func expectWhole(in folder: String) throws {
    #expect(try entryNames(ofFolder: folder) == ["images.gz", "labels.gz"])
    #expect(try readFile(at: "\(folder)/images.gz") == Self.images)
    #expect(try readFile(at: "\(folder)/labels.gz") == Self.labels)
  }

  /// What fetching from a server throws, and what it leaves in the folder.
  private func failure(
    _ files: [String: [UInt8]], _ behavior: LoopbackServer.Behavior = .init()
  ) throws -> (error: FileError?, left: [String]) {
    try withTemporaryFolder { folder in
      try LoopbackServer.with(files, behavior) { server in
        var error: FileError?
        do { try fetch(into: folder, from: server) } catch let thrown as FileError { error = thrown }
        return (error, try entryNames(ofFolder: folder))
      }
    }
  }

  @Test func `all files come, and are not asked for again`() throws {
    try withTemporaryFolder { parent in
      let folder = "\(parent)/data/small"
      try LoopbackServer.with(Self.served) { server in
        var last: FetchProgress?
        try fetch(into: folder, from: server) { last = $0 }
        #expect(last?.received == 300_500)
        #expect(last?.total == 300_500)
        try expectWhole(in: folder)
        try fetch(into: folder, from: server) { _ in Issue.record("nothing is fetched") }
        #expect(server.requests == ["images.gz", "labels.gz"])
      }
    }
  }

  @Test func `a connection that breaks is gone on from`() throws {
    try withTemporaryFolder { folder in
      try LoopbackServer.with(Self.served, .init(cutsAfter: 100_000)) { server in
        try fetch(into: folder, from: server)
        #expect(
          server.requests == ["images.gz", "images.gz 100000", "images.gz 200000", "labels.gz"])
      }
      try expectWhole(in: folder)
    }
  }

  @Test func `what was stopped goes on from what is there`() throws {
    try withTemporaryFolder { folder in
      try LoopbackServer.with(Self.served) { server in
        #expect(throws: Stopped.self) {
          try fetch(into: folder, from: server) { if $0.received > 100_000 { throw Stopped() } }
        }
        let size = try readFile(at: "\(folder)/images.gz.part").count
        #expect(try entryNames(ofFolder: folder) == ["images.gz.part"])
        #expect((100_001..<300_000).contains(size))
        var first: FetchProgress?
        try fetch(into: folder, from: server) { first = first ?? $0 }
        #expect(first?.start == size)
        #expect(server.requests == ["images.gz", "images.gz \(size)", "labels.gz"])
      }
      try expectWhole(in: folder)
    }
  }

  @Test func `a server that sends no parts sends the whole again`() throws {
    try withTemporaryFolder { folder in
      try writeFileAtomically(Self.bytes(1000, seed: 3), to: "\(folder)/images.gz.part")
      try LoopbackServer.with(Self.served, .init(ignoresRanges: true)) { server in
        try fetch(into: folder, from: server)
        #expect(server.requests == ["images.gz 1000", "images.gz", "labels.gz"])
      }
      try expectWhole(in: folder)
    }
  }

  @Test func `what is there outlasts a server that has lost the file`() throws {
    try withTemporaryFolder { folder in
      try writeFileAtomically(Array(Self.images.prefix(1000)), to: "\(folder)/images.gz.part")
      LoopbackServer.with([:]) { server in
        #expect(throws: FileError.self) { try fetch(into: folder, from: server) }
      }
      #expect(try readFile(at: "\(folder)/images.gz.part").count == 1000)
    }
  }

  @Test func `what is not the file that was published gets no name`() throws {
    var changed = Self.images
    changed[1000] ^= 1
    let (error, left) = try failure(["images.gz": changed])
    #expect(error?.reason.contains("is not the file that was published: its SHA-256 is") == true)
    #expect(error?.exitCode == 65)
    #expect(left == [])
  }

  @Test func `a file of another length is refused`() throws {
    let long = try failure(["images.gz": Self.images + [0]])
    #expect(long.error?.reason == "is longer than the 300000 bytes of the file that was published")
    let short = try failure(["images.gz": Self.images.dropLast()])
    #expect(short.error?.reason == "is shorter than the 300000 bytes of the file that was published")
    #expect(short.left == ["images.gz.part"])
  }

  @Test func `a server without the file, one that says nothing, and none`() throws {
    let missing = try failure([:])
    #expect(missing.error?.reason.contains("is not given: curl: (22)") == true)
    #expect(missing.error?.category == .invalidInput)
    #expect(missing.left == [])
    let silent = try failure(Self.served, .init(cutsAfter: 0))
    #expect(silent.error?.category == .busy)
    #expect(silent.error?.reason.contains("cannot be fetched: curl: (18)") == true)
    withTemporaryFolder { folder in
      #expect {
        try Self.dataset.fetch(into: folder) { _ in }
      } throws: { error in
        (error as? FileError)?.exitCode == 75 && "\(error)".contains("cannot be fetched: curl: (7)")
      }
      #expect {
        try Self.dataset.fetch(into: folder, from: "ftp://127.0.0.1/") { _ in }
      } throws: { "\($0)".contains("is no address of a file: curl: (1)") }
    }
  }

  @Test func `another file of the name is left alone, and so is a link`() throws {
    try withTemporaryFolder { folder in
      try writeFileAtomically(Self.labels, to: "\(folder)/images.gz")
      try LoopbackServer.with(Self.served) { server in
        #expect {
          try fetch(into: folder, from: server)
        } throws: { "\($0)".contains("is there already, and is not the file of small") }
        #expect(try readFile(at: "\(folder)/images.gz") == Self.labels)
        try removeFile(at: "\(folder)/images.gz")
        try FileManager.default.createSymbolicLink(
          atPath: "\(folder)/images.gz.part", withDestinationPath: "elsewhere")
        #expect {
          try fetch(into: folder, from: server)
        } throws: { "\($0)".contains("is a symbolic link") }
        #expect(server.requests == [])
      }
    }
  }

  @Test func `two at once do not mix`() throws {
    try withTemporaryFolder { folder in
      try LoopbackServer.with(Self.served) { server in
        let other = try PartialFile(path: "\(folder)/images.gz")
        #expect {
          try fetch(into: folder, from: server)
        } throws: { ($0 as? FileError)?.category == .busy }
        try other.discard()
      }
    }
  }

  /// An archive that GNU tar made, of two files that are wanted and one that is not.
  private func archive(in folder: String) throws -> [UInt8] {
    try createFolder(at: "\(folder)/small")
    for (name, contents) in Self.served { try writeFileAtomically(contents, to: "\(folder)/small/\(name)") }
    try writeFileAtomically(Array("read me".utf8), to: "\(folder)/small/readme.html")
    let tar = try Process.run(
      URL(filePath: "/bin/tar"), arguments: ["-czf", "\(folder)/small.tar.gz", "-C", folder, "small"])
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
    return try readFile(at: "\(folder)/small.tar.gz")
  }

  private func dataset(_ archive: [UInt8], _ members: [PublishedDataset.File]) -> PublishedDataset {
    PublishedDataset(
      "packed", address: "", .archive(.init(Self.file("small.tar.gz", archive), members: members)))
  }

  @Test func `of an archive the members stay`() throws {
    try withTemporaryFolder { folder in
      let archive = try archive(in: folder)
      let packed = dataset(archive, Self.served.map { Self.file($0.key, $0.value) })
      try LoopbackServer.with(["small.tar.gz": archive]) { server in
        try fetch(packed, into: "\(folder)/a", from: server)
        try expectWhole(in: "\(folder)/a")
        try fetch(packed, into: "\(folder)/a", from: server)
        #expect(server.requests == ["small.tar.gz"])
        // Stopped while it was unpacked.
        try createFolder(at: "\(folder)/b")
        try writeFileAtomically(archive, to: "\(folder)/b/small.tar.gz")
        try writeFileAtomically(Self.labels, to: "\(folder)/b/labels.gz")
        try fetch(packed, into: "\(folder)/b", from: server)
        try expectWhole(in: "\(folder)/b")
        #expect(server.requests == ["small.tar.gz"])
      }
    }
  }

  @Test func `an archive that lacks a member is told of`() throws {
    try withTemporaryFolder { folder in
      let archive = try archive(in: folder)
      let packed = dataset(archive, [Self.file("more.bin", [1, 2, 3])])
      LoopbackServer.with(["small.tar.gz": archive]) { server in
        #expect {
          try fetch(packed, into: "\(folder)/a", from: server)
        } throws: { "\($0)".contains("holds no file more.bin of 3 bytes") }
      }
    }
  }
}

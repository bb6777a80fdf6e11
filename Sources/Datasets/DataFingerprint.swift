import Diagnostics
import Files
import Interchange
import ModelSpec

/// What a run's data is, so that it is noticed when it becomes something else: how many examples there are,
/// and of each file its name below the path that the model gives, its size and a checksum of its beginning and
/// end.
///
/// Dates do not count, nor where the files lie: data that was copied or moved is the same. A change in the
/// middle of a file that leaves its size and both ends is not noticed; a picture's end holds checksums, or the
/// end of what a codec made of it.
public struct DataFingerprint: Hashable, Sendable {
  public struct File: Hashable, Sendable {
    public var name: String
    /// In bytes.
    public var size: Int
    /// Of up to 4 KiB from its beginning, then up to 4 KiB from its end.
    public var checksum: String

    public init(name: String, size: Int, checksum: String) {
      self.name = name
      self.size = size
      self.checksum = checksum
    }
  }

  /// How many examples an epoch has.
  public var count: Int
  /// In the order of the paths; empty for data that comes from no file.
  public var files: [File]

  public init(count: Int, files: [File]) {
    self.count = count
    self.files = files
  }

  /// Looks at all files that a model's data names. In a folder it goes where the data source does, and leaves out
  /// what cannot be read, which the source has refused or left out itself.
  ///
  /// - Throws: `FileError` where a file that is named cannot be read, or the system fails.
  public init(_ spec: Configured, count: Int) throws(FileError) {
    self.count = count
    files = []
    for attribute in spec.attributes.keys.sorted() {
      guard let path = spec.path(attribute) else { continue }
      let isOfSeveral = spec.attributes.keys.count { spec.path($0) != nil } > 1
      let prefix = isOfSeveral ? "\(attribute): " : ""
      if isFolder(path) {
        // Sources without the attribute follow all links.
        let listing = try FolderListing(path, followsLinks: spec.bool("follow_links") ?? true)
        for file in listing.files where Self.isData(file) {
          do throws(FileError) {
            files.append(try Self.file(file, called: prefix + file.dropFirst(path.count).drop { $0 == "/" }))
          } catch {
            guard error.category == .invalidInput else { throw error }
          }
        }
      } else {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        files.append(try Self.file(path, called: prefix + name))
      }
    }
  }

  /// What else lies in a folder of data is nobody's business.
  private static func isData(_ path: String) -> Bool {
    let name = path.lowercased()
    return (ImageFolder.suffixes + [".bin"]).contains { name.hasSuffix($0) }
  }

  private static func file(_ path: String, called name: some StringProtocol) throws(FileError) -> File {
    let (size, ends) = try readEnds(ofFile: path, count: 4096)
    return File(name: String(name), size: size, checksum: CRC32(ends).text)
  }

  /// Tells the data from other data: `1797-00c0ffee`.
  public var text: String {
    var checksum = CRC32()
    for file in files {
      let line = Array("\(file.name)\0\(file.size)\0\(file.checksum)\0".utf8)
      checksum.update(line)
    }
    return "\(count)-\(checksum.text)"
  }

  /// How this data differs from what it was, in words; empty where it does not.
  public func changes(since earlier: DataFingerprint) -> [String] {
    let before = Dictionary(earlier.files.map { ($0.name, $0) }) { first, _ in first }
    let after = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
    func list(_ what: String, _ names: [String]) -> String? {
      guard let first = names.first else { return nil }
      let others = names.count > 1 ? " and \(names.count - 1) more" : ""
      return "\(what): \(quotedForDisplay(first))\(others)"
    }
    var changes = [
      list("new", files.map(\.name).filter { before[$0] == nil }),
      list("missing", earlier.files.map(\.name).filter { after[$0] == nil }),
      list("changed", files.filter { file in before[file.name].map { $0 != file } ?? false }.map(\.name)),
    ].compactMap { $0 }
    if count != earlier.count { changes.append("\(count) examples in place of \(earlier.count)") }
    return changes
  }
}

extension DataFingerprint {
  /// As the lines of a file: the number of examples, then a file each.
  public var lines: String {
    #"{"examples": \#(count), "fingerprint": "\#(text)"}"# + "\n"
      + files.map {
        #"{"name": \#(jsonLiteral($0.name)), "size": \#($0.size), "crc32": "\#($0.checksum)"}"# + "\n"
      }.joined()
  }

  /// Reads `lines`; nil where they are none, or are not whole.
  public init?(lines text: [UInt8]) {
    var count: Int?
    var fingerprint: String?
    var files: [File] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      var cursor = JSONCursor(Array(line))
      var (name, size, checksum): (String?, Int?, String?) = (nil, nil, nil)
      do throws(MalformedText) {
        try cursor.readObject { cursor, key throws(MalformedText) in
          switch key {
          case "examples": count = try cursor.readNaturalNumber()
          case "fingerprint": fingerprint = try cursor.readString()
          case "name": name = try cursor.readString()
          case "size": size = try cursor.readNaturalNumber()
          case "crc32": checksum = try cursor.readString()
          default: throw MalformedText(reason: "it has another member")
          }
        }
      } catch { return nil }
      if let name, let size, let checksum { files.append(File(name: name, size: size, checksum: checksum)) }
    }
    guard let count else { return nil }
    self.init(count: count, files: files)
    if self.text != fingerprint { return nil }
  }
}

import Files
import Interchange
import ModelSpec

/// The PNG and JPEG files of a folder and its subfolders, in the order of their paths' bytes.
///
/// A file is taken for an image by the end of its name: `.png`, `.jpg` or `.jpeg`, in upper or lower case; or
/// where it begins as such a file does, and its name has no ending or that of some image. Hidden files are left
/// out, and what is passed over besides is counted.
struct ImageFolder: Sendable {
  /// How images are read.
  struct Reading: Sendable {
    var request: ImageRequest
    /// Whether folders that cannot be read are left out.
    var skipsBroken: Bool
    /// Whether links to folders elsewhere are followed.
    var followsLinks: Bool
  }

  let folder: String
  /// Each begins with the folder's own.
  let paths: [String]
  /// What there is besides the images.
  let passedOver: PassedOver
  private let request: ImageRequest

  /// How the names of images end, in lower case.
  static let suffixes = [".png", ".jpg", ".jpeg"]

  /// Lists the folder; of files, the first bytes are read of those whose names do not say that they are images.
  ///
  /// - Throws: `FileError` where the folder is missing or holds no image, or where it or a subfolder cannot be
  ///   read.
  init(_ folder: String, _ reading: Reading) throws(FileError) {
    if let kind = try FileStatus(ofFileAt: folder)?.kind, kind == .regularFile {
      let what = try Interchange.kind(ofFileAt: folder).explanation.map { ", but \($0)" } ?? ""
      throw FileError(path: folder, reason: "is no folder\(what); name the folder that the pictures lie in")
    }
    let listing = try FolderListing(folder, followsLinks: reading.followsLinks)
    if !reading.skipsBroken, let unreadable = listing.unreadable.first {
      throw unreadable.adding("`broken: skip` under `data:` leaves such folders out")
    }
    var passedOver = PassedOver(unreadable: listing.unreadable, outside: listing.outside)
    var paths: [String] = []
    for path in listing.files {
      if Self.hasImageName(path) || passedOver.isImage(path) { paths.append(path) }
    }
    guard !paths.isEmpty else {
      let what = passedOver.isEmpty ? "it holds no files" : "it holds \(passedOver.text)"
      throw FileError(path: folder, reason: "holds no PNG or JPEG file: \(what)")
    }
    self.folder = folder
    self.paths = paths
    self.passedOver = passedOver
    request = reading.request
  }

  private static func hasImageName(_ path: String) -> Bool {
    let name = path.suffix(5).lowercased()
    return suffixes.contains(where: name.hasSuffix)
  }

  /// The images stay in their files; what is kept are their paths.
  var byteCount: Int {
    // A longer text has a block of its own, with 32 bytes before its first.
    paths.reduce(0) { $0 + MemoryLayout<String>.stride + ($1.utf8.count > 15 ? 32 + $1.utf8.count : 0) }
  }

  func image(at index: Int) throws(FileError) -> SourceImage {
    let (image, facts) = try Image.read(paths[index], request)
    return SourceImage(image, SourceFile(path: paths[index], facts: facts))
  }

  func file(at index: Int) throws(FileError) -> SourceFile {
    SourceFile(path: paths[index], facts: try Image.facts(ofFileAt: paths[index]))
  }

  /// A file's path below the folder.
  func name(at index: Int) -> Substring {
    Substring(paths[index].utf8.dropFirst(folder.utf8.count + (folder.hasSuffix("/") ? 0 : 1)))
  }
}

extension ImageFolder.Reading {
  /// As a model describes it.
  ///
  /// - Parameter size: What is wanted of each image.
  init(_ size: ImageRequest.Size, _ context: DataSourceDefinition.Context) throws(FileError) {
    try self.init(size, channels: context.channels, context.configured)
  }

  /// As a model describes its data; without such a text, as it would be without any attribute.
  init(_ size: ImageRequest.Size, channels: Int, _ configured: Configured?) throws(FileError) {
    let background = configured?.ints("background") ?? [255, 255, 255]
    guard background.count == 3 else {
      throw FileError(
        path: configured?.name.value ?? "",
        reason: "takes a `background` of red, green and blue, not \(background)")
    }
    self.init(
      request: ImageRequest(
        size, channels: channels == 4 ? 4 : nil, background: background.map { UInt8(clamping: $0) },
        white: configured?.int("white") ?? 65_535),
      skipsBroken: configured?.string("broken") == "skip",
      followsLinks: configured?.bool("follow_links") ?? false)
  }
}

/// What a folder holds besides the images that are read.
public struct PassedOver: Sendable {
  /// A kind of files, as one of them and several are called.
  struct Kind: Hashable, Sendable {
    var one: String
    var many: String
    /// Whether it could be read in another format.
    var canBeConverted: Bool

    init(_ one: String, many: String? = nil, canBeConverted: Bool = false) {
      self.one = one
      self.many = many ?? one + "s"
      self.canBeConverted = canBeConverted
    }
  }

  /// How many files of each kind, the kinds in the order in which they are met.
  private var kinds: [(kind: Kind, count: Int, example: String)] = []
  let unreadable: [FileError]
  /// Links to folders elsewhere.
  let outside: [String]

  init(unreadable: [FileError] = [], outside: [String] = []) {
    self.unreadable = unreadable
    self.outside = outside
  }

  var isEmpty: Bool { kinds.isEmpty && unreadable.isEmpty && outside.isEmpty }

  /// Looks at a file whose name does not say that it is an image. One that is none is counted.
  mutating func isImage(_ path: String) -> Bool {
    let kind: Kind
    do {
      switch try Interchange.kind(ofFileAt: path) {
      case .png, .jpeg:
        if Self.mayBeImage(path) { return true }
        kind = Kind(
          "picture with the ending of another file", many: "pictures with the ending of another file")
      case .otherImage(let name): kind = Kind("\(name) image", canBeConverted: true)
      case .webPage: kind = Kind("web page")
      case .archive(let name): kind = Kind("\(name) archive")
      case .other("a text"): kind = Kind("text")
      case .empty: kind = Kind("empty file")
      case .other, .unknown: kind = Kind("file that is no image", many: "files that are no images")
      }
    } catch {
      kind = Kind("file that cannot be read", many: "files that cannot be read")
    }
    if let place = kinds.firstIndex(where: { $0.kind == kind }) {
      kinds[place].count += 1
    } else {
      kinds.append((kind, 1, path))
    }
    return false
  }

  /// Whether a file that is an image is meant as one: a copy such as `1.png.bak` is not.
  private static func mayBeImage(_ path: String) -> Bool {
    let name = path[
      path.index(path.lastIndex(of: "/") ?? path.startIndex, offsetBy: path.contains("/") ? 1 : 0)...]
    guard let dot = name.lastIndex(of: ".") else { return true }
    let endings = [
      "jfif", "jpe", "jif", "pjpeg", "apng", "webp", "gif", "bmp", "tif", "tiff", "heic", "avif",
    ]
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// How many files of a kind there are, such as `WebP image`.
  func count(of kind: String) -> Int { kinds.first { $0.kind.one == kind }?.count ?? 0 }

  /// All of it in a phrase.
  var text: String {
    var parts = kinds.map { kind, count, example in
      let noun = count == 1 ? kind.one : kind.many
      let advice = kind.canBeConverted ? "; convert them to PNG or JPEG" : ""
      return "\(count) \(noun) (such as \(example)\(advice))"
    }
    if let first = unreadable.first {
      parts.append("\(unreadable.count) folder\(unreadable.count == 1 ? "" : "s") (\(first))")
    }
    if let first = outside.first {
      parts.append(
        "\(outside.count) link\(outside.count == 1 ? "" : "s") to folders elsewhere (such as \(first);"
          + " `follow_links: true` under `data:` follows them)")
    }
    return parts.joined(separator: ", ")
  }

  static func + (first: PassedOver, second: PassedOver) -> PassedOver {
    var sum = PassedOver(
      unreadable: first.unreadable + second.unreadable, outside: first.outside + second.outside)
    sum.kinds = first.kinds
    for (kind, count, example) in second.kinds {
      if let place = sum.kinds.firstIndex(where: { $0.kind == kind }) {
        sum.kinds[place].count += count
      } else {
        sum.kinds.append((kind, count, example))
      }
    }
    return sum
  }
}

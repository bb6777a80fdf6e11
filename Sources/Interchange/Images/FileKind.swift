/// What a file is, as far as its first bytes tell.
public enum FileKind: Hashable, Sendable {
  case png, jpeg
  /// An image that cannot be read, by the name of its format.
  case otherImage(String)
  case webPage
  /// Something that holds files, by the name of its format.
  case archive(String)
  /// Any other format that is known, by what it is.
  case other(String)
  case empty
  case unknown

  /// How many of a file's first bytes are looked at.
  public static let length = 512

  /// - Parameter bytes: The file's first `length` bytes, or all of them.
  public init(beginning bytes: [UInt8]) {
    func begins(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + prefix.count && bytes[offset..<offset + prefix.count].elementsEqual(prefix)
    }
    func reads(_ text: String, at offset: Int = 0) -> Bool { begins(Array(text.utf8), at: offset) }

    if bytes.isEmpty {
      self = .empty
    } else if begins([0x89]) && reads("PNG", at: 1) {
      self = .png
    } else if begins([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if reads("RIFF") && reads("WEBP", at: 8) {
      self = .otherImage("WebP")
    } else if reads("GIF8") {
      self = .otherImage("GIF")
    } else if reads("BM") && begins([0, 0, 0, 0], at: 6) {
      self = .otherImage("BMP")
    } else if reads("II") && begins([42, 0], at: 2) || reads("MM") && begins([0, 42], at: 2) {
      self = .otherImage("TIFF")
    } else if reads("ftyp", at: 4) {
      self = Self.container(String(decoding: bytes.dropFirst(8).prefix(4), as: UTF8.self))
    } else if begins([0, 0, 0, 12]) && reads("JXL ", at: 4) || begins([0xFF, 0x0A]) {
      self = .otherImage("JPEG XL")
    } else if begins([0, 0, 0, 12]) && reads("jP  ", at: 4) || begins([0xFF, 0x4F, 0xFF, 0x51]) {
      self = .otherImage("JPEG 2000")
    } else if reads("8BPS") {
      self = .otherImage("Photoshop")
    } else if begins([0, 0, 1, 0]) && bytes.count > 5 && bytes[4] > 0 {
      self = .otherImage("icon")
    } else if begins([0x76, 0x2F, 0x31, 0x01]) {
      self = .otherImage("OpenEXR")
    } else if bytes.count > 2, reads("P"), (49...54).contains(bytes[1]), [9, 10, 13, 32].contains(bytes[2]) {
      self = .otherImage("PNM")
    } else if begins([0x1F, 0x8B]) {
      self = .archive("gzip")
    } else if begins([0x50, 0x4B, 3, 4]) {
      self = .archive(Self.zipKind(bytes))
    } else if begins([0x50, 0x4B, 5, 6]) {
      self = .archive("zip")
    } else if reads("ustar", at: 257) {
      self = .archive("tar")
    } else if begins([0xFD]) && reads("7zXZ", at: 1) {
      self = .archive("xz")
    } else if reads("BZh") {
      self = .archive("bzip2")
    } else if begins([0x28, 0xB5, 0x2F, 0xFD]) {
      self = .archive("zstd")
    } else if begins([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) {
      self = .archive("7z")
    } else if reads("Rar!") {
      self = .archive("rar")
    } else if begins([0x93]) && reads("NUMPY", at: 1) {
      self = .other("a NumPy array (.npy)")
    } else if begins([0x89]) && reads("HDF", at: 1) {
      self = .other("an HDF5 file")
    } else if bytes.count > 1, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      self = .other("a Python pickle")
    } else if reads("%PDF") {
      self = .other("a PDF document")
    } else if reads("version https://git-lfs") {
      self = .other("a Git LFS pointer, not the file itself: `git lfs pull` fetches it")
    } else {
      self = Self.text(bytes)
    }
  }

  /// - Parameter brand: What an ISO base media file says that it is.
  private static func container(_ brand: String) -> FileKind {
    switch brand {
    case "avif", "avis": .otherImage("AVIF")
    case "heic", "heix", "hevc", "hevx", "mif1", "msf1", "heim", "heis": .otherImage("HEIC")
    default: .other("a video")
    }
  }

  /// NumPy's archives are zip files whose first member is an array.
  private static func zipKind(_ bytes: [UInt8]) -> String {
    guard bytes.count > 30 else { return "zip" }
    let length = Int(bytes[26]) | Int(bytes[27]) << 8
    return bytes[30...].prefix(length).suffix(4).elementsEqual(".npy".utf8) ? "npz" : "zip"
  }

  private static func text(_ bytes: [UInt8]) -> FileKind {
    let isText = bytes.allSatisfy { $0 >= 32 && $0 != 127 || [9, 10, 12, 13].contains($0) }
    guard isText else { return .unknown }
    var start = bytes[...]
    if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = start.dropFirst(3) }
    start = start.drop { $0 <= 32 }
    let lowered = String(decoding: start, as: UTF8.self).lowercased()
    if ["<!doctype html", "<html", "<head", "<body", "<script", "<title"].contains(where: lowered.hasPrefix) {
      return .webPage
    }
    if lowered.hasPrefix("<svg") || lowered.hasPrefix("<?xml") && lowered.contains("<svg") {
      return .otherImage("SVG")
    }
    if lowered.hasPrefix("<") && lowered.contains("<html") { return .webPage }
    return .other("a text")
  }

  /// What it is, as the rest of a sentence, and what to do about it; nil where that is not known.
  public var explanation: String? {
    switch self {
    case .png: "a PNG file"
    case .jpeg: "a JPEG file"
    case .otherImage(let name): "\(Self.article(name)) \(name) image: convert it to PNG or JPEG"
    case .webPage: "a web page (HTML): the download failed, so fetch it again"
    case .archive(let name): "\(Self.article(name)) \(name) archive: unpack it first"
    case .other(let name): name
    case .empty: "empty"
    case .unknown: nil
    }
  }

  private static func article(_ name: String) -> String {
    ["AVIF", "icon", "SVG", "OpenEXR", "npz", "xz", "rar"].contains(name) && name != "rar" ? "an" : "a"
  }
}

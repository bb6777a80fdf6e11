import Files

/// An image of eight bits a channel: rows from top to bottom, pixels from left to right, the channels of
/// a pixel together.
public struct Image: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 (grey), 3 (red, green, blue) or 4 (and alpha, by which colours are not multiplied).
  public let channels: Int
  /// `height · width · channels` bytes, in sRGB's brightness curve.
  public let pixels: [UInt8]

  /// The most pixels of an image. A file of a few bytes may claim any size; nothing is allocated for one
  /// that claims more.
  public static let pixelLimit = 1 << 28
  /// The most pixels of a side: libpng's own limit.
  public static let sideLimit = 1_000_000

  /// - Precondition: `canHold(width:height:)`, one, three or four channels, and as many bytes as they take.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(Self.canHold(width: width, height: height), "the size is not one of an image")
    precondition([1, 3, 4].contains(channels), "an image has one channel, three or four")
    precondition(pixels.count == width * height * channels, "the bytes do not fill the image")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Whether an image can have these sides.
  public static func canHold(width: Int, height: Int) -> Bool {
    (1...sideLimit).contains(width) && (1...sideLimit).contains(height) && width * height <= pixelLimit
  }

  /// Checks the size that a file claims.
  static func checkSize(width: Int, height: Int, path: String) throws(FileError) {
    if canHold(width: width, height: height) { return }
    throw FileError(
      path: path, reason: "claims \(width)×\(height) pixels; at most \(pixelLimit) can be read")
  }
}

/// How a file holds its image.
public struct ImageFileFacts: Hashable, Sendable {
  public enum Format: String, Hashable, Sendable {
    case png = "PNG"
    case jpeg = "JPEG"
  }

  public enum Colors: String, Hashable, Sendable {
    case grey, color, palette, inks
  }

  public var format: Format
  /// In pixels, of the upright picture.
  public var width: Int
  public var height: Int
  public var colors: Colors
  /// Bits of a sample, or of an index into the palette.
  public var depth: Int
  public var orientation: Orientation
  /// Whether pixels may be transparent; once they are decoded, whether any is.
  public var hasTransparency: Bool
  /// Whether it cannot be decoded from above to below: an interlaced PNG file, a progressive JPEG file.
  public var isProgressive: Bool
  /// The greatest sample of a file of 16 bits, once its pixels are decoded.
  public var greatestSample: Int?

  /// About how much memory decoding takes, in bytes.
  ///
  /// - Parameter minimum: The size in pixels that the image is brought to; nil for the file's own.
  public func decodingByteCount(minimum: (width: Int, height: Int)?) -> Int {
    let pixels = width * height
    // A row as the file has it, one as it is delivered, and sums over rows.
    let rows = 4 * 4 * 4 * (orientation.swapsSides ? height : width)
    let whole = minimum == nil ? 4 * pixels : 4 * 4 * min(minimum!.width * minimum!.height, pixels)
    guard isProgressive else { return rows + whole }
    switch format {
    case .png: return rows + whole + pixels * 4 * (depth == 16 ? 2 : 1)
    // Two bytes for each coefficient.
    case .jpeg: return rows + whole + 2 * 3 * pixels
    }
  }
}

/// What is wanted of an image file.
public struct ImageRequest: Hashable, Sendable {
  public enum Size: Hashable, Sendable {
    /// The file's own.
    case whole
    /// Any of which both sides have at least as much, where the file's have; for a caller that makes it smaller,
    /// to whom large JPEG files are cheaper so.
    case atLeast(width: Int, height: Int)
    /// This one, filled wholly and without distortion; what stands out on two sides is cut off.
    case covering(width: Int, height: Int)
  }

  public var size: Size
  /// 1 (grey), 3 (red, green, blue) or 4 (and alpha); nil is one for files without colour, else three.
  public var channels: Int?
  /// What shows through transparent pixels where no alpha is wanted: red, green and blue.
  public var background: [UInt8]
  /// The sample of a file of 16 bits that is white.
  public var white: Int

  /// - Precondition: `channels` is nil, 1, 3 or 4, the background has three values, and white is in 1…65535.
  public init(
    _ size: Size = .whole, channels: Int? = nil, background: [UInt8] = [255, 255, 255], white: Int = 65_535
  ) {
    precondition([nil, 1, 3, 4].contains(channels), "an image has one channel, three or four")
    precondition(background.count == 3 && (1...65_535).contains(white), "a colour has three values")
    (self.size, self.channels, self.background, self.white) = (size, channels, background, white)
  }
}

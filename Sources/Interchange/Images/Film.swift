import Files

/// Images that are shown one after another.
public struct Film: Sendable {
  public var frames: [Image]
  /// How long each frame stands, in hundredths of a second.
  public var delay: Int
  /// How long the last one does.
  public var lastDelay: Int

  /// Frames of different sizes or numbers of channels become like the largest.
  ///
  /// - Precondition: There is a frame, and delays are from 1 to 60,000.
  public init(frames: [Image], delay: Int, lastDelay: Int? = nil) {
    precondition(!frames.isEmpty, "a film has frames")
    precondition((1...60_000).contains(delay) && (1...60_000).contains(lastDelay ?? delay), "a delay")
    let width = frames.reduce(0) { max($0, $1.width) }
    let height = frames.reduce(0) { max($0, $1.height) }
    let channels = frames.contains { $0.channels > 1 } ? 3 : 1
    self.frames = frames.map { frame in
      let sized =
        (frame.width, frame.height) == (width, height) ? frame : frame.resized(width: width, height: height)
      return sized.channels == channels ? sized : sized.withChannels(channels)
    }
    self.delay = delay
    self.lastDelay = lastDelay ?? delay
  }

  /// The formats of films, by the endings of files' names.
  public enum Format: Sendable, CaseIterable {
    /// Lossless; programs that know no animated PNG show the first frame.
    case png
    /// At most 256 colours, the same in all frames; grey is lossless.
    case gif

    public init?(path: String) {
      switch path.lowercased() {
      case let path where path.hasSuffix(".png") || path.hasSuffix(".apng"): self = .png
      case let path where path.hasSuffix(".gif"): self = .gif
      default: return nil
      }
    }
  }

  /// - Parameter texts: What the file says of itself, by keywords of Latin letters; GIF files say nothing.
  public func encoded(as format: Format, texts: [(key: String, text: String)] = []) -> [UInt8] {
    switch format {
    case .png: encodedPNG(texts: texts)
    case .gif: encodedGIF()
    }
  }
}

extension Image {
  /// The image with each pixel a square of so many, by the smallest whole factor that brings the longer side to
  /// a length.
  public func enlarged(toSide length: Int) -> Image {
    let longer = max(width, height)
    let factor = (length + longer - 1) / longer
    guard factor > 1, Self.canHold(width: width * factor, height: height * factor) else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count * factor * factor)
    for y in 0..<height {
      var row: [UInt8] = []
      for x in 0..<width {
        let pixel = pixels[((y * width + x) * channels)..<((y * width + x + 1) * channels)]
        for _ in 0..<factor { row += pixel }
      }
      for _ in 0..<factor { result += row }
    }
    return Image(width: width * factor, height: height * factor, channels: channels, pixels: result)
  }
}

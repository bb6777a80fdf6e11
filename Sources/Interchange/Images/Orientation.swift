/// How a stored picture is to be turned and mirrored to stand upright.
///
/// The numbers are those of the Exif tag `Orientation`. Source: CIPA DC-008 (Exif 2.32), 4.6.4, A.
public enum Orientation: Int, Hashable, Sendable, CaseIterable {
  case upright = 1
  case mirrored = 2
  case turnedHalf = 3
  case mirroredTurnedHalf = 4
  /// Mirrored at the diagonal from the upper left corner.
  case transposed = 5
  /// Its upper side is on the right, and is turned up by a quarter clockwise.
  case turnedRight = 6
  /// Mirrored at the diagonal from the upper right corner.
  case transverse = 7
  case turnedLeft = 8

  /// Whether stored rows are upright columns.
  public var swapsSides: Bool { rawValue >= 5 }

  /// Whether, once sides are swapped, left and right are to be.
  var flipsColumns: Bool { [.mirrored, .turnedHalf, .turnedRight, .transverse].contains(self) }

  /// Whether, once sides are swapped, above and below are to be.
  var flipsRows: Bool { [.turnedHalf, .mirroredTurnedHalf, .transverse, .turnedLeft].contains(self) }

  /// What an Exif block says; upright where it says nothing, or nothing that can be read.
  ///
  /// The block is a TIFF file whose first directory has the tag 0x0112, a short number.
  /// Source: TIFF 6.0, section 2.
  init(exif block: [UInt8]) {
    self = .upright
    var bytes = block[...]
    if bytes.starts(with: Array("Exif\0\0".utf8)) { bytes = bytes.dropFirst(6) }
    let isBigEndian = bytes.starts(with: [0x4D, 0x4D, 0, 42])
    guard isBigEndian || bytes.starts(with: [0x49, 0x49, 42, 0]) else { return }
    func number(_ size: Int, at offset: Int) -> Int? {
      guard offset >= 0, offset + size <= bytes.count else { return nil }
      let digits = bytes[(bytes.startIndex + offset)...].prefix(size)
      return (isBigEndian ? Array(digits) : digits.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, at: 4), let count = number(2, at: directory) else { return }
    for entry in 0..<count {
      let start = directory + 2 + 12 * entry
      guard let tag = number(2, at: start), let type = number(2, at: start + 2) else { return }
      if tag != 0x0112 { continue }
      if type == 3, let value = number(2, at: start + 8), let orientation = Orientation(rawValue: value) {
        self = orientation
      }
      return
    }
  }
}

/// A part of an image, in pixels from its upper left corner.
struct ImageRegion: Hashable, Sendable {
  var left: Int
  var top: Int
  var width: Int
  var height: Int

  /// The largest part in the middle of an image that has the shape of another. Where a border cannot be
  /// halved, the left or upper one is the narrower.
  static func covering(
    width newWidth: Int, height newHeight: Int, of width: Int, _ height: Int
  ) -> ImageRegion {
    var (cutWidth, cutHeight) = (width, height)
    if width * newHeight > height * newWidth {
      cutWidth = max(1, (height * newWidth + newHeight / 2) / newHeight)
    } else {
      cutHeight = max(1, (width * newHeight + newWidth / 2) / newWidth)
    }
    return ImageRegion(
      left: (width - cutWidth) / 2, top: (height - cutHeight) / 2, width: cutWidth, height: cutHeight)
  }

  /// Where a part of an upright picture lies in the stored one.
  ///
  /// - Parameters:
  ///   - width: Of the upright picture.
  ///   - height: So too.
  func stored(_ orientation: Orientation, width uprightWidth: Int, height uprightHeight: Int) -> ImageRegion {
    var region = self
    if orientation.flipsColumns { region.left = uprightWidth - left - width }
    if orientation.flipsRows { region.top = uprightHeight - top - height }
    return orientation.swapsSides
      ? ImageRegion(left: region.top, top: region.left, width: region.height, height: region.width) : region
  }
}

extension Image {
  /// The stored image upright.
  public func turned(_ orientation: Orientation) -> Image {
    if orientation == .upright { return self }
    let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count)
    for y in 0..<newHeight {
      let row = orientation.flipsRows ? newHeight - 1 - y : y
      for x in 0..<newWidth {
        let column = orientation.flipsColumns ? newWidth - 1 - x : x
        let source = (orientation.swapsSides ? column * width + row : row * width + column) * channels
        for channel in 0..<channels { result.append(pixels[source + channel]) }
      }
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
  }
}

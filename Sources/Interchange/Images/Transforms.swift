extension Image {
  /// The middle of the image. Where the border cannot be halved, the left or upper one is the narrower.
  ///
  /// - Precondition: The size is within the image's.
  public func centerCropped(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(newWidth <= width && newHeight <= height, "a crop cannot exceed the image")
    if (newWidth, newHeight) == (width, height) { return self }
    return cropped(
      left: (width - newWidth) / 2, top: (height - newHeight) / 2, width: newWidth, height: newHeight)
  }

  /// A part of the image.
  ///
  /// - Precondition: The part lies within the image.
  public func cropped(left: Int, top: Int, width newWidth: Int, height newHeight: Int) -> Image {
    precondition(
      left >= 0 && top >= 0 && left + newWidth <= width && top + newHeight <= height,
      "a crop cannot exceed the image")
    var result: [UInt8] = []
    result.reserveCapacity(newWidth * newHeight * channels)
    for y in top..<top + newHeight {
      let start = (y * width + left) * channels
      result += pixels[start..<start + newWidth * channels]
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
  }

  /// The image as in a mirror: left becomes right.
  public func flippedHorizontally() -> Image {
    var result = pixels
    for y in 0..<height {
      for x in 0..<width {
        let source = (y * width + x) * channels
        let target = (y * width + width - 1 - x) * channels
        for channel in 0..<channels { result[target + channel] = pixels[source + channel] }
      }
    }
    return Image(width: width, height: height, channels: channels, pixels: result)
  }

  /// The image with one channel: luma by ITU-R BT.601, in the integers that Pillow uses, which
  /// `torchvision.transforms.Grayscale` goes by.
  public func grayscale() -> Image {
    if channels == 1 { return self }
    if channels == 4 { return laid(on: [255, 255, 255]).grayscale() }
    let result = (0..<width * height).map { index in
      let red = Int(pixels[3 * index])
      let green = Int(pixels[3 * index + 1])
      let blue = Int(pixels[3 * index + 2])
      // 0.299, 0.587 and 0.114 in units of 2⁻¹⁶.
      return UInt8((19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16)
    }
    return Image(width: width, height: height, channels: 1, pixels: result)
  }

  /// The image with one, three or four channels. What is transparent and is to be no more shows white.
  public func withChannels(_ count: Int) -> Image {
    switch count {
    case 1: return grayscale()
    case 3: return rgb()
    default:
      if channels == 4 { return self }
      var result: [UInt8] = []
      result.reserveCapacity(4 * width * height)
      for pixel in 0..<width * height {
        for channel in 0..<3 { result.append(pixels[channels == 1 ? pixel : 3 * pixel + channel]) }
        result.append(255)
      }
      return Image(width: width, height: height, channels: 4, pixels: result)
    }
  }

  /// An image with alpha over a colour, in the stored brightness curve, as viewers show it.
  ///
  /// - Precondition: The image has four channels.
  public func laid(on background: [UInt8]) -> Image {
    precondition(channels == 4 && background.count == 3, "only what may be transparent is laid on something")
    var result: [UInt8] = []
    result.reserveCapacity(3 * width * height)
    for pixel in 0..<width * height {
      let alpha = Int(pixels[4 * pixel + 3])
      for channel in 0..<3 {
        let sum = Int(pixels[4 * pixel + channel]) * alpha + Int(background[channel]) * (255 - alpha) + 128
        result.append(UInt8((sum + sum >> 8) >> 8))
      }
    }
    return Image(width: width, height: height, channels: 3, pixels: result)
  }

  /// The image with three channels; grey becomes three equal ones.
  public func rgb() -> Image {
    if channels == 3 { return self }
    if channels == 4 { return laid(on: [255, 255, 255]) }
    var result: [UInt8] = []
    result.reserveCapacity(3 * pixels.count)
    for value in pixels { result.append(contentsOf: repeatElement(value, count: 3)) }
    return Image(width: width, height: height, channels: 3, pixels: result)
  }
}

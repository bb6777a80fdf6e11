import Interchange

/// Where an image differs from what it was reconstructed as.
public enum HeatMap {
  /// The magnitudes of the differences, the mean over the channels, [H, W], from 0 to 1 of the range.
  public static func differences(
    _ image: [Float], _ reconstruction: [Float], channels: Int, range: (low: Double, high: Double)
  ) -> [Double] {
    let area = image.count / channels
    return (0..<area).map { pixel in
      var sum = 0.0
      for channel in 0..<channels {
        sum += abs(Double(image[channel * area + pixel]) - Double(reconstruction[channel * area + pixel]))
      }
      return sum / Double(channels) / (range.high - range.low)
    }
  }

  /// The image, its reconstruction, the differences in colours from black over red and yellow to white, and these
  /// over the image.
  ///
  /// - Parameter white: The difference that is white; the same for all images, or a normal one would glow too.
  public static func pictures(
    _ image: Image, _ reconstruction: Image, differences: [Double], white: Double
  ) -> [Image] {
    let colors = differences.map { color(white > 0 ? $0 / white : $0 > 0 ? 1 : 0) }
    let map = Image(
      width: image.width, height: image.height, channels: 3, pixels: colors.flatMap { [$0.0, $0.1, $0.2] })
    let original = image.withChannels(3)
    let overlay = Image(
      width: image.width, height: image.height, channels: 3,
      pixels: zip(original.pixels, map.pixels).map { UInt8((Int($0) + Int($1)) / 2) })
    return [original, reconstruction.withChannels(3), map, overlay]
  }

  private static func color(_ heat: Double) -> (UInt8, UInt8, UInt8) {
    func part(_ from: Double) -> UInt8 { UInt8(max(0, min(1, heat * 3 - from)) * 255) }
    return (part(0), part(1), part(2))
  }
}

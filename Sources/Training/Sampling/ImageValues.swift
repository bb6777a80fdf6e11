import Interchange
import ModelSpec

extension Sampler {
  /// Any image as the network's images are: scaled until it fills them, the middle cut out.
  ///
  /// - Returns: [C, H, W], in the network's range.
  public func values(of image: Image) -> [Float] {
    let spec = model.spec
    let (channels, height, width) = (spec.channels.value, spec.height.value, spec.width.value)
    let sized = image.resizedToCover(width: width, height: height).withChannels(channels)
    let area = height * width
    return (0..<channels * area).map { index in
      let byte = Float(sized.pixels[index % area * channels + index / area])
      return range.low + (range.high - range.low) * byte / 255
    }
  }

  /// An image of the network's size and channels as vectors of real images are: [C, H, W] from 0 to 1.
  public func unitValues(of image: Image) -> [Float] {
    let width = range.high - range.low
    return values(of: image).map { ($0 - range.low) / width }
  }

  /// The images of values [N, C, H, W] in the network's range.
  public func images(ofValues values: [Float]) -> [Image] {
    let size = model.spec.channels.value * model.spec.height.value * model.spec.width.value
    return (0..<values.count / size).map { image($0, in: values) }
  }
}

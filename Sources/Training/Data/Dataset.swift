import GraphIR
import Interchange
import ModelSpec
import Runtime

/// The images that a model is trained on, as the model's `data:` describes them.
public struct Dataset: Sendable {
  /// How many images there are; at least one.
  public let count: Int
  /// What stands in the place of each byte: black's value, white's, and those between at equal distances.
  private let levels: [Float]
  private let flips: Bool
  private let seed: Int
  private let images: ImageStore

  /// Images are decoded once and kept where they take no more than this, 512 MiB, and no more than their
  /// source's `keepingLimit`.
  public static let memoryLimit = 512 << 20

  /// Opens the images that a model names.
  ///
  /// - Parameters:
  ///   - spec: A data source of `SpecCatalog.standard`, its attributes filled in.
  ///   - channels: 1 or 3. Grey images become three equal channels, and colours become grey, as need be.
  ///   - height: In pixels. Images of another size are scaled until they fill height and width, and the
  ///     middle is cut out.
  ///   - width: In pixels.
  ///   - seed: What synthetic images and the choice of those that are mirrored depend on.
  ///   - threads: How many threads decode images on opening; the result does not depend on it.
  ///   - memoryLimit: In bytes, the most that the decoded images may take for them to be kept.
  /// - Throws: `FileError` where the images cannot be read, are none, or cannot have the size and the
  ///   channels. Of broken files in a folder, those are found at once that do not begin as a PNG or a JPEG
  ///   file does, and all where the images are few enough to be kept; other errors come from `fill`.
  public init(
    _ spec: Configured, channels: Int, height: Int, width: Int, seed: Int, threads: Int,
    memoryLimit: Int = Self.memoryLimit
  ) throws(FileError) {
    let name = spec.path("path") ?? spec.path("images") ?? spec.name.value
    guard channels == 1 || channels == 3 else {
      throw FileError(path: name, reason: "gives images of 1 or 3 channels, and the model's have \(channels)")
    }
    guard Image.canHold(width: width, height: height) else {
      throw FileError(path: name, reason: "cannot give images of \(width)×\(height) pixels")
    }
    images = try ImageStore(
      openSource(spec, height: height, width: width, seed: seed),
      shape: .init(height: height, width: width, channels: channels), limit: spec.int("limit"),
      broken: spec.string("broken") == "skip" ? .skip : .stop, memoryLimit: memoryLimit,
      threads: max(threads, 1))
    count = images.count
    guard count > 0 else {
      throw images.skipped.first.map { first in
        FileError(path: name, reason: "holds no image that can be read; the first of them is \(first)")
      } ?? FileError(path: name, reason: "holds no images")
    }
    let range = spec.numbers("range") ?? [-1, 1]
    levels = (0...255).map { Float(range[0] + (range[1] - range[0]) * Double($0) / 255) }
    flips = spec.bool("flip") ?? false
    self.seed = seed
  }

  /// Values of one image: height · width · channels.
  public var imageSize: Int { images.shape.count }

  /// The memory that the images take, or where they are not kept, what is needed to find them again, in
  /// bytes.
  public var byteCount: Int { images.byteCount }

  /// About how much memory it takes to decode an image that is not kept, in bytes: the most for any of
  /// them, and nothing where they are kept.
  public var decodingByteCount: Int { images.decodingByteCount }

  /// The memory that a model's images will take, in bytes, or nil where that cannot be known without reading
  /// files.
  public static func byteCount(of spec: Configured, channels: Int, height: Int, width: Int) -> Int? {
    let source: (any ImageSource)? =
      switch spec.name.value {
      case "digits", "synthetic": try? openSource(spec, height: height, width: width, seed: 0)
      default: nil
      }
    return source.map { source in
      let kept = min(spec.int("limit") ?? source.count, source.count) * channels * height * width
      return kept <= min(memoryLimit, source.keepingLimit) ? kept : source.byteCount
    }
  }

  /// Why files were left out, where the model says `broken: skip`.
  public var skipped: [FileError] { images.skipped }

  /// Writes one image, rows from the top, the channels of a pixel together: `[height, width, channels]`.
  ///
  /// - Parameters:
  ///   - index: Below `count`.
  ///   - epoch: Decides, with the seed and the index, whether the image is mirrored.
  ///   - offset: Where in the span its `imageSize` values begin.
  /// - Throws: `FileError` where the image cannot be decoded; it names the image's file.
  public func fill(
    _ index: Int, epoch: Int, into span: inout MutableSpan<Float>, at offset: Int
  ) throws(FileError) {
    let isMirrored = flips && isMirrored(index, epoch: epoch)
    try images.withPixels(of: index) { pixels in
      write(pixels, isMirrored: isMirrored, into: &span, at: offset)
    }
  }

  private func isMirrored(_ index: Int, epoch: Int) -> Bool {
    RandomSource(seed: seed, stream: .augmentation, step: epoch).uniform(index) < 0.5
  }

  private func write(
    _ pixels: Span<UInt8>, isMirrored: Bool, into span: inout MutableSpan<Float>, at offset: Int
  ) {
    let (width, channels) = (images.shape.width, images.shape.channels)
    guard isMirrored else {
      for index in pixels.indices { span[offset + index] = levels[Int(pixels[index])] }
      return
    }
    for pixel in 0..<images.shape.height * width {
      let column = pixel % width
      let source = (pixel - column + width - 1 - column) * channels
      for channel in 0..<channels {
        span[offset + pixel * channels + channel] = levels[Int(pixels[source + channel])]
      }
    }
  }
}

private func openSource(
  _ spec: Configured, height: Int, width: Int, seed: Int
) throws(FileError) -> any ImageSource {
  switch spec.name.value {
  case "digits": DigitsSource()
  case "idx": try IDXSource(path: spec.path("images") ?? "")
  case "folder": try FolderSource(path: spec.path("path") ?? "", minimumSize: (width, height))
  case "cifar10": try CIFAR10Source(path: spec.path("path") ?? "")
  case "synthetic":
    SyntheticShapesSource(count: spec.int("count") ?? 0, width: width, height: height, seed: seed)
  default: preconditionFailure("the catalog has no data source `\(spec.name.value)`")
  }
}

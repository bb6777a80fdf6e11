import Files
import GraphIR
import Interchange
import ModelSpec

/// The examples that a model is trained on, as the model's `data:` describes them: images, and where the data
/// has them their classes, each a field with a name.
public struct Dataset: Sendable {
  /// A field of this data set.
  public struct Field: Hashable, Sendable {
    public let name: String
    /// How many numbers it has for each example: height · width · channels, rows from the top and the
    /// channels of a pixel together; one for a label, the index of its class.
    public let valueCount: Int
    fileprivate let place: Place
  }

  /// Where a field's values come from.
  fileprivate enum Place: Hashable, Sendable {
    case image(part: Int, number: Int)
    case label(part: Int)

    var part: Int {
      switch self {
      case .image(let part, _), .label(let part): part
      }
    }
  }

  /// A class, and how many of the examples are of it.
  public struct Class: Hashable, Sendable {
    public let name: String
    public let count: Int
  }

  /// How many examples an epoch has; at least one.
  public let count: Int
  public let fields: [Field]
  /// In the order of their indices; empty where the data has no labels.
  public let classes: [Class]
  /// What it consists of, in words.
  public let summary: DataSummary
  /// Fields of one part belong together; parts are met with each other at random.
  private let parts: [ExampleStore]
  /// What stands in the place of each byte: black's value, white's, and those between at equal distances.
  private let levels: [Float]
  private let flips: Bool
  private let seed: Int
  /// What can be done about files that cannot be read, where something can.
  private let wayOut: String?

  /// Images are decoded once and kept where they take no more than this, 512 MiB, and no more than their
  /// source's `keepingLimit`.
  public static let memoryLimit = 512 << 20

  /// Opens the data that a model names.
  ///
  /// - Parameters:
  ///   - spec: A data source of `SpecCatalog.standard`, its attributes filled in.
  ///   - channels: 1, 3 or 4: grey, red, green and blue, or these and alpha. Images become what is wanted of
  ///     them: grey ones three equal channels, colours grey, opaque ones have an alpha of white.
  ///   - height: In pixels. Images of another size are scaled until they fill height and width, and the
  ///     middle is cut out.
  ///   - width: In pixels.
  ///   - seed: What synthetic images, the choice of those that are mirrored and the meetings of unpaired ones
  ///     depend on.
  ///   - threads: How many threads decode images on opening; the result does not depend on it.
  ///   - memoryLimit: In bytes, the most that the decoded images may take for them to be kept.
  /// - Throws: `FileError` where the images cannot be read, are none, or cannot have the size and the
  ///   channels. Of broken files in a folder, those are found at once whose headers show it, and all where the
  ///   images are few enough to be kept; other errors come from `fill`.
  public init(
    _ spec: Configured, channels: Int, height: Int, width: Int, seed: Int, threads: Int,
    memoryLimit: Int = Self.memoryLimit
  ) throws(FileError) {
    let definition = DataSourceDefinition.of(spec)
    let declared = definition.schema.fields(spec)
    let name = Self.name(of: spec)
    for field in declared {
      guard case .image(let own) = field.kind,
        let wrong = [own ?? channels].first(where: { ![1, 3, 4].contains($0) })
      else { continue }
      throw FileError(path: name, reason: "gives images of 1, 3 or 4 channels, and the model's have \(wrong)")
    }
    guard Image.canHold(width: width, height: height) else {
      throw FileError(path: name, reason: "cannot give images of \(width)×\(height) pixels")
    }
    let wayOut =
      spec.string("broken") == "stop"
      ? "`broken: skip` under `data:`, or `--set train.data.broken=skip`, leaves such files out" : nil
    let sources = try definition.open(
      .init(configured: spec, channels: channels, height: height, width: width, seed: seed))
    var parts: [ExampleStore] = []
    var places: [String: (place: Place, valueCount: Int)] = [:]
    for (part, source) in sources.enumerated() {
      let shapes = source.imageFields.map { field in
        ExampleStore.Shape(
          height: height, width: width, channels: Self.channels(of: field, in: declared) ?? channels)
      }
      let store: ExampleStore
      do throws(FileError) {
        store = try ExampleStore(
          source, shapes: shapes, limit: spec.int("limit"),
          broken: spec.string("broken") == "skip" ? .skip : .stop, memoryLimit: memoryLimit / sources.count,
          threads: max(threads, 1))
      } catch { throw error.adding(wayOut) }
      guard store.count > 0 else {
        throw store.skipped.first.map { first in
          FileError(path: name, reason: "holds no image that can be read; the first of them is \(first)")
        } ?? FileError(path: name, reason: "holds no images")
      }
      parts.append(store)
      for (number, field) in source.imageFields.enumerated() {
        places[field] = (.image(part: part, number: number), shapes[number].count)
      }
      if store.labels != nil { places["label"] = (.label(part: part), 1) }
    }
    self.parts = parts
    count = parts.reduce(0) { max($0, $1.count) }
    fields = declared.map { field in
      guard let (place, valueCount) = places[field.name] else {
        preconditionFailure("`\(spec.name.value)` declares a field `\(field.name)`, which it does not give")
      }
      return Field(name: field.name, valueCount: valueCount, place: place)
    }
    classes = parts.compactMap(\.labels).first.map(Self.classes) ?? []
    levels = Self.levels(of: spec)
    flips = spec.bool("flip") ?? false
    self.seed = seed
    self.wayOut = wayOut
    summary = DataSummary(
      parts.map(\.statistics), parts.map(\.passedOver), skipped: parts.flatMap(\.skipped), classes: classes,
      channels: channels, white: spec.int("white") ?? 65_535)
  }

  /// What stands in the place of each byte, as the data's `range` says.
  static func levels(of spec: Configured?) -> [Float] {
    let range = spec?.numbers("range") ?? [-1, 1]
    return (0...255).map { Float(range[0] + (range[1] - range[0]) * Double($0) / 255) }
  }

  /// What errors call the data by that concern all of it.
  static func name(of spec: Configured) -> String {
    ["path", "images", "input", "a"].lazy.compactMap { spec.path($0) }.first ?? spec.name.value
  }

  private static func channels(of field: String, in declared: [DataField]) -> Int? {
    guard case .image(let channels)? = declared.first(where: { $0.name == field })?.kind else { return nil }
    return channels
  }

  private static func classes(_ labels: ClassLabels) -> [Class] {
    var counts = [Int](repeating: 0, count: labels.names.count)
    for index in labels.indices { counts[Int(index)] += 1 }
    return zip(labels.names, counts).map { Class(name: $0, count: $1) }
  }

  /// A field by its name; nil where the data has none of it.
  public func field(_ name: String) -> Field? { fields.first { $0.name == name } }

  /// The memory that the examples take, or where images are not kept, what is needed to find them again, in
  /// bytes.
  public var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

  /// About how much memory it takes to decode an example that is not kept, in bytes: the most for any of
  /// them, and nothing where they are kept.
  public var decodingByteCount: Int { parts.reduce(0) { max($0, $1.decodingByteCount) } }

  /// The memory that a model's examples will take, in bytes, or nil where that cannot be known without
  /// reading files.
  public static func byteCount(of spec: Configured, channels: Int, height: Int, width: Int) -> Int? {
    let definition = DataSourceDefinition.of(spec)
    if definition.readsFiles { return nil }
    let declared = definition.schema.fields(spec)
    let sources = try? definition.open(
      .init(configured: spec, channels: channels, height: height, width: width, seed: 0))
    return sources?.reduce(0) { sum, source in
      let kept = min(spec.int("limit") ?? source.count, source.count)
      let values = source.imageFields.reduce(0) {
        $0 + (Self.channels(of: $1, in: declared) ?? channels) * height * width
      }
      let limit = min(memoryLimit / (sources?.count ?? 1), source.keepingLimit)
      let images = kept <= limit / values ? kept * values : source.byteCount
      return sum + images + (source.labels?.first(kept).byteCount ?? 0)
    }
  }

  /// Why files were left out, where the model says `broken: skip`.
  public var skipped: [FileError] { parts.flatMap(\.skipped) }

  // MARK: Examples

  /// Writes what one field has for an example.
  ///
  /// - Parameters:
  ///   - index: Below `count`.
  ///   - epoch: Decides, with the seed and the index, whether images are mirrored, and which of a part that
  ///     belongs to no other are met.
  ///   - offset: Where in the span the field's `valueCount` values begin.
  /// - Throws: `FileError` where an image cannot be decoded; it names the image's file.
  public func fill(
    _ field: Field, at index: Int, epoch: Int, into span: inout MutableSpan<Float>, offset: Int
  ) throws(FileError) {
    let part = field.place.part
    let own = place(of: index, epoch: epoch, in: part)
    switch field.place {
    case .label: span[offset] = label(own, in: part)
    case .image(_, let number):
      let isMirrored = isMirrored(index, epoch: epoch, part: part)
      try withPixels(of: own, in: part) { pixels in
        write(pixels, part: part, number: number, isMirrored: isMirrored, into: &span, at: offset)
      }
    }
  }

  /// Writes what several fields have for an example, each into a buffer of its own; files that hold images of
  /// several fields are decoded once.
  ///
  /// - Parameters:
  ///   - buffers: One for each of the fields, in their order.
  ///   - place: Which example of its buffer it is; values begin at `place` times the field's `valueCount`.
  /// - Throws: As the other `fill` does.
  public func fill(
    _ fields: [Field], at index: Int, epoch: Int, into buffers: inout [[Float]], place: Int
  ) throws(FileError) {
    for part in parts.indices {
      let own = self.place(of: index, epoch: epoch, in: part)
      var wantsImages = false
      for (number, field) in fields.enumerated() where field.place.part == part {
        if case .label = field.place {
          buffers[number][place] = label(own, in: part)
        } else {
          wantsImages = true
        }
      }
      guard wantsImages else { continue }
      let isMirrored = isMirrored(index, epoch: epoch, part: part)
      try withPixels(of: own, in: part) { pixels in
        for (number, field) in fields.enumerated() {
          guard case .image(part, let image) = field.place else { continue }
          var span = buffers[number].mutableSpan
          write(
            pixels, part: part, number: image, isMirrored: isMirrored, into: &span,
            at: place * field.valueCount)
        }
      }
    }
  }

  /// An example's images as they were brought to their sizes.
  func images(at index: Int) throws(FileError) -> [Image] {
    var images: [Image] = []
    for part in parts.indices {
      try withPixels(of: place(of: index, epoch: 0, in: part), in: part) { pixels in
        var start = 0
        for shape in parts[part].shapes {
          let bytes = (start..<start + shape.count).map { pixels[$0] }
          images.append(
            Image(width: shape.width, height: shape.height, channels: shape.channels, pixels: bytes))
          start += shape.count
        }
      }
    }
    return images
  }

  private func withPixels(
    of index: Int, in part: Int, _ body: (Span<UInt8>) -> Void
  ) throws(FileError) {
    do throws(FileError) {
      try parts[part].withPixels(of: index, body)
    } catch { throw error.adding(wayOut) }
  }

  /// Which of a part's examples an epoch meets at an index: the first part is gone through in order, and what
  /// the others give is drawn anew for each.
  private func place(of index: Int, epoch: Int, in part: Int) -> Int {
    let count = parts[part].count
    if part == 0 { return index % count }
    return RandomSource(seed: seed, stream: .dataOrder, substream: part, step: epoch)
      .integer(index, below: count)
  }

  private func label(_ index: Int, in part: Int) -> Float {
    guard let labels = parts[part].labels else { preconditionFailure("the part has no labels") }
    return Float(labels.indices[index])
  }

  private func isMirrored(_ index: Int, epoch: Int, part: Int) -> Bool {
    flips
      && RandomSource(seed: seed, stream: .augmentation, substream: part, step: epoch).uniform(index) < 0.5
  }

  /// - Parameter pixels: Those of all images of an example.
  private func write(
    _ pixels: Span<UInt8>, part: Int, number: Int, isMirrored: Bool, into span: inout MutableSpan<Float>,
    at offset: Int
  ) {
    let shape = parts[part].shapes[number]
    let start = parts[part].shapes[..<number].reduce(0) { $0 + $1.count }
    let pixels = pixels.extracting(start..<start + shape.count)
    let (width, channels) = (shape.width, shape.channels)
    guard isMirrored else {
      for index in pixels.indices { span[offset + index] = levels[Int(pixels[index])] }
      return
    }
    for pixel in 0..<shape.height * width {
      let column = pixel % width
      let source = (pixel - column + width - 1 - column) * channels
      for channel in 0..<channels {
        span[offset + pixel * channels + channel] = levels[Int(pixels[source + channel])]
      }
    }
  }
}

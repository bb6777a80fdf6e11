import Diagnostics
import Files
import Interchange
import Training

/// Images that are judged, file by file.
struct JudgedImages {
  var paths: [String]
  /// [N, C, H, W], in the network's range.
  var values: [Float]

  /// Reads the images of folders and of single files; other files in folders are passed over.
  ///
  /// - Throws: `FileError` where there is no image, or one cannot be read.
  init(in sources: [String], for sampler: Sampler) throws {
    paths = []
    values = []
    for source in sources {
      guard isFolder(source) else {
        paths.append(source)
        continue
      }
      let files = try listFiles(in: source).filter { path in
        let name = path.lowercased()
        return [".png", ".jpg", ".jpeg"].contains { name.hasSuffix($0) }
      }
      guard !files.isEmpty else { throw FileError(path: source, reason: "holds no PNG or JPEG files") }
      paths += files
    }
    for path in paths { values += sampler.values(of: try Image(contentsOf: path)) }
  }

  var count: Int { paths.count }

  /// The numbers of one image.
  func values(of index: Int) -> ArraySlice<Float> {
    let size = values.count / count
    return values[index * size..<(index + 1) * size]
  }
}

extension RunSource.Opened {
  /// Reconstructs images and scores them.
  ///
  /// - Returns: For each image its reconstruction, whose score is as the method says.
  func reconstructions(
    of images: JudgedImages, _ method: AnomalyDetector.Method, newest: Bool
  ) throws -> [Reconstruction] {
    if method.reconstruction == .encoder, classes != nil, method.label == nil {
      throw fail(
        "an encoder knows no classes: say with --class which one the images are of", Exit.invalidInput)
    }
    var settings = LatentSearch.Settings()
    (settings.steps, settings.restarts, settings.seed) = (method.steps, method.restarts, method.seed)
    let reconstructor: Reconstructor
    do {
      reconstructor = try Reconstructor(
        model, sampler, method: method.reconstruction, usesAverage: !newest, fade: fade, label: method.label,
        settings: settings)
    } catch {
      throw fail(DisplayText(lines: error.description), Exit.bug)
    }
    var work = LongWork(total: images.count, unit: "image")
    var found = reconstructor.reconstruct(images.values) { share in
      work.reached(min(images.count, Int(share * Double(images.count))))
      return StopSignals.pending == nil
    }
    try work.stopIfAsked("nothing is written")
    work.finish()
    if let summary = work.summary("images") { Console.message(summary) }
    guard method.isRelative else { return found }
    let range = spec.imageRange
    for index in found.indices {
      let ink = images.values(of: index).reduce(0.0) { sum, value in
        let unit = (Double(value) - range.low) / (range.high - range.low)
        return sum + unit * unit
      }
      found[index].score /= max(ink.squareRoot(), 1e-6)
    }
    return found
  }

  /// An image's pixels from 0 to 1, as the baselines compare them.
  func unit(_ values: ArraySlice<Float>) -> [Float] {
    let range = spec.imageRange
    let (low, width) = (Float(range.low), Float(range.high - range.low))
    return values.map { ($0 - low) / width }
  }
}

import Files
import Interchange
import Training

extension Sample {
  /// Writes what the network makes of pictures. No more than a few batches are held at once, where each has a file
  /// of its own.
  func write(_ given: GivenInput, _ opened: RunSource.Opened) throws {
    let names = try each.map { try given.fileNames(in: $0) }
    for name in names ?? [] { try outputs.check(name) }
    let count = given.pictures.names.count
    var work = LongWork(total: count, unit: "image")
    var rows: [(inputs: [Image], outputs: [Image])] = []
    let part = names == nil ? grid : Sampler.gridImages
    for start in stride(from: 0, to: count, by: part) {
      let numbers = start..<min(start + part, count)
      let shown = try numbers.map { try given.pictures.image(at: $0) }
      let made = opened.sampler.images(
        from: opened.sampler.noise(of: numbers, seed: source.seed, truncation: source.truncated),
        labels: source.label.map { Array(repeating: $0, count: shown.count) }, seed: source.seed,
        first: start, fade: opened.fade, given: [given.name: shown.flatMap(given.pictures.values)])
      if let names {
        for (name, image) in zip(names[numbers], made) {
          try createFolder(at: String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]))
          try image.writePNG(to: name, replacing: outputs.replacement)
        }
      } else {
        rows.append((shown, made))
      }
      work.reached(numbers.upperBound)
      try work.stopIfAsked(names == nil ? "nothing is written" : "what is written stays")
    }
    work.finish()
    if let each {
      Console.print("\(each)")
    } else {
      try writeRows(rows)
    }
  }

  /// Rows of pictures above rows of what was made of them.
  private func writeRows(_ rows: [(inputs: [Image], outputs: [Image])]) throws {
    let first = rows[0].outputs[0]
    // A row that is not full ends in grey, so that what is made stands below what it is made of.
    let blank = Image(
      width: first.width, height: first.height, channels: first.channels,
      pixels: Array(repeating: 128, count: first.pixels.count))
    let columns = rows[0].outputs.count
    let images = rows.flatMap { row in
      let rest = Array(repeating: blank, count: columns - row.outputs.count)
      return row.inputs.map { $0.withChannels(first.channels) } + rest + row.outputs + rest
    }
    guard let picture = imageGrid(images, columns: columns) else {
      throw FileError(
        path: output, reason: "cannot hold a grid of \(images.count) such images; --each writes files")
    }
    try picture.writePNG(to: output, replacing: outputs.replacement)
    Console.print("\(output)")
  }
}

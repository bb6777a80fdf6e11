/// Lays images out in rows on a grey ground that shows between and around them.
///
/// Small images are enlarged by a whole factor, each pixel a square, so that a digit of 8×8 pixels can be
/// looked at: the smallest factor that brings the longer side to `minimumTile`.
///
/// - Parameters:
///   - images: All of one size and number of channels.
///   - columns: Images in a row; fewer images than that make one shorter row.
///   - padding: Pixels between images, and around all of them.
///   - minimumTile: The least length in pixels of an image's longer side in the grid.
///   - background: The ground's brightness. The default stands apart from black, from white, and from
///     the edges of most images.
/// - Returns: The grid, or nil where there are no images, or so many that no image can hold them
///   (`Image.canHold`).
/// - Precondition: The images agree in size and channels, `columns` ≥ 1 and `padding` ≥ 0.
public func imageGrid(
  _ images: [Image], columns: Int, padding: Int = 2, minimumTile: Int = 64, background: UInt8 = 128
) -> Image? {
  guard let first = images.first else { return nil }
  precondition(
    images.allSatisfy { ($0.width, $0.height, $0.channels) == (first.width, first.height, first.channels) },
    "the images of a grid are of one size")
  precondition(columns >= 1 && padding >= 0, "a grid has columns, and no negative padding")
  let plan = GridPlan(
    images.count, width: first.width, height: first.height, columns: columns, padding: padding,
    minimumTile: minimumTile)
  let (columns, factor, stepX, stepY) = (plan.columns, plan.factor, plan.stepX, plan.stepY)
  let (width, height) = (plan.width, plan.height)
  guard Image.canHold(width: width, height: height) else { return nil }

  let channels = first.channels
  var pixels = [UInt8](repeating: background, count: width * height * channels)
  if channels == 4 { for alpha in stride(from: 3, to: pixels.count, by: 4) { pixels[alpha] = 255 } }
  for (number, image) in images.enumerated() {
    let left = padding + number % columns * stepX
    let top = padding + number / columns * stepY
    for y in 0..<image.height * factor {
      var target = ((top + y) * width + left) * channels
      let source = y / factor * image.width * channels
      for x in 0..<image.width * factor {
        for channel in 0..<channels {
          pixels[target] = image.pixels[source + x / factor * channels + channel]
          target += 1
        }
      }
    }
  }
  return Image(width: width, height: height, channels: channels, pixels: pixels)
}

/// Whether an image can hold `imageGrid`'s grid of so many images of a size.
public func imageGridHolds(
  _ count: Int, width: Int, height: Int, columns: Int, padding: Int = 2, minimumTile: Int = 64
) -> Bool {
  let plan = GridPlan(
    count, width: width, height: height, columns: columns, padding: padding, minimumTile: minimumTile)
  return count > 0 && Image.canHold(width: plan.width, height: plan.height)
}

/// The lengths of a grid.
private struct GridPlan {
  let columns: Int
  /// By which images are enlarged.
  let factor: Int
  /// From one image to the next.
  let stepX: Int
  let stepY: Int
  let width: Int
  let height: Int

  init(_ count: Int, width: Int, height: Int, columns: Int, padding: Int, minimumTile: Int) {
    self.columns = min(columns, count)
    let rows = (count + columns - 1) / columns
    let longerSide = max(width, height)
    factor = max(1, (minimumTile + longerSide - 1) / longerSide)
    stepX = width * factor + padding
    stepY = height * factor + padding
    self.width = self.columns * stepX + padding
    self.height = rows * stepY + padding
  }
}

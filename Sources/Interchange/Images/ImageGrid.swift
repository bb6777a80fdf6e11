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
  let columns = min(columns, images.count)
  let rows = (images.count + columns - 1) / columns
  let longerSide = max(first.width, first.height)
  let factor = max(1, (minimumTile + longerSide - 1) / longerSide)
  let stepX = first.width * factor + padding
  let stepY = first.height * factor + padding
  let width = columns * stepX + padding
  let height = rows * stepY + padding
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

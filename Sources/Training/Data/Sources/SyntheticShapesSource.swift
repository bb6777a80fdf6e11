import GraphIR
import Interchange
import Runtime

/// Pictures that the program draws itself: a disc, a square or a triangle of a random colour, size and
/// place on a plain ground of another colour.
///
/// A picture is a function of the seed, its index and its size, computed with operations that IEEE 754
/// defines to the last bit: every machine draws the same one.
public struct SyntheticShapesSource: ImageSource {
  public let count: Int
  private let width: Int
  private let height: Int
  private let seed: Int

  /// - Precondition: `Image.canHold(width:height:)`.
  public init(count: Int, width: Int, height: Int, seed: Int) {
    self.count = count
    self.width = width
    self.height = height
    self.seed = seed
  }

  /// The pictures are drawn whenever they are asked for.
  public var byteCount: Int { 0 }
  public var keepingLimit: Int { 16 << 20 }

  public func image(at index: Int) -> Image {
    let scene = Scene(width: width, height: height, seed: seed, index: index)
    let color = scene.color.map { UInt8($0) }
    let row = (0..<width).flatMap { _ in scene.ground.map { UInt8($0) } }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(height * row.count)
    for _ in 0..<height { pixels += row }
    // No shape reaches further from its centre than its radius, but for the pixel that its edge smooths.
    let reach = scene.radius + 2
    let rows = max(0, Int(scene.centerY - reach))..<min(height, Int(scene.centerY + reach) + 1)
    let columns = max(0, Int(scene.centerX - reach))..<min(width, Int(scene.centerX + reach) + 1)
    for y in rows {
      for x in columns {
        let distance = scene.outline.distance(
          x: Double(x) + 0.5 - scene.centerX, y: Double(y) + 0.5 - scene.centerY, radius: scene.radius)
        // The share of a pixel that an edge through it leaves inside, which smooths the edge.
        let coverage = min(max(0.5 - distance, 0), 1)
        if coverage == 0 { continue }
        let start = 3 * (y * width + x)
        for channel in 0..<3 {
          pixels[start + channel] =
            coverage == 1 ? color[channel] : UInt8(scene.mixture(coverage, channel: channel))
        }
      }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
  }
}

/// What one picture shows. Lengths are in pixels, colours from 0 to 255.
private struct Scene {
  let outline: Outline
  let radius: Double
  let centerX: Double
  let centerY: Double
  let ground: [Double]
  let color: [Double]

  init(width: Int, height: Int, seed: Int, index: Int) {
    let random = RandomSource(seed: seed, stream: .syntheticData, step: index)
    outline = Outline.allCases[random.integer(0, below: Outline.allCases.count)]
    // Between an eighth and two fifths of the shorter side, and wholly inside the picture. The first word
    // of the block after the outline's has the position 4.
    radius = (0.125 + 0.275 * random.uniform(4)) * Double(min(width, height))
    centerX = radius + random.uniform(5) * (Double(width) - 2 * radius)
    centerY = radius + random.uniform(6) * (Double(height) - 2 * radius)

    func color(at position: Int) -> [Double] {
      (position..<position + 3).map { (255 * random.uniform($0)).rounded() }
    }
    ground = color(at: 8)
    // A shape of its ground's brightness would vanish in grey.
    var position = 12
    var candidate = color(at: position)
    while abs(Self.luma(candidate) - Self.luma(ground)) < 48 {
      position += 4
      candidate = color(at: position)
    }
    self.color = candidate
  }

  /// A channel of a pixel of which a share lies in the shape.
  func mixture(_ coverage: Double, channel: Int) -> Double {
    (ground[channel] + coverage * (color[channel] - ground[channel])).rounded()
  }

  /// Brightness by ITU-R BT.601.
  private static func luma(_ color: [Double]) -> Double {
    0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
  }
}

private enum Outline: CaseIterable {
  case disc, square, triangle

  /// How far a point lies outside the shape around the origin, in pixels; negative inside. `radius` is
  /// half of a square's side, and the radius of the circle through a triangle's corners.
  func distance(x: Double, y: Double, radius: Double) -> Double {
    switch self {
    case .disc: (x * x + y * y).squareRoot() - radius
    case .square: max(abs(x), abs(y)) - radius
    // Its lower side, and the two slanting ones; rows count downward.
    case .triangle: max(y, abs(x) * 0.75.squareRoot() - y / 2) - radius / 2
    }
  }
}

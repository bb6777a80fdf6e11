import GraphIR
import Interchange

/// What one synthetic picture shows. Lengths are in pixels, colours from 0 to 255.
struct SyntheticScene {
  /// How a shape is drawn.
  enum Style: Sendable {
    case filled
    /// Its edge alone, in its colour, a sixth of its radius wide.
    case outline
  }

  /// In the order of their indices.
  static let classNames = Outline.allCases.map { "\($0)" }

  private let outline: Outline
  private let radius: Double
  private let centerX: Double
  private let centerY: Double
  private let ground: [Double]
  private let color: [Double]

  /// The class of a picture's shape.
  static func classIndex(seed: Int, index: Int) -> Int32 {
    Int32(shape(RandomSource(seed: seed, stream: .syntheticData, step: index)))
  }

  private static func shape(_ random: RandomSource) -> Int {
    random.integer(0, below: Outline.allCases.count)
  }

  init(width: Int, height: Int, seed: Int, index: Int) {
    let random = RandomSource(seed: seed, stream: .syntheticData, step: index)
    outline = Outline.allCases[Self.shape(random)]
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

  /// The picture, in colour.
  ///
  /// - Precondition: The size is the one that the scene was made for.
  func image(width: Int, height: Int, _ style: Style) -> Image {
    let shapeColor = color.map { UInt8($0) }
    let row = (0..<width).flatMap { _ in ground.map { UInt8($0) } }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(height * row.count)
    for _ in 0..<height { pixels += row }
    // No shape reaches further from its centre than its radius, but for the pixel that its edge smooths.
    let reach = radius + 2
    let rows = max(0, Int(centerY - reach))..<min(height, Int(centerY + reach) + 1)
    let columns = max(0, Int(centerX - reach))..<min(width, Int(centerX + reach) + 1)
    for y in rows {
      for x in columns {
        let distance = distance(x: Double(x) + 0.5, y: Double(y) + 0.5, style)
        // The share of a pixel that an edge through it leaves inside, which smooths the edge.
        let coverage = min(max(0.5 - distance, 0), 1)
        if coverage == 0 { continue }
        let start = 3 * (y * width + x)
        for channel in 0..<3 {
          pixels[start + channel] =
            coverage == 1 ? shapeColor[channel] : UInt8(mixture(coverage, channel: channel))
        }
      }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
  }

  /// How far a point lies outside what is drawn; negative inside.
  private func distance(x: Double, y: Double, _ style: Style) -> Double {
    let distance = outline.distance(x: x - centerX, y: y - centerY, radius: radius)
    switch style {
    case .filled: return distance
    case .outline:
      let half = max(radius / 12, 0.5)
      return abs(distance + half) - half
    }
  }

  /// A channel of a pixel of which a share lies in the shape.
  private func mixture(_ coverage: Double, channel: Int) -> Double {
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

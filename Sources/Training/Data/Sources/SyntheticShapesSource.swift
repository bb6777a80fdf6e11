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

  public func image(at index: Int) -> Image {
    let scene = Scene(width: width, height: height, seed: seed, index: index)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let distance = scene.outline.distance(
          x: Double(x) + 0.5 - scene.centerX, y: Double(y) + 0.5 - scene.centerY, radius: scene.radius)
        // The share of a pixel that an edge through it leaves inside, which smooths the edge.
        let coverage = min(max(0.5 - distance, 0), 1)
        for channel in 0..<3 {
          let ground = scene.ground[channel]
          pixels.append(UInt8((ground + coverage * (scene.color[channel] - ground)).rounded()))
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

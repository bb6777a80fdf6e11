import Glibc

/// Points between latent vectors.
public enum LatentWalk {
  /// What lies between two points.
  public enum Path: String, Sendable, CaseIterable {
    /// The arc.
    case spherical
    /// The chord.
    case straight
  }

  /// `steps` points from `a` to `b`, both included, on the arc between them: the norm of Gaussian vectors
  /// hardly varies, and a straight line would leave it. Source: White, "Sampling Generative Networks" (2016).
  public static func spherical(from a: [Float], to b: [Float], steps: Int) -> [[Float]] {
    (0..<steps).map { step in
      point(.spherical, from: a, to: b, at: steps > 1 ? Double(step) / Double(steps - 1) : 0)
    }
  }

  /// The point that lies a share `t` of the way from `a` to `b`.
  ///
  /// The arc between two vectors of opposite directions is not one: it goes through a third vector, which is
  /// the same each time. Where one of them is zero there is none, and the way is straight.
  public static func point(_ path: Path, from a: [Float], to b: [Float], at t: Double) -> [Float] {
    guard path == .spherical, let (u, v) = unit(a).flatMap({ u in unit(b).map { (u, $0) } }) else {
      return blend(a, 1 - t, b, t)
    }
    // An arc cosine of numbers in single precision would lose angles below a thousandth.
    let angle = 2 * atan2(length(zip(u, v).map { $0 - $1 }), length(zip(u, v).map { $0 + $1 }))
    if angle < 1e-6 { return blend(a, 1 - t, b, t) }
    if .pi - angle < 1e-4 {
      let middle = orthogonal(to: u).map { Float($0 * (length(a) + length(b)) / 2) }
      return t < 0.5
        ? point(path, from: a, to: middle, at: 2 * t) : point(path, from: middle, to: b, at: 2 * t - 1)
    }
    return blend(a, sin((1 - t) * angle) / sin(angle), b, sin(t * angle) / sin(angle))
  }

  /// `frames` points from each vector towards the next; the last vector ends the way, or where it is a loop
  /// is followed by the first, which is not repeated.
  ///
  /// - Precondition: There are at least two vectors.
  public static func through(
    _ points: [[Float]], frames: Int, _ path: Path = .spherical, isLoop: Bool = false
  ) -> [[Float]] {
    precondition(points.count >= 2, "a way leads from one point to another")
    let ends = isLoop ? points + [points[0]] : points
    var result: [[Float]] = []
    for (a, b) in zip(ends, ends.dropFirst()) {
      result += (0..<frames).map { point(path, from: a, to: b, at: Double($0) / Double(frames)) }
    }
    return isLoop ? result : result + [points[points.count - 1]]
  }

  /// A closed loop cos 2πt·a + sin 2πt·b. Where `a` and `b` are independent standard normal vectors, each of
  /// its points is one too.
  public static func circle(_ a: [Float], _ b: [Float], frames: Int) -> [[Float]] {
    (0..<frames).map { frame in
      let angle = 2 * Double.pi * Double(frame) / Double(frames)
      return blend(a, cos(angle), b, sin(angle))
    }
  }

  /// The vector at the length that standard normal ones have, √d. Zero stays zero.
  public static func scaledToNormalLength(_ vector: [Float]) -> [Float] {
    guard let unit = unit(vector) else { return vector }
    let wanted = Double(vector.count).squareRoot()
    return unit.map { Float($0 * wanted) }
  }

  private static func blend(_ a: [Float], _ left: Double, _ b: [Float], _ right: Double) -> [Float] {
    zip(a, b).map { Float(left * Double($0) + right * Double($1)) }
  }

  private static func length(_ vector: [Float]) -> Double { length(vector.map(Double.init)) }

  private static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func unit(_ vector: [Float]) -> [Double]? {
    let length = length(vector)
    return length > 0 ? vector.map { Double($0) / length } : nil
  }

  /// A unit vector at a right angle to a unit vector: the axis that it has least of, less its part along it.
  private static func orthogonal(to unit: [Double]) -> [Double] {
    let axis = unit.indices.min { abs(unit[$0]) < abs(unit[$1]) } ?? 0
    var result = unit.map { -$0 * unit[axis] }
    result[axis] += 1
    let size = length(result)
    // One dimension has no right angle: the way goes through zero.
    return size > 1e-12 ? result.map { $0 / size } : result.map { _ in 0 }
  }
}

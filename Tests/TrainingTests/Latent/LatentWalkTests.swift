import Glibc
import Testing
import Training

/// Points between latent vectors, against the arc in closed form.
@Suite struct LatentWalkTests {
  private func expectClose(
    _ points: [[Float]], _ expected: [[Double]], at location: SourceLocation = #_sourceLocation
  ) {
    #expect(points.count == expected.count, sourceLocation: location)
    for (point, wanted) in zip(points, expected) {
      #expect(point.count == wanted.count, sourceLocation: location)
      for (value, goal) in zip(point, wanted) {
        #expect(abs(Double(value) - goal) < 1e-6, "\(points)", sourceLocation: location)
      }
    }
  }

  @Test func aQuarterOfACircleIsCutIntoEqualAngles() {
    let points = LatentWalk.spherical(from: [3, 0], to: [0, 3], steps: 4)
    let high = 3 * 0.75.squareRoot()
    expectClose(points, [[3, 0], [high, 1.5], [1.5, high], [0, 3]])
  }

  @Test func anglesOtherThanRightOnesAreCutEquallyToo() {
    let end: [Float] = [Float(cos(2.0)), 0, Float(sin(2.0))]
    let points = LatentWalk.spherical(from: [1, 0, 0], to: end, steps: 5)
    let angles: [Double] = [0, 0.5, 1, 1.5, 2]
    expectClose(points, angles.map { angle in [cos(angle), 0, sin(angle)] })
  }

  /// Source: White, "Sampling Generative Networks" (2016), section 2.1.
  @Test func vectorsOfDifferentLengthsKeepTheirWeights() {
    let half = sin(Double.pi / 4)
    let points = LatentWalk.spherical(from: [2, 0], to: [0, 4], steps: 3)
    expectClose(points, [[2, 0], [2 * half, 4 * half], [0, 4]])
  }

  @Test func vectorsOfOneDirectionAreJoinedByALine() {
    expectClose(LatentWalk.spherical(from: [1, 2], to: [3, 6], steps: 3), [[1, 2], [2, 4], [3, 6]])
    expectClose(LatentWalk.spherical(from: [0, 0], to: [2, 4], steps: 3), [[0, 0], [1, 2], [2, 4]])
  }

  @Test func oneStepIsTheFirstEnd() {
    expectClose(LatentWalk.spherical(from: [1, 0], to: [0, 1], steps: 1), [[1, 0]])
  }

  @Test func oppositeVectorsAreMetByAThirdWithoutNaN() {
    let points = (0...4).map { LatentWalk.point(.spherical, from: [2, 0], to: [-2, 0], at: Double($0) / 4) }
    for point in points { #expect(abs(hypot(Double(point[0]), Double(point[1])) - 2) < 1e-6) }
    expectClose([points[0], points[2], points[4]], [[2, 0], [0, 2], [-2, 0]])
    expectClose([LatentWalk.point(.spherical, from: [1], to: [-1], at: 0.5)], [[0]])
  }

  @Test func smallAnglesKeepTheirDigits() {
    // In single precision the cosine of this angle is 1.
    let angle = 1e-4
    let point = LatentWalk.point(
      .spherical, from: [1, 0], to: [Float(cos(angle)), Float(sin(angle))], at: 0.5)
    #expect(abs(Double(point[1]) - sin(angle / 2)) < 1e-9)
  }

  @Test func aThirdOfTheWayInSpace() {
    expectClose(
      [LatentWalk.point(.spherical, from: [3, 4, 0], to: [0, 0, 2], at: 1.0 / 3)], [[2.598076, 3.464102, 1]])
  }

  @Test func straightWaysAreShorterInTheMiddle() {
    expectClose([LatentWalk.point(.straight, from: [2, 0], to: [0, 4], at: 0.5)], [[1, 2]])
  }

  @Test func aLoopRepeatsNoPoint() {
    let way = LatentWalk.through([[1, 0], [0, 1], [-1, 0]], frames: 2, .straight, isLoop: true)
    expectClose(way, [[1, 0], [0.5, 0.5], [0, 1], [-0.5, 0.5], [-1, 0], [0, 0]])
    let open = LatentWalk.through([[1, 0], [0, 1]], frames: 2, .straight)
    expectClose(open, [[1, 0], [0.5, 0.5], [0, 1]])
  }

  @Test func aCircleGoesThroughItsVectors() {
    expectClose(LatentWalk.circle([1, 0], [0, 2], frames: 4), [[1, 0], [0, 2], [-1, 0], [0, -2]])
  }

  @Test func theLengthOfNoiseIsTheRootOfItsDimensions() {
    expectClose([LatentWalk.scaledToNormalLength([3, 4, 0, 0])], [[1.2, 1.6, 0, 0]])
    expectClose([LatentWalk.scaledToNormalLength([0, 0])], [[0, 0]])
  }
}

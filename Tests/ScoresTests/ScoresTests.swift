import Testing

@testable import Scores

/// Scores against worked numbers, which numpy computed.
@Suite struct ScoresTests {
  private func moments(_ mean: [Double], _ covariance: [Double]) -> Moments {
    Moments(mean: mean, covariance: SymmetricMatrix(size: mean.count, covariance))
  }

  private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool { abs(a - b) < tolerance }

  @Test func frechet() {
    #expect(close(frechetDistance(moments([0], [1]), moments([1], [4])), 2))
    let plane = frechetDistance(moments([0, 0], [2, 1, 1, 2]), moments([1, -1], [1, 0, 0, 4]))
    #expect(close(plane, 2.771220447654))
    let singular = moments([0, 0], [1, 1, 1, 1])
    #expect(close(frechetDistance(singular, moments([0, 0], [1, -1, -1, 1])), 4, 1e-6))
    #expect(close(frechetDistance(singular, singular), 0))
    let samples = frechetDistance(
      FeatureSet([0, 0, 2, 0, 0, 2, 2, 2], dimensions: 2),
      FeatureSet([1, 1, 3, 1, 1, 3, 3, 5], dimensions: 2))
    #expect(close(samples, 3.905677116517))
  }

  @Test(arguments: [1, 2, 3, 7, 20])
  func eigenvectorsAreOrthogonalAndGiveTheMatrixBack(size: Int) {
    var matrix = SymmetricMatrix(size: size)
    for row in 0..<size {
      for column in 0...row {
        let value = Double((row * 7 + column * 13) % 11) - 5
        matrix[row, column] = value
        matrix[column, row] = value
      }
    }
    let (values, vectors) = matrix.eigen()
    for row in 0..<size {
      for column in 0..<size {
        var (product, back) = (0.0, 0.0)
        for k in 0..<size {
          product += vectors[k, row] * vectors[k, column]
          back += vectors[row, k] * values[k] * vectors[column, k]
        }
        #expect(close(product, row == column ? 1 : 0, 1e-10))
        #expect(close(back, matrix[row, column], 1e-9))
      }
    }
  }

  @Test func kernel() {
    let x = FeatureSet([1, 0, 0, 1, 1, 1], dimensions: 2)
    let y = FeatureSet([0, 0, 2, 0, 2, 2], dimensions: 2)
    #expect(close(kernelDistance(x, [0, 1, 2], y, [0, 1, 2]), -7.0 / 4))
    #expect(close(kernelDistance(x, [0, 1, 2], x, [0, 1, 2]), -14.0 / 9))
    let whole = KernelDistance(x, y, subsets: 3)
    #expect(close(whole.mean, -7.0 / 4) && close(whole.deviation, 0))
  }

  @Test func subsetsHaveDifferentMembers() {
    for stream in 0..<20 {
      let chosen = chosenIndices(5, of: 8, seed: 3, stream: stream)
      #expect(Set(chosen).count == 5 && chosen.allSatisfy { (0..<8).contains($0) })
    }
    #expect(
      chosenIndices(5, of: 80, seed: 3, stream: 1)
        != chosenIndices(5, of: 80, seed: 3, stream: 2))
  }

  private let real = FeatureSet([0, 1, 3, 6, 10], dimensions: 1)
  private let made = FeatureSet([0.5, 1.5, 3.5, 14, 30], dimensions: 1)

  /// Precision and recall with their balls' border, density and coverage without.
  @Test(
    arguments: [(1, [0.8, 1], [1.2, 0.8]), (2, [0.8, 1], [1, 1]), (3, [0.8, 1], [0.933333, 1])])
  func manifolds(k: Int, closed: [Double], open: [Double]) {
    let found = Manifolds(real: real, made: made, k: k, densityK: k)
    #expect(close(found.precision, closed[0]) && close(found.recall, closed[1]), "\(found)")
    #expect(close(found.density, open[0], 1e-6) && close(found.coverage, open[1]), "\(found)")
  }

  @Test func ties() {
    let real = FeatureSet([0, 1, 2, 3], dimensions: 1)
    let made = FeatureSet([0, 1, 2, 5], dimensions: 1)
    let found = Manifolds(real: real, made: made, k: 1, densityK: 1)
    #expect(found.precision == 0.75 && found.recall == 1)
    #expect(found.density == 0.75 && found.coverage == 0.75)
  }

  @Test func slices() {
    let a: [Float] = [0, 0, 1, 0, 0, 2]
    let b: [Float] = [1, 1, 2, 0, 0, 0]
    #expect(close(SlicedWasserstein.distance(a, b, along: [1, 0]), 0.666667, 1e-6))
    #expect(close(SlicedWasserstein.distance(a, b, along: [0, 1]), 0.333333, 1e-6))
    let diagonal = Float(0.5).squareRoot()
    #expect(close(SlicedWasserstein.distance(a, b, along: [diagonal, diagonal]), 0.235702, 1e-6))
  }

  @Test func pyramid() {
    let ramp = Plane(height: 4, width: 4, (0..<16).map { Float($0) })
    let half = ramp.halved()
    #expect(half.values == [3.75, 4.875, 8.25, 9.375])
    #expect(Array(half.doubled().values[..<4]) == [5.15625, 5.4375, 5.859375, 6.0])
    var impulse = [Float](repeating: 0, count: 64)
    impulse[3 * 8 + 3] = 1
    let spread = Plane(height: 8, width: 8, impulse).halved().values.filter { $0 != 0 }
    #expect(spread == [0.0625, 0.0625, 0.0625, 0.0625])
  }

  @Test func levelsOfThePyramidEndAtSixteenPixels() {
    func images(_ seed: Int, _ size: Int) -> ImageSet {
      ImageSet(
        (0..<4 * size * size).map { Float(($0 * 7919 + seed * 104_729) % 256) }, channels: 1, height: size,
        width: size)
    }
    let score = SlicedWasserstein(images(0, 32), images(1, 32))
    #expect(score.levels.map(\.height) == [32, 16])
    #expect(score == SlicedWasserstein(images(0, 32), images(1, 32)))
    #expect(SlicedWasserstein(images(0, 8), images(1, 8)).levels.count == 1)
  }

  @Test func similarity() {
    func plane(_ value: (Int, Int) -> Float) -> Plane {
      Plane(height: 32, width: 32, (0..<1024).map { value($0 / 32, $0 % 32) })
    }
    let (dark, light) = (plane { _, _ in 100 }, plane { _, _ in 120 })
    let constant = StructuralSimilarity.atOneLevel(dark, light)
    #expect(close(constant.similarity, 0.983610924998, 1e-9) && close(constant.contrast, 1, 1e-9))
    #expect(close(StructuralSimilarity.between(dark, light, levels: 5), 0.997799660260, 1e-9))
    #expect(close(StructuralSimilarity.window(11)[5] * StructuralSimilarity.window(11)[5], 0.070762238, 1e-8))
    #expect(close(StructuralSimilarity.window(8)[4] * StructuralSimilarity.window(8)[4], 0.108427940, 1e-8))
    let ramp = plane { _, column in Float(8 * column) }
    let turned = plane { row, _ in Float(8 * row) }
    #expect(close(StructuralSimilarity.atOneLevel(ramp, turned).similarity, 0.142937790, 1e-8))
    #expect(close(StructuralSimilarity.between(ramp, turned, levels: 5), 0.026497635, 1e-8))
    #expect(close(StructuralSimilarity.between(ramp, ramp), 1))
    #expect(StructuralSimilarity.between(ramp, plane { _, column in 248 - Float(8 * column) }) == 0)
    #expect(
      [28, 32, 64, 8, 256].map { StructuralSimilarity.levels(height: $0, width: $0) } == [2, 3, 4, 1, 5])
  }
}

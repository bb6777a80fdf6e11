import Interchange
import Testing

@Suite struct TransformTests {
  @Test(arguments: [(7, 3), (12, 12), (5, 4), (100, 33), (2, 1), (9, 1)])
  func shrinkingAveragesTheCoveredArea(from source: Int, to result: Int) {
    let pixels = (0..<source).map { UInt8(truncatingIfNeeded: $0 * 73 + $0 * $0) }
    // Each source pixel repeated `result` times: every pixel of the result is then a plain mean.
    let expected = (0..<result).map { position in
      let sum = (position * source..<(position + 1) * source).reduce(0) { $0 + Int(pixels[$1 / result]) }
      return UInt8((Double(sum) / Double(source)).rounded())
    }
    let row = Image(width: source, height: 1, channels: 1, pixels: pixels)
    #expect(row.resized(width: result, height: 1).pixels == expected)
    let column = Image(width: 1, height: source, channels: 1, pixels: pixels)
    #expect(column.resized(width: 1, height: result).pixels == expected)
  }

  @Test func enlargingIsThatOfPillow() throws {
    let image = try Image(contentsOf: fixture("color.png"))
    let expected = try Image(contentsOf: fixture("color-enlarged.png"))
    #expect(largestDifference(image.resized(width: 37, height: 29), expected) <= 1)
  }

  @Test func oneSideMayShrinkWhileTheOtherGrows() {
    let image = Image(width: 2, height: 2, channels: 1, pixels: [0, 100, 200, 100])
    #expect(image.resized(width: 1, height: 4).pixels == [50, 75, 125, 150])
  }

  @Test(arguments: [1, 7, 64, 200]) func aUniformImageStaysUniform(side: Int) {
    let image = Image(width: 31, height: 17, channels: 3, pixels: Array(repeating: 255, count: 31 * 17 * 3))
    #expect(image.resized(width: side, height: side).pixels.allSatisfy { $0 == 255 })
  }

  @Test func theMiddleIsCutOut() {
    let image = numbered(width: 5, height: 4)
    let crop = image.centerCropped(width: 2, height: 2)
    #expect(crop.pixels == [6, 7, 11, 12])
  }

  @Test func coveringCutsTheLongerSideAndKeepsProportions() {
    // Three columns red, green, blue, each square: the middle is what remains.
    let colors: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    let wide = Image(
      width: 12, height: 4, channels: 3,
      pixels: (0..<4).flatMap { _ in (0..<12).flatMap { colors[$0 / 4] } })
    let covered = wide.resizedToCover(width: 8, height: 8)
    #expect((covered.width, covered.height) == (8, 8))
    #expect(covered.pixels == Array(repeatElement([0, 255, 0], count: 64).joined()))
  }

  @Test(arguments: [(1_000_000, 1), (1, 1_000_000), (3, 2), (64, 64)])
  func anyImageCoversAnySize(width: Int, height: Int) {
    let image = Image(
      width: width, height: height, channels: 1, pixels: Array(repeating: 9, count: width * height))
    #expect(image.resizedToCover(width: 6, height: 4).pixels == Array(repeating: 9, count: 24))
  }

  @Test func flippingTwiceGivesTheImage() {
    let image = Image(width: 3, height: 1, channels: 3, pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(image.flippedHorizontally().pixels == [7, 8, 9, 4, 5, 6, 1, 2, 3])
    #expect(image.flippedHorizontally().flippedHorizontally() == image)
  }

  @Test func greyscaleIsThatOfPillow() {
    // Pillow: Image.fromarray([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 200, 60]]]).convert("L")
    let image = Image(
      width: 4, height: 1, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 60])
    #expect(image.grayscale().pixels == [76, 150, 29, 127])
  }

  @Test func greyBecomesThreeEqualChannelsAndBack() {
    let image = numbered(width: 16, height: 16)
    #expect(image.rgb().pixels.prefix(6) == [0, 0, 0, 1, 1, 1])
    #expect(image.rgb().grayscale() == image)
    #expect(image.grayscale() == image)
  }

  private func numbered(width: Int, height: Int) -> Image {
    Image(
      width: width, height: height, channels: 1,
      pixels: (0..<width * height).map { UInt8(truncatingIfNeeded: $0) })
  }
}

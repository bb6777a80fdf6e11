import Interchange
import Testing

@Suite struct ImageGridTests {
  @Test func imagesLieApartOnTheGround() throws {
    let images = (1...3).map { Image(width: 2, height: 1, channels: 1, pixels: [UInt8($0), UInt8($0 * 10)]) }
    let grid = try #require(imageGrid(images, columns: 2, padding: 1, minimumTile: 1, background: 0))
    #expect((grid.width, grid.height, grid.channels) == (7, 5, 1))
    let expected: [[UInt8]] = [
      [0, 0, 0, 0, 0, 0, 0],
      [0, 1, 10, 0, 2, 20, 0],
      [0, 0, 0, 0, 0, 0, 0],
      [0, 3, 30, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0],
    ]
    #expect(grid.pixels == Array(expected.joined()))
  }

  @Test func pixelsOfSmallImagesBecomeSquares() throws {
    let image = Image(width: 2, height: 1, channels: 3, pixels: [1, 2, 3, 4, 5, 6])
    let grid = try #require(imageGrid([image], columns: 8, padding: 0, minimumTile: 3))
    #expect((grid.width, grid.height) == (4, 2))
    #expect(grid.pixels == Array(repeatElement([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6], count: 2).joined()))
  }

  @Test(arguments: [(8, 64), (28, 84), (64, 64), (100, 100), (33, 66)])
  func aTileIsAtLeast64PixelsAndAWholeMultiple(side: Int, tile: Int) throws {
    let image = Image(width: side, height: side, channels: 1, pixels: Array(repeating: 0, count: side * side))
    let grid = try #require(imageGrid([image], columns: 1, padding: 0))
    #expect(grid.width == tile)
  }

  @Test func noImagesGiveNoGrid() {
    #expect(imageGrid([], columns: 3) == nil)
  }

  @Test func moreImagesThanAnImageCanHoldGiveNoGrid() {
    let image = Image(width: 1000, height: 1000, channels: 1, pixels: Array(repeating: 0, count: 1_000_000))
    #expect(imageGrid(Array(repeating: image, count: 300), columns: 15) == nil)
  }
}

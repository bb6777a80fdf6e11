import Interchange

/// Images in an order that never changes, each readable on its own, from any thread.
public protocol ImageSource: Sendable {
  /// How many images there are.
  var count: Int { get }

  /// The memory that the source itself keeps, in bytes.
  var byteCount: Int { get }

  /// Reads, or draws, an image of whatever size and number of channels it has.
  ///
  /// - Precondition: `index` is below `count`.
  /// - Throws: `FileError` where the image's file cannot be read, or is damaged.
  func image(at index: Int) throws(FileError) -> Image

  /// Finds what can be found wrong with an image at little cost, before anybody needs it.
  ///
  /// - Precondition: `index` is below `count`.
  func checkHeader(at index: Int) throws(FileError)
}

/// What lies in memory was checked when it was read.
extension ImageSource {
  public func checkHeader(at index: Int) throws(FileError) {}
}

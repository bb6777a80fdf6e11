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

  /// All images one after another, where they have this size and number of channels just as the source
  /// holds them; else nil. Whoever wants to keep them needs no copy.
  func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]?

  /// The most that decoded images may take for them to be kept, in bytes: where they come as fast as they are
  /// needed, keeping many would only delay the first step.
  var keepingLimit: Int { get }

  /// Finds what can be found wrong with an image at little cost, before anybody needs it.
  ///
  /// - Returns: About how much memory decoding it takes, in bytes; zero where that is next to nothing.
  /// - Precondition: `index` is below `count`.
  func checkHeader(at index: Int) throws(FileError) -> Int
}

extension ImageSource {
  public var keepingLimit: Int { .max }

  public func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]? { nil }

  /// What the source holds was checked when it was opened.
  public func checkHeader(at index: Int) throws(FileError) -> Int { 0 }
}

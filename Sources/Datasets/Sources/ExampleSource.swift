import Files
import Interchange

/// Examples in an order that never changes, each readable on its own, from any thread. An example is an image
/// or several that belong together, and often a class.
public protocol ExampleSource: Sendable {
  /// How many examples there are.
  var count: Int { get }

  /// The names of the images of an example, such as `real`.
  var imageFields: [String] { get }

  /// The class of each example, where the source knows it.
  var labels: ClassLabels? { get }

  /// The memory that the source itself keeps, in bytes; labels not included.
  var byteCount: Int { get }

  /// Reads, or draws, an example's images, one for each of `imageFields`, of whatever size and number of
  /// channels they have.
  ///
  /// - Precondition: `index` is below `count`.
  /// - Throws: `FileError` where an image's file cannot be read, or is damaged.
  func images(at index: Int) throws(FileError) -> [SourceImage]

  /// All images one after another, where they have this size and number of channels just as the source
  /// holds them; else nil. Whoever wants to keep them needs no copy.
  func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]?

  /// The most that decoded images may take for them to be kept, in bytes: where they come as fast as they are
  /// needed, keeping many would only delay the first step.
  var keepingLimit: Int { get }

  /// Reads the headers of the files that an example's images have of their own, one for each of `imageFields`;
  /// none where images have no files. It finds what can be found wrong with them at little cost.
  ///
  /// - Precondition: `index` is below `count`.
  func files(at index: Int) throws(FileError) -> [SourceFile]

  /// What lies among the examples' files and is none.
  var passedOver: PassedOver { get }
}

extension ExampleSource {
  public var imageFields: [String] { ["real"] }

  public var labels: ClassLabels? { nil }

  public var keepingLimit: Int { .max }

  public func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]? { nil }

  /// What the source holds was checked when it was opened.
  public func files(at index: Int) throws(FileError) -> [SourceFile] { [] }

  public var passedOver: PassedOver { PassedOver() }
}

/// The classes of a source's examples.
public struct ClassLabels: Hashable, Sendable {
  /// In the order of their indices.
  public var names: [String]
  /// Of each example, the index of its class.
  public var indices: [Int32]

  public init(names: [String], indices: [Int32]) {
    self.names = names
    self.indices = indices
  }
}

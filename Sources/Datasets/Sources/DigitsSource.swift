import Files
import Interchange
import ModelSpec

/// The 1,797 handwritten digits of 8×8 grey pixels that the program carries, with their classes, so that a
/// model can be trained where there are no other images.
///
/// Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI Machine Learning
/// Repository, https://doi.org/10.24432/C50P49, under CC BY 4.0; values scaled from 0…16 to 0…255.
/// `Resources/NOTICE` goes with the files.
public struct DigitsSource: ExampleSource {
  static let definition = DataSourceDefinition(
    schema: DataSourceSchema(
      Schema(
        "digits", "The 1,797 handwritten digits of 8×8 pixels that the program carries.",
        DataSourceDefinition.commonAttributes),
      fields: { _ in
        [DataField("real", .image(channels: nil)), DataField("label", .label(classes: classNames))]
      }),
    readsFiles: false, open: { _ in [DigitsSource()] })

  private static let classNames = (0...9).map(String.init)

  private let digits: IDXSource

  public init() {
    do {
      let images = PackageResources.digits_8x8_images_idx3_ubyte_gz
      let labels = PackageResources.digits_8x8_labels_idx1_ubyte_gz
      digits = try IDXSource(
        IDXFile(gzip: images, path: "digits"), path: "digits",
        labels: (IDXFile(gzip: labels, path: "digits"), path: "digits"))
    } catch {
      preconditionFailure("the program's own images are damaged: \(error)")
    }
  }

  public var count: Int { digits.count }
  public var labels: ClassLabels? { digits.labels }
  public var byteCount: Int { digits.byteCount }
  public func images(at index: Int) throws(FileError) -> [SourceImage] { try digits.images(at: index) }

  public func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]? {
    try digits.allPixels(width: width, height: height, channels: channels)
  }
}

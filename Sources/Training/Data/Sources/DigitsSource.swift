import Interchange

/// The 1,797 handwritten digits of 8×8 grey pixels that the program carries, so that a model can be
/// trained where there are no other images.
///
/// Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI Machine Learning
/// Repository, https://doi.org/10.24432/C50P49, under CC BY 4.0; values scaled from 0…16 to 0…255.
/// `Resources/NOTICE` goes with the file.
public struct DigitsSource: ImageSource {
  private let digits: IDXSource

  public init() {
    do {
      let file = PackageResources.digits_8x8_images_idx3_ubyte_gz
      digits = try IDXSource(IDXFile(gzip: file, path: "digits"), path: "digits")
    } catch {
      preconditionFailure("the program's own images are damaged: \(error)")
    }
  }

  public var count: Int { digits.count }
  public var byteCount: Int { digits.byteCount }
  public func image(at index: Int) throws(FileError) -> Image { try digits.image(at: index) }

  public func allPixels(width: Int, height: Int, channels: Int) throws(FileError) -> [UInt8]? {
    try digits.allPixels(width: width, height: height, channels: channels)
  }
}

import Files
import Interchange
import Training

extension FuzzTarget {
  /// A file of tensors, as `--weights` and `--resume` read it.
  static let safetensors = FuzzTarget(name: "safetensors") { bytes in
    let path = fuzzedFile(bytes)
    _ = try? CheckpointMetadata(contentsOf: path)
    guard let file = try? SafetensorsFile(contentsOf: path) else { return }
    _ = try? file.checkContents(path: path)
  }

  static let png = FuzzTarget(name: "png") { decode($0) }

  /// PNG files whose checksums are set right, so that what lies behind them is reached.
  static let pngWithSums = FuzzTarget(name: "png-with-sums") { bytes in
    var bytes = bytes
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    for (place, byte) in signature.enumerated() where place < bytes.count { bytes[place] = byte }
    func number(at place: Int) -> Int { (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + $1]) } }
    var start = signature.count
    while start + 12 <= bytes.count {
      // Of a length that reaches behind the file, what is there.
      let length = min(number(at: start), bytes.count - start - 12)
      for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place)) }
      let sum = CRC32(Array(bytes[start + 4..<start + 8 + length])).value
      for place in 0..<4 {
        bytes[start + 8 + length + place] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * place))
      }
      start += 12 + length
    }
    decode(bytes)
  }

  static let jpeg = FuzzTarget(name: "jpeg") { decode($0) }

  static let idx = FuzzTarget(name: "idx") { bytes in
    let path = fuzzedFile(bytes)
    guard let file = try? IDXFile(contentsOf: path) else { return }
    if file.shape.count == 3, let count = file.shape.first, count > 0 {
      _ = try? file.image(at: 0)
      _ = try? file.image(at: count - 1)
    }
  }

  static let cifar10 = FuzzTarget(name: "cifar10") { bytes in
    guard let file = try? CIFAR10File(contentsOf: fuzzedFile(bytes)) else { return }
    if !file.labels.isEmpty { _ = try? file.image(at: file.labels.count - 1) }
  }

  /// Reads a picture whole, and as small as a model of 8×8 wants it.
  private static func decode(_ bytes: [UInt8]) {
    let path = fuzzedFile(bytes)
    _ = try? Image.facts(ofFileAt: path)
    _ = try? Image(contentsOf: path)
    _ = try? Image(contentsOf: path, minimumSize: (8, 8))
  }
}

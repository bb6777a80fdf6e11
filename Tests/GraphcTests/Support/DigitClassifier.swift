import Datasets
import Glibc

/// Tells handwritten digits of 8×8 pixels apart: softmax regression, trained by gradient descent on those that the
/// program carries, with none of its networks.
struct DigitClassifier {
  static let pixels = 64
  private static let classes = 10

  /// [10, 65]: of each class, a weight for each pixel and a bias.
  private var weights = [Float](repeating: 0, count: classes * (pixels + 1))
  /// The share of right answers on digits that it was not trained on: every fifth.
  private(set) var accuracy = 0.0

  init() throws {
    let source = DigitsSource()
    guard let bytes = try source.allPixels(width: 8, height: 8, channels: 1), let labels = source.labels
    else {
      preconditionFailure("the program's digits have no pixels of 8×8, or no classes")
    }
    let digits = (0..<source.count).map { index in
      (Array(bytes[index * Self.pixels..<(index + 1) * Self.pixels]), labels.indices[index])
    }
    let training = digits.indices.filter { $0 % 5 != 0 }
    var velocity = [Float](repeating: 0, count: weights.count)
    for epoch in 0..<15 {
      let rate: Float = epoch < 12 ? 0.05 : 0.01
      for start in stride(from: 0, to: training.count, by: 32) {
        var slope = [Float](repeating: 0, count: weights.count)
        let batch = training[start..<min(start + 32, training.count)]
        for index in batch {
          let (image, label) = digits[index]
          var errors = probabilities(of: image)
          errors[Int(label)] -= 1
          for (kind, error) in errors.enumerated() {
            let row = kind * (Self.pixels + 1)
            for pixel in 0..<Self.pixels { slope[row + pixel] += error * Self.value(image[pixel]) }
            slope[row + Self.pixels] += error
          }
        }
        for index in weights.indices {
          velocity[index] = 0.9 * velocity[index] + slope[index] / Float(batch.count)
          weights[index] -= rate * velocity[index]
        }
      }
    }
    let held = digits.indices.filter { $0 % 5 == 0 }
    let right = held.count { classify(digits[$0].0) == Int(digits[$0].1) }
    accuracy = Double(right) / Double(held.count)
  }

  /// The most probable class of 64 bytes.
  func classify(_ image: [UInt8]) -> Int {
    let shares = probabilities(of: image)
    guard let most = shares.max(), let kind = shares.firstIndex(of: most) else {
      preconditionFailure("a classifier without classes")
    }
    return kind
  }

  private static func value(_ byte: UInt8) -> Float { Float(byte) / 127.5 - 1 }

  private func probabilities(of image: [UInt8]) -> [Float] {
    var scores = [Float](repeating: 0, count: Self.classes)
    for kind in 0..<Self.classes {
      let row = kind * (Self.pixels + 1)
      var sum = weights[row + Self.pixels]
      for pixel in 0..<Self.pixels { sum += weights[row + pixel] * Self.value(image[pixel]) }
      scores[kind] = sum
    }
    let most = scores.reduce(-.infinity, max)
    let powers = scores.map { exp($0 - most) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }
}

import Glibc

/// How far a change leads away from what a person wrote, and how odd the result is.
///
/// The unit is one number written anew. The rest are weights that order changes as people order them: the
/// network's own habits come back before new ones come in, a stage more or less before a start four times as
/// large, and windows that cover the image evenly before those that do not.
enum SizeCost {
  static let number = 1.0
  /// Another window has other weights.
  static let kernel = 0.2
  /// An attribute that did not stand there.
  static let newAttribute = 1.25
  /// An expression, which is lost.
  static let expression = 1.4
  /// A group of layers once more, or once less.
  static let stage = 1.4
  /// The same by a repetition's number.
  static let repetition = 1.2
  /// One layer less, where its group stays.
  static let layer = 1.5
  /// One of two neighbours that are the same.
  static let double = 0.8
  /// A stage that is put together out of several layers.
  static let newStage = 1.7
  /// A first or a last layer that was not there.
  static let end = 2.2
  /// No change is free.
  static let least = 0.3
  /// What comes back to the habit of the layers around.
  static let habit = 0.3
  /// A layer that makes images just so much larger or smaller as its stride says.
  static let exact = 0.65
  /// What is changed where the first layer stands that does not fit.
  static let culprit = 0.3
  /// The same by another window.
  static let exactKernel = 0.5
  /// Of two values that do, the nearer.
  static let distance = 0.01
  /// Another stride: another network.
  static let stride = 2.0
  /// What the layers around have, and this one then has no more.
  static let habitLost = 0.3
  /// Several layers at once.
  static let several = 0.5
  /// Zeros around an image that is made of one pixel, or seen by one window.
  static let paddedEnd = 1.5
  /// A second number beside one that changes already: `[3, 9]` for `4`.
  static let otherAxis = 0.3

  /// A start or an end of another size: how far from the old one, and how much further than that from the four
  /// pixels that such networks begin and end with.
  static func resize(from old: Int, to new: Int) -> Double {
    let away = abs(log2(Double(new) / 4)) - abs(log2(Double(max(old, 1)) / 4))
    return 0.3 * abs(log2(Double(new) / Double(max(old, 1)))) + 0.9 * max(0, away)
  }

  /// How unevenly a window covers an image.
  static func oddity(_ map: AxisMap) -> Double {
    // Images made larger grow twofold at a time.
    if let scale = map.scale { return 0.6 * Double(abs(scale - 2)) }
    guard let window = map.window else { return 0 }
    let reach = window.dilation * (window.kernel - 1) + 1
    var cost = 0.0
    if window.kernel < window.stride { cost += 1.5 }
    if window.stride > 1, window.kernel % window.stride != 0 { cost += 0.3 }
    if window.padding * 2 > reach { cost += 1.5 }
    if window.padding >= reach { cost += 2 }
    if let rest = rest(map) { cost += 0.15 * Double(abs(rest)) + (rest < 0 ? 0.5 : 0) }
    if window.stride > 4 { cost += 0.5 }
    return cost
  }

  /// Whether a change makes a layer fit its stride that did not.
  static func becomesExact(_ old: AxisMap, _ new: AxisMap) -> Bool {
    guard let window = new.window, window.stride > 1 else { return false }
    return rest(new) == 0 && rest(old) != 0
  }

  /// By how many pixels a layer's output differs from its input times, or through, the stride.
  static func rest(_ map: AxisMap) -> Int? {
    guard let window = map.window else { return nil }
    let reach = window.dilation * (window.kernel - 1) + 1
    return reach - 2 * window.padding + window.outputPadding - window.stride
  }
}

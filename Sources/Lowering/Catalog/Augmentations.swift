import GraphIR
import ModelSpec

/// A random change that `augment` makes to images, each image's its own.
///
/// Source: Zhao and others, "Differentiable Augmentation for Data-Efficient GAN Training" (2020), whose formulas
/// and ranges these are; gradients pass through.
public struct AugmentationDefinition: Sendable {
  public var name: String
  public var summary: String
  /// Changes images `[N, C, H, W]`.
  let apply: @Sendable (inout Augmenting, ValueID) -> ValueID

  public static let all = [color, translation, cutout]

  static func named(_ name: String) -> AugmentationDefinition {
    guard let found = all.first(where: { $0.name == name }) else {
      preconditionFailure("no augmentation `\(name)`")
    }
    return found
  }

  /// How far: a mean of the pixel, or of the image, and another share of what differs from it.
  private static let color = AugmentationDefinition(
    name: "color",
    summary: "brightness ± 0.5, saturation times 0 to 2, contrast times 0.5 to 1.5"
  ) { augmenting, images in
    let brightness = augmenting.uniform("brightness", -0.5, 0.5)
    var images = augmenting.lowering.emit(
      Binary(.add), images, augmenting.perImage(brightness, like: images))
    images = augmenting.spread(images, by: augmenting.uniform("saturation", 0, 2), around: [1])
    return augmenting.spread(images, by: augmenting.uniform("contrast", 0.5, 1.5), around: [1, 2, 3])
  }

  private static let translation = AugmentationDefinition(
    name: "translation", summary: "a shift of at most an eighth of the image either way; zeros come in"
  ) { augmenting, images in
    let extents = augmenting.lowering.type(of: images).shape
    let shifts = zip(["down", "right"], extents[2...]).map { name, extent in
      let most = Int(Double(extent.extent(batch: 1)) / 8 + 0.5)
      return augmenting.lowering.emit(
        Affine(offset: -Double(most)), augmenting.whole(name, below: 2 * most + 1))
    }
    return augmenting.lowering.emit(Translate(), images, shifts[0], shifts[1])
  }

  private static let cutout = AugmentationDefinition(
    name: "cutout",
    summary: "a rectangle half as high and wide as the image made zero, wherever its centre lies"
  ) { augmenting, images in
    let shape = augmenting.lowering.type(of: images).shape
    let windows = zip(["row", "column"], shape[2...]).map { name, extent in
      let extent = extent.extent(batch: 1)
      let size = Int(Double(extent) / 2 + 0.5)
      let centre = augmenting.whole(name, below: extent + (size % 2 == 0 ? 1 : 0))
      return augmenting.lowering.emit(Window(size: size, extent: extent), centre)
    }
    let rows = augmenting.lowering.emit(Broadcast(axes: [1, 3], sizes: [shape[1], shape[3]]), windows[0])
    let columns = augmenting.lowering.emit(Broadcast(axes: [1, 2], sizes: [shape[1], shape[2]]), windows[1])
    let hole = augmenting.lowering.emit(Binary(.multiply), rows, columns)
    let mask = augmenting.lowering.emit(Affine(scale: -1, offset: 1), hole)
    return augmenting.lowering.emit(Binary(.multiply), images, mask)
  }
}

/// One application of `augment`, with the numbers that it draws.
struct Augmenting {
  var lowering: FormulaLowering
  /// What the draws are for: the same update and the same images share them.
  let key: String
  /// Prefix of the draws' names.
  private var draw: String { "augment" }

  init(_ lowering: FormulaLowering, of images: ValueID) {
    self.lowering = lowering
    key = "augment(%\(images.index)) in \(lowering.update)"
  }

  /// One number an image.
  mutating func uniform(_ name: String, _ low: Double, _ high: Double) -> ValueID {
    lowering.drawn(
      "\(draw)_\(name)", "\(key).\(name)",
      DrawSpec(name: "", distribution: .uniform(low: low, high: high), shape: .perImage))
  }

  /// A whole number from zero an image.
  mutating func whole(_ name: String, below count: Int) -> ValueID {
    lowering.drawn(
      "\(draw)_\(name)", "\(key).\(name)",
      DrawSpec(name: "", distribution: .classes(count), shape: .perImage))
  }

  /// One number an image at each of its values.
  mutating func perImage(_ value: ValueID, like images: ValueID) -> ValueID {
    let shape = lowering.type(of: images).shape
    return lowering.emit(Broadcast(axes: [1, 2, 3], sizes: Array(shape[1...])), value)
  }

  /// (x − m)·s + m, m the mean over some axes.
  mutating func spread(_ images: ValueID, by share: ValueID, around axes: [Int]) -> ValueID {
    let shape = lowering.type(of: images).shape
    let mean = lowering.emit(Reduce(axes: axes, mean: true), images)
    let middle = lowering.emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }), mean)
    let difference = lowering.emit(Binary(.subtract), images, middle)
    let scaled = lowering.emit(Binary(.multiply), difference, perImage(share, like: images))
    return lowering.emit(Binary(.add), scaled, middle)
  }

  /// The changed image where a coin of the probability says so, else the image.
  mutating func chosen(
    _ changed: ValueID, or images: ValueID, _ name: String, probability: ValueID
  ) -> ValueID {
    let draw = uniform("coin_\(name)", 0, 1)
    let batch = lowering.type(of: draw).shape
    let limit = lowering.emit(Broadcast(axes: [0], sizes: batch), probability)
    // 1 where the draw is below the probability.
    let sign = lowering.emit(Unary(UnaryFunction(.sign)), lowering.emit(Binary(.subtract), limit, draw))
    let coin = lowering.emit(Unary(UnaryFunction(.relu)), sign)
    let difference = lowering.emit(Binary(.subtract), changed, images)
    let part = lowering.emit(Binary(.multiply), difference, perImage(coin, like: images))
    return lowering.emit(Binary(.add), images, part)
  }
}

extension FormulaLowering {
  /// The images with all that the model's `augment` does to them.
  mutating func augmented(_ images: ValueID, by augment: AugmentSpec) -> ValueID {
    var augmenting = Augmenting(self, of: images)
    let probability = augment.adaptive.map { _ in augmenting.lowering.augmentProbability() }
    var result = images
    for step in augment.policy {
      let changed = AugmentationDefinition.named(step.value).apply(&augmenting, result)
      result =
        probability.map { augmenting.chosen(changed, or: result, step.value, probability: $0) } ?? changed
    }
    self = augmenting.lowering
    return result
  }

  /// How probable each change of an adaptive `augment` is, as the step finds it.
  mutating func augmentProbability() -> ValueID {
    let definition = ParameterDefinition(
      name: "augment.probability", shape: [], initializer: .constant(0), role: .running,
      network: spec.imageJudge?.name ?? "")
    _ = store.value(definition, in: &builder)
    guard let value = store.inputs[definition.name] else { preconditionFailure("no \(definition.name)") }
    return value
  }

  /// Moves the probability towards where the mean sign of the scores of real images is the target.
  ///
  /// p + sign(r − target) · batch / images, kept in [0, 1]. Source: Karras and others, "Training Generative
  /// Adversarial Networks with Limited Data" (2020), where it moves by four steps' worth on every fourth.
  mutating func adapt(_ adaptive: AugmentSpec.Adaptive, scores: ValueID, batch: Int) -> ValueID {
    let old = augmentProbability()
    let axes = Array(0..<type(of: scores).rank)
    let opinion = emit(
      Reduce(axes: axes, mean: true), emit(Unary(UnaryFunction(.sign)), emit(Detach(), scores)))
    let direction = emit(
      Unary(UnaryFunction(.sign)), emit(Affine(offset: -adaptive.target), opinion))
    let move = emit(Affine(scale: Double(batch) / adaptive.images), direction)
    let new = emit(Unary(UnaryFunction(.clamp, [0, 1])), emit(Binary(.add), old, move))
    store.current["augment.probability"] = new
    return new
  }
}

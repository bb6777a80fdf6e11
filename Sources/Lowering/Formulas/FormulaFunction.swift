import GraphIR
import ModelSpec

/// A function of the formulas.
public struct FormulaFunction: Sendable {
  public var name: String
  /// What its arguments are, for documentation and errors: `x`, `target`.
  public var arguments: [String]
  /// How many of the last arguments may be left out.
  public var optionalArguments: Int
  public var summary: String
  let lower:
    @Sendable (inout FormulaLowering, [FormulaValue], FormulaLowering.Place) throws(FormulaLowering.Failed)
      -> FormulaValue

  init(
    _ name: String, _ arguments: [String], optional: Int = 0, _ summary: String,
    lower:
      @escaping @Sendable (
        inout FormulaLowering, [FormulaValue], FormulaLowering.Place
      ) throws(FormulaLowering.Failed) -> FormulaValue
  ) {
    self.name = name
    self.arguments = arguments
    optionalArguments = optional
    self.summary = summary
    self.lower = lower
  }

  /// Every function there is.
  public static let all = reductions + elementwise + losses + structure + random

  static let byName: [String: FormulaFunction] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// What other programs call a function.
  static let otherNames = [
    "mse": "l2", "mse_loss": "l2", "l2_loss": "l2", "mean_squared_error": "l2", "mae": "l1", "l1_loss": "l1",
    "mean_absolute_error": "l1", "binary_cross_entropy": "bce", "bce_loss": "bce", "bceloss": "bce",
    "binary_cross_entropy_with_logits": "bce_with_logits", "bce_logits": "bce_with_logits",
    "average": "mean", "reduce_mean": "mean", "reduce_sum": "sum", "absolute": "abs", "ln": "log",
    "maximum": "max", "minimum": "min", "stop_gradient": "detach", "no_grad": "detach", "lrelu": "leaky_relu",
    "swish": "silu", "cat": "concat", "grad": "gradient", "gradients": "gradient", "randn_like": "noise_like",
    "avg_pool": "avg_pool2d", "interpolate": "upsample", "onehot": "one_hot",
  ]
}

// MARK: - Reductions

extension FormulaFunction {
  private static let reductions: [FormulaFunction] = [
    reduction("mean", "the mean of all elements", mean: true) { type in Array(0..<type.rank) },
    reduction("sum", "the sum of all elements", mean: false) { type in Array(0..<type.rank) },
    reduction("batch_mean", "the mean over the images", mean: true) { _ in [0] },
    reduction("per_image_sum", "the sum over each image", mean: false) { type in Array(1..<type.rank) },
    reduction("per_image_mean", "the mean over each image", mean: true) { type in Array(1..<type.rank) },
    FormulaFunction("norm", ["x"], "the root of each image's sum of squares; its slope at 0 is 0") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let sum = try lowering.sumOfSquares(given[0], place)
      return .tensor(lowering.emit(Unary(UnaryFunction(.rootOfSquares)), sum))
    },
  ]

  private static func reduction(
    _ name: String, _ summary: String, mean: Bool, axes: @escaping @Sendable (TensorType) -> [Int]
  ) -> FormulaFunction {
    FormulaFunction(name, ["x"], summary) {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      // A number is the mean of itself.
      guard let value = given[0].tensor else { return given[0] }
      let type = lowering.type(of: value)
      if type.rank == 0 { return .tensor(value) }
      let axes = axes(type)
      return axes.isEmpty ? .tensor(value) : .tensor(lowering.emit(Reduce(axes: axes, mean: mean), value))
    }
  }
}

// MARK: - Element by element

extension FormulaFunction {
  private static let elementwise: [FormulaFunction] =
    [
      unary("relu", .relu, "max(x, 0)"), unary("tanh", .tanh, "the hyperbolic tangent"),
      unary("sigmoid", .sigmoid, "1 / (1 + exp(-x))"), unary("silu", .silu, "x · sigmoid(x)"),
      unary("softplus", .softplus, "log(1 + exp(x)), and x itself above 20"),
      unary("gelu", .gelu, "x times the normal distribution's share below x"),
      unary("elu", .elu, "x, or exp(x) - 1 below 0"), unary("abs", .absolute, "the absolute value"),
      unary("sqrt", .sqrt, "the square root"), unary("exp", .exp, "the exponential"),
      unary("log", .log, "the natural logarithm"), unary("square", .square, "x²"),
      unary("sign", .sign, "-1, 0 or 1; no gradient passes"),
      FormulaFunction("leaky_relu", ["x", "slope"], optional: 1, "x, or slope · x below 0; 0.01 by default") {
        (lowering, given, place) throws(FormulaLowering.Failed) in
        let slope = given.count > 1 ? try lowering.number(given[1], "the slope", place) : 0.01
        return lowering.apply(.leakyReLU(slope: slope), to: given[0])
      },
    ] + [
      binary("min", .minimum, "the smaller of two"), binary("max", .maximum, "the larger of two"),
    ]

  private static func unary(_ name: String, _ kind: UnaryKind, _ summary: String) -> FormulaFunction {
    FormulaFunction(name, ["x"], summary) { lowering, given, _ in
      lowering.apply(UnaryFunction(kind), to: given[0])
    }
  }

  private static func binary(_ name: String, _ kind: Binary.Kind, _ summary: String) -> FormulaFunction {
    FormulaFunction(name, ["a", "b"], summary) {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      try lowering.combine(kind, given[0], given[1], place, name: name)
    }
  }
}

// MARK: - Losses

extension FormulaFunction {
  private static let losses: [FormulaFunction] = [
    crossEntropy("bce", .bce, "the mean binary cross-entropy of probabilities and targets"),
    crossEntropy("bce_with_logits", .bceWithLogits, "the same of logits, with the sigmoid inside"),
    FormulaFunction(
      "cross_entropy", ["logits", "classes"], "the mean cross-entropy of logits and the numbers of classes"
    ) { (lowering, given, place) throws(FormulaLowering.Failed) in
      let logits = try lowering.rows(given[0], "the logits", place)
      let count = lowering.type(of: logits).shape[1].fixedExtent
      guard let count else {
        throw lowering.failed(place, "cross_entropy", "the logits of each class", given[0])
      }
      let chosen = lowering.emit(
        OneHot(classes: count), try lowering.perImage(given[1], "the classes", place))
      let logs = lowering.emit(Softmax(isLog: true), logits)
      let picked = lowering.emit(Binary(.multiply), chosen, logs)
      let sums = lowering.emit(Reduce(axes: [1], mean: false), picked)
      let mean = lowering.emit(Reduce(axes: [0], mean: true), sums)
      return .tensor(lowering.emit(Affine(scale: -1), mean))
    },
    distance("l1", .absolute, "the mean absolute difference"),
    distance("l2", .square, "the mean squared difference"),
  ]

  /// With a number as target, one op; with a tensor y, the mixture of both targets' losses.
  private static func crossEntropy(
    _ name: String, _ kind: UnaryKind, _ summary: String
  ) -> FormulaFunction {
    FormulaFunction(name, ["scores", "targets"], summary) {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let scores = try lowering.tensor(given[0], "the scores", place)
      let losses: ValueID
      if case .number(let target) = given[1] {
        guard (0...1).contains(target) else {
          throw lowering.failed(place, name, "targets from 0 to 1", given[1])
        }
        losses = lowering.emit(Unary(UnaryFunction(kind, [target])), scores)
      } else {
        let real = lowering.emit(Unary(UnaryFunction(kind, [1])), scores)
        let fake = lowering.emit(Unary(UnaryFunction(kind, [0])), scores)
        let difference = lowering.emit(Binary(.subtract), real, fake)
        let share = try lowering.combine(.multiply, .tensor(difference), given[1], place, name: name)
        let sum = try lowering.combine(.add, .tensor(fake), share, place, name: name)
        losses = try lowering.tensor(sum, "the losses", place)
      }
      let axes = Array(0..<lowering.type(of: losses).rank)
      return .tensor(lowering.emit(Reduce(axes: axes, mean: true), losses))
    }
  }

  private static func distance(_ name: String, _ kind: UnaryKind, _ summary: String) -> FormulaFunction {
    FormulaFunction(name, ["a", "b"], summary) {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let difference = try lowering.combine(.subtract, given[0], given[1], place, name: name)
      guard let value = lowering.apply(UnaryFunction(kind), to: difference).tensor else {
        throw lowering.failed(place, name, "tensors", given[0])
      }
      let axes = Array(0..<lowering.type(of: value).rank)
      return .tensor(axes.isEmpty ? value : lowering.emit(Reduce(axes: axes, mean: true), value))
    }
  }
}

// MARK: - Structure

extension FormulaFunction {
  private static let structure: [FormulaFunction] = [
    FormulaFunction(
      "gradient", ["y", "x"],
      "the gradient of the sum of y by x, of x's shape; it can be differentiated again"
    ) { (lowering, given, place) throws(FormulaLowering.Failed) in
      let y = try lowering.tensor(given[0], "what is differentiated", place)
      let x = try lowering.tensor(given[1], "what it is differentiated by", place)
      let axes = Array(0..<lowering.type(of: y).rank)
      let scalar = axes.isEmpty ? y : lowering.emit(Reduce(axes: axes, mean: false), y)
      guard lowering.reached(from: scalar, among: [x]).contains(x) else {
        throw lowering.independent(place)
      }
      lowering.warnOfBatchNorm(between: x, and: scalar, place)
      return .tensor(lowering.emitAll(Gradient(), [scalar, x])[0])
    },
    FormulaFunction("detach", ["x"], "x as a constant: no gradient passes") { lowering, given, _ in
      given[0].tensor.map { .tensor(lowering.emit(Detach(), $0)) } ?? given[0]
    },
    FormulaFunction("concat", ["a", "b"], "two values joined along their channels") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let a = try lowering.tensor(given[0], "a", place)
      let b = try lowering.tensor(given[1], "b", place)
      return try lowering.tryEmit(Concat(axis: 1), [a, b], place, name: "concat")
    },
    FormulaFunction("one_hot", ["classes"], "a row with a one at each image's class") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      guard let count = lowering.spec.classes?.value else {
        throw lowering.failed(place, "one_hot", "a model with `classes`", given[0])
      }
      let labels = try lowering.perImage(given[0], "the classes", place)
      return .tensor(lowering.emit(OneHot(classes: count), labels))
    },
    FormulaFunction("avg_pool2d", ["x", "size"], "images made smaller: the mean of each size × size block") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let size = try lowering.whole(given[1], "the size", place)
      let images = try lowering.tensor(given[0], "what is pooled", place)
      let pool = AvgPool2D(kernelSize: Size2(size), stride: Size2(size))
      return try lowering.tryEmit(pool, [images], place, name: "avg_pool2d")
    },
    FormulaFunction("upsample", ["x", "scale"], "images made larger: each pixel repeated") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let scale = try lowering.whole(given[1], "the scale", place)
      let images = try lowering.tensor(given[0], "what is made larger", place)
      return try lowering.tryEmit(UpsampleNearest(scale: Size2(scale)), [images], place, name: "upsample")
    },
    FormulaFunction("lerp", ["a", "b", "t"], "a + t · (b - a)") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let difference = try lowering.combine(.subtract, given[1], given[0], place, name: "lerp")
      let share = try lowering.combine(.multiply, given[2], difference, place, name: "lerp")
      return try lowering.combine(.add, given[0], share, place, name: "lerp")
    },
    FormulaFunction(
      "running", ["x", "share"],
      "a number that lives between steps and moves towards x by a share; its new value, through which x's share of the gradient passes"
    ) { (lowering, given, place) throws(FormulaLowering.Failed) in
      let share = try lowering.number(given[1], "the share", place)
      return try lowering.running(try lowering.scalar(given[0], "the number", place), share, place)
    },
  ]
}

// MARK: - Random numbers

extension FormulaFunction {
  private static let random: [FormulaFunction] = [
    FormulaFunction("mix", ["a", "b"], "u · a + (1 - u) · b, with one uniform number u an image") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let key = "mix(\(lowering.text(given[0])), \(lowering.text(given[1])))"
      let share = lowering.drawn(
        "epsilon", key, DrawSpec(name: "", distribution: .uniform(low: 0, high: 1), shape: .perImage))
      let rest = lowering.emit(Affine(scale: -1, offset: 1), share)
      let first = try lowering.combine(.multiply, given[0], .tensor(share), place, name: "mix")
      let second = try lowering.combine(.multiply, given[1], .tensor(rest), place, name: "mix")
      return try lowering.combine(.add, first, second, place, name: "mix")
    },
    FormulaFunction("augment", ["x"], "images with what `train.augment` does to them") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      guard let augment = lowering.spec.train.augment else {
        throw lowering.failed(place, "augment", "a model whose `train` says `augment`", given[0])
      }
      let images = try lowering.tensor(given[0], "what is changed", place)
      guard lowering.type(of: images).rank == 4 else {
        throw lowering.failed(place, "augment", "images", given[0])
      }
      return .tensor(lowering.augmented(images, by: augment))
    },
    FormulaFunction("noise_like", ["x"], "standard normal numbers of x's shape") {
      (lowering, given, place) throws(FormulaLowering.Failed) in
      let value = try lowering.tensor(given[0], "the shape", place)
      let type = lowering.type(of: value)
      return .tensor(
        lowering.drawn(
          "noise_like", "noise_like(\(lowering.text(given[0])))", .normal, TensorType(type.shape)))
    },
  ]
}

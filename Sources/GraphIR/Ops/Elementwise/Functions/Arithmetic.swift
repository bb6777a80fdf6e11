import Glibc

extension UnaryDefinition {
  static let exp = UnaryDefinition(
    reads: .result, domain: -2...2,
    value: { x, _ in Glibc.exp(x) },
    derivative: { y, _ in y },
    secondDerivative: { context, y, _ in
      context.emit(Affine(scale: 0, offset: 1), y)
    })

  static let log = UnaryDefinition(
    domain: 0.5...3,
    value: { x, _ in Glibc.log(x) },
    derivative: { x, _ in 1 / x },
    secondDerivative: { context, x, _ in
      let inverse = context.emit(Unary(UnaryFunction(.reciprocal)), x)
      return context.emit(Affine(scale: -1), context.emit(Unary(UnaryFunction(.square)), inverse))
    })

  /// √x; the derivative from the result is 1 / 2y.
  static let sqrt = UnaryDefinition(
    reads: .result, domain: 0.5...3,
    value: { x, _ in x.squareRoot() },
    derivative: { y, _ in 0.5 / y },
    secondDerivative: { context, y, _ in
      let inverse = context.emit(Unary(UnaryFunction(.reciprocal)), y)
      return context.emit(Affine(scale: -0.5), context.emit(Unary(UnaryFunction(.square)), inverse))
    })

  /// √x of a sum of squares, whose derivative at 0 is 0: that of a norm, as PyTorch has it. Everywhere else it
  /// is `sqrt`.
  static let rootOfSquares = UnaryDefinition(
    reads: .result, domain: 0.5...3,
    value: { x, _ in x.squareRoot() },
    derivative: { y, _ in y <= 0 ? 0 : 0.5 / y },
    secondDerivative: { context, y, _ in
      // −½/y², and 0 at 0: there 0/1 stands for it.
      let isPositive = context.emit(Unary(UnaryFunction(.step)), y)
      let square = context.emit(Unary(UnaryFunction(.square)), y)
      let isZero = context.emit(Affine(scale: -1, offset: 1), isPositive)
      let ratio = context.emit(
        Binary(.divide), isPositive, context.emit(Binary(.add), square, isZero))
      return context.emit(Affine(scale: -0.5), ratio)
    })

  /// 1 / √x; the derivative from the result is −½y³.
  static let rsqrt = UnaryDefinition(
    reads: .result, domain: 0.5...3,
    value: { x, _ in 1 / x.squareRoot() },
    derivative: { y, _ in -0.5 * y * y * y },
    secondDerivative: { context, y, _ in
      context.emit(Affine(scale: -1.5), context.emit(Unary(UnaryFunction(.square)), y))
    })

  /// x between the bounds, else the nearer of them; the derivative at a bound is 1.
  /// Source: PyTorch `torch.clamp`.
  static let clamp = UnaryDefinition(
    parameters: ["minimum": -1, "maximum": 1], kinks: [-1, 1],
    value: { x, p in x < p[0] ? p[0] : x > p[1] ? p[1] : x },
    derivative: { x, p in x < p[0] || x > p[1] ? 0 : 1 })

  /// As `clamp`, but the derivative at a bound is 0. Source: PyTorch `nn.Hardtanh`, `nn.ReLU6`.
  static let hardtanh = UnaryDefinition(
    parameters: ["minimum": -1, "maximum": 1], kinks: [-1, 1],
    value: { x, p in x < p[0] ? p[0] : x > p[1] ? p[1] : x },
    derivative: { x, p in x <= p[0] || x >= p[1] ? 0 : 1 })

  static let square = UnaryDefinition(
    value: { x, _ in x * x },
    derivative: { x, _ in 2 * x },
    secondDerivative: { context, x, _ in context.emit(Affine(scale: 0, offset: 2), x) })

  /// 1 / x; the derivative from the result is −y².
  static let reciprocal = UnaryDefinition(
    reads: .result, domain: 0.5...3,
    value: { x, _ in 1 / x },
    derivative: { y, _ in -y * y },
    secondDerivative: { context, y, _ in context.emit(Affine(scale: -2), y) })

  /// |x|; the derivative at 0 is 0.
  static let absolute = UnaryDefinition(
    kinks: [0],
    value: { x, _ in abs(x) },
    derivative: { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 })

  /// 1 for x > 0, else 0.
  static let step = UnaryDefinition(
    kinks: [0],
    value: { x, _ in x > 0 ? 1 : 0 },
    derivative: { _, _ in 0 })

  /// −1, 0 or 1.
  static let sign = UnaryDefinition(
    kinks: [0],
    value: { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 },
    derivative: { _, _ in 0 })
}

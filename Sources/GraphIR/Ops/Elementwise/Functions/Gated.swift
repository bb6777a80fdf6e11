import Glibc

extension UnaryDefinition {
  /// x · σ(x).
  static let silu = UnaryDefinition(
    isActivation: true,
    value: { x, _ in x / (1 + Glibc.exp(-x)) },
    derivative: { x, _ in
      let sigmoid = 1 / (1 + Glibc.exp(-x))
      return sigmoid * (1 + x * (1 - sigmoid))
    },
    // σ(1 − σ) · (2 + x · (1 − 2σ))
    secondDerivative: { context, x, _ in
      let sigmoid = context.emit(Unary(.sigmoid), x)
      let complement = context.emit(Affine(scale: -1, offset: 1), sigmoid)
      let slope = context.emit(Binary(.multiply), sigmoid, complement)
      let bend = context.emit(Binary(.multiply), x, context.emit(Affine(scale: -2, offset: 1), sigmoid))
      return context.emit(Binary(.multiply), slope, context.emit(Affine(offset: 2), bend))
    })

  /// x · Φ(x), the Gaussian's distribution; with `tanh_approximation` = 1 its approximation
  /// ½x·(1 + tanh(√(2/π)·(x + 0.044715x³))). Source: PyTorch `nn/functional.py`.
  static let gelu = UnaryDefinition(
    parameters: ["tanh_approximation": 0], isActivation: true,
    value: { x, p in
      p[0] == 0
        ? 0.5 * x * (1 + Glibc.erf(x / 2.0.squareRoot()))
        : 0.5 * x * (1 + Glibc.tanh(geluInner(x)))
    },
    derivative: { x, p in
      if p[0] == 0 {
        return 0.5 * (1 + Glibc.erf(x / 2.0.squareRoot())) + x * gaussianDensity(x)
      }
      let tanh = Glibc.tanh(geluInner(x))
      return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * geluInnerSlope(x)
    },
    secondDerivative: { context, x, p in
      p[0] == 0 ? geluSecondExact(&context, x) : geluSecondTanh(&context, x)
    })
}

private let rootTwoOverPi = (2 / Double.pi).squareRoot()
private let geluCubic = 0.044715

private func geluInner(_ x: Double) -> Double { rootTwoOverPi * (x + geluCubic * x * x * x) }
private func geluInnerSlope(_ x: Double) -> Double { rootTwoOverPi * (1 + 3 * geluCubic * x * x) }
private func gaussianDensity(_ x: Double) -> Double {
  Glibc.exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
}

/// φ(x) · (2 − x²).
private func geluSecondExact(_ context: inout PullbackContext, _ x: ValueID) -> ValueID {
  let square = context.emit(Unary(UnaryFunction(.square)), x)
  let exponential = context.emit(Unary(UnaryFunction(.exp)), context.emit(Affine(scale: -0.5), square))
  let scale = 1 / (2 * Double.pi).squareRoot()
  let factor = context.emit(Affine(scale: -scale, offset: 2 * scale), square)
  return context.emit(Binary(.multiply), exponential, factor)
}

/// With u the inner polynomial and t = tanh u: (1 − t²) · (u' + ½x·u'' − x·t·u'²).
private func geluSecondTanh(_ context: inout PullbackContext, _ x: ValueID) -> ValueID {
  let square = context.emit(Unary(UnaryFunction(.square)), x)
  let inner = context.emit(
    Binary(.multiply), x,
    context.emit(Affine(scale: rootTwoOverPi * geluCubic, offset: rootTwoOverPi), square))
  let tanh = context.emit(Unary(.tanh), inner)
  let slope = context.emit(
    Affine(scale: 3 * rootTwoOverPi * geluCubic, offset: rootTwoOverPi), square)
  // u' + ½x·u'' with u'' = 6·√(2/π)·c·x, so ½x·u'' = 3·√(2/π)·c·x².
  let straight = context.emit(
    Affine(scale: 6 * rootTwoOverPi * geluCubic, offset: rootTwoOverPi), square)
  let bent = context.emit(
    Binary(.multiply), context.emit(Binary(.multiply), x, tanh),
    context.emit(Unary(UnaryFunction(.square)), slope))
  let difference = context.emit(Binary(.subtract), straight, bent)
  let complement = context.emit(
    Affine(scale: -1, offset: 1), context.emit(Unary(UnaryFunction(.square)), tanh))
  return context.emit(Binary(.multiply), complement, difference)
}

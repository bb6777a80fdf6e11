import Glibc

/// Makes standard normal numbers ones of the normal distribution within ±limit.
///
/// Each is moved, and keeps its place among all: no number is drawn again, so that a sample stays the same
/// one, nearer to the middle. Source of the trick: Brock and others, "Large Scale GAN Training" (2019), who draw
/// again what lies outside.
public struct TruncatedNormal: Hashable, Sendable {
  public let limit: Double
  /// The probability of a number below −limit.
  private let tail: Double

  /// - Precondition: The limit is positive.
  public init(limit: Double) {
    precondition(limit > 0, "a limit is positive")
    self.limit = limit
    tail = normalProbability(below: -limit)
  }

  public func callAsFunction(_ value: Float) -> Float {
    Float(quantile(of: normalProbability(below: Double(value))))
  }

  /// The number below which a share `u` of the truncated distribution lies.
  public func quantile(of u: Double) -> Double {
    max(-limit, min(limit, normalQuantile(tail + u * (1 - 2 * tail))))
  }
}

/// The standard normal distribution function, Φ.
func normalProbability(below x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

/// The inverse of Φ: Acklam's rational approximation, made exact by a step of Halley's method.
/// Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function" (2003).
func normalQuantile(_ p: Double) -> Double {
  guard p > 0 else { return -.infinity }
  guard p < 1 else { return .infinity }
  // The halves mirror each other, and the lower one keeps its digits.
  if p > 0.5 { return -normalQuantile(1 - p) }
  func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }
  var x: Double
  if p < 0.02425 {
    let q = (-2 * log(p)).squareRoot()
    x =
      polynomial(
        q,
        [
          -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734,
          4.374664141464968, 2.938163982698783,
        ])
      / polynomial(
        q, [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1])
  } else {
    let q = p - 0.5
    let r = q * q
    x =
      q
      * polynomial(
        r,
        [
          -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
          -3.066479806614716e+01, 2.506628277459239,
        ])
      / polynomial(
        r,
        [
          -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
          -1.328068155288572e+01, 1,
        ])
  }
  let error = (normalProbability(below: x) - p) * (2 * Double.pi).squareRoot() * exp(x * x / 2)
  x -= error / (1 + x * error / 2)
  return x
}

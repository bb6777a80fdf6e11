// Elementary functions on vectors, within about 2 units in the last place over the whole range, with the C
// library's results for infinities and NaN. Polynomials are minimax fits by Remez's algorithm; the comments
// give their interval and largest relative error.
#ifndef VECTOR_MATH_H
#define VECTOR_MATH_H

#include "vector.h"

#include <float.h>
#include <math.h>

// ln 2 in two parts: the product of a small integer with the first is exact.
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
#define LOG2_E 1.44269504f

INLINE vfloat two_to_the(vint n) { return as_float((n + 127) << 23); }

/// x split as n·ln 2 + r with |r| ≤ ln 2 / 2; n is also given as an integer. |x| < 2^20.
struct power {
  vfloat n, r;
  vint exponent;
};

INLINE struct power reduce_by_ln2(vfloat x) {
  // Adding 1.5·2^23 rounds to an integer, which the sum's low bits then hold.
  const float shifter = 0x1.8p23f;
  vfloat shifted = x * LOG2_E + shifter;
  vfloat n = shifted - shifter;
  return (struct power){n, (x - n * LN2_HIGH) - n * LN2_LOW, as_int(shifted) - as_int(splat(shifter))};
}

/// e^r - 1 for |r| ≤ ln 2 / 2: 1.5e-8.
INLINE vfloat expm1_reduced(vfloat r) {
  vfloat p = splat(1.394757461e-3f);
  p = p * r + 8.367234082e-3f;
  p = p * r + 4.166626699e-2f;
  p = p * r + 1.666653815e-1f;
  p = p * r + 5.000000066e-1f;
  return r * r * p + r;
}

/// e^(x + low), where `low` is a correction far below x.
INLINE vfloat exp_of_sum(vfloat x, vfloat low) {
  struct power power = reduce_by_ln2(at_least(at_most(x, 89.0f), -104.0f));
  vfloat fraction = expm1_reduced(power.r + low);
  // Two steps: 2^n alone may not be a normal number where the result is one.
  vint half = power.exponent >> 1;
  vfloat scale = two_to_the(half);
  return (fraction * scale + scale) * two_to_the(power.exponent - half);
}

INLINE vfloat vector_exp(vfloat x) { return exp_of_sum(x, splat(0)); }

/// e^x - 1, for x ≤ 80.
INLINE vfloat vector_expm1(vfloat x) {
  struct power power = reduce_by_ln2(at_least(x, -80.0f));
  vfloat scale = two_to_the(power.exponent);
  return expm1_reduced(power.r) * scale + (scale - 1);
}

INLINE vfloat vector_tanh(vfloat x) {
  vfloat e = vector_expm1(2 * at_most(absolute(x), 10.0f));
  return with_sign(e / (e + 2), x);
}

INLINE vfloat vector_sigmoid(vfloat x) {
  vfloat e = vector_exp(-absolute(x));
  return (x < 0 ? e : splat(1)) / (1 + e);
}

/// log(1 + f) - f for 1 + f in [sqrt(1/2), sqrt(2)]: 6e-9 of log(1 + f).
INLINE vfloat log1p_tail(vfloat f) {
  vfloat p = splat(-7.860207622e-2f);
  p = p * f + 1.288140394e-1f;
  p = p * f - 1.312840365e-1f;
  p = p * f + 1.418121408e-1f;
  p = p * f - 1.662459623e-1f;
  p = p * f + 2.000228597e-1f;
  p = p * f - 2.500080900e-1f;
  p = p * f + 3.333331673e-1f;
  return f * f * (p * f - 0.5f);
}

INLINE vfloat vector_log(vfloat x) {
  vint subnormal = x < FLT_MIN;
  vfloat normal = subnormal ? x * 0x1p23f : x;
  // x = m·2^n with m in [sqrt(1/2), sqrt(2)): subtracting the bits of sqrt(1/2) carries into the exponent.
  const int32_t root_half = 0x3f3504f3;
  vint bits = as_int(normal) - root_half;
  vfloat f = as_float((bits & 0x7fffff) + root_half) - 1;
  vfloat n = __builtin_convertvector(bits >> 23, vfloat) - (subnormal ? splat(23) : splat(0));
  vfloat y = (log1p_tail(f) + n * LN2_LOW) + f + n * LN2_HIGH;
  y = x == INFINITY ? x : y;
  return x > 0 ? y : x == 0 ? splat(-INFINITY) : splat(NAN);
}

/// log(1 + x). Kahan's method: the rounding of 1 + x is made up for by a factor near 1.
INLINE vfloat vector_log1p(vfloat x) {
  vfloat u = 1 + x, rounded = u - 1;
  return rounded == 0 ? x : vector_log(u) * (x / rounded);
}

/// The standard normal density's factor e^(-x²/2) and the distribution function Φ(x).
struct normal_distribution {
  vfloat bell, below;
};

INLINE struct normal_distribution vector_normal(vfloat x) {
  vfloat a = at_most(absolute(x), 15.0f);
  // -a²/2 in two parts, the first without rounding: exp would magnify the error by a²/2.
  vfloat high = as_float(as_int(a) & (int32_t)0xfffff000);
  vfloat bell = exp_of_sum(-0.5f * high * high, -0.5f * (a - high) * (a + high));
  // 1 - Φ(a) = e^(-a²/2)·t·p(u) with t = 1/(1 + 0.35a) and u = 1 - t, for a in [0, 15]: 3.2e-8.
  vfloat t = 1 / (1 + 0.35f * a), u = 0.35f * a * t;
  vfloat p = splat(-2.916373368e-02f);
  p = p * u + 8.924997746e-02f;
  p = p * u - 6.406534164e-02f;
  p = p * u - 1.607930328e-02f;
  p = p * u - 6.417373730e-02f;
  p = p * u + 1.026404100e-01f;
  p = p * u + 2.610449883e-01f;
  p = p * u - 6.398319847e-01f;
  p = p * u + 4.999999840e-01f;
  vfloat tail = bell * t * p;
  return (struct normal_distribution){bell, x < 0 ? tail : 1 - tail};
}

#endif

// The element-wise functions and their derivatives on vectors, as `reference_math.h` defines them. Called
// with a constant function, so that the switches vanish.
#ifndef VECTOR_UNARY_H
#define VECTOR_UNARY_H

#include "ckernels_elementwise.h"
#include "vector_math.h"

#define SQRT_8_OVER_PI 1.59576912f
#define GELU_CUBIC 0.044715f
#define INVERSE_SQRT_2PI 0.398942280f

INLINE vfloat sign_of(vfloat x) { return x > 0 ? splat(1) : x < 0 ? splat(-1) : x == 0 ? splat(0) : x; }

/// The tanh form of GELU is x·sigmoid(u), u = sqrt(8/π)·(x + 0.044715·x³).
INLINE vfloat gelu_tanh_argument(vfloat x) { return SQRT_8_OVER_PI * x * (GELU_CUBIC * x * x + 1); }

INLINE vfloat unary(ck_unary function, float p0, float p1, vfloat x) {
  switch (function) {
  case CK_UNARY_IDENTITY: return x;
  case CK_UNARY_RELU: return at_least(x, 0);
  case CK_UNARY_LEAKY_RELU: return x > 0 ? x : p0 * x;
  case CK_UNARY_TANH: return vector_tanh(x);
  case CK_UNARY_SIGMOID: return vector_sigmoid(x);
  case CK_UNARY_ELU: return x > 0 ? x : p0 * vector_expm1(at_most(x, 0));
  case CK_UNARY_SOFTPLUS: {
    vfloat z = p0 * x;
    return z > p1 ? x : (at_least(z, 0) + vector_log1p(vector_exp(-absolute(z)))) / p0;
  }
  case CK_UNARY_SILU: return x * vector_sigmoid(x);
  case CK_UNARY_GELU: return x * vector_normal(x).below;
  case CK_UNARY_GELU_TANH: return x * vector_sigmoid(gelu_tanh_argument(x));
  case CK_UNARY_EXP: return vector_exp(x);
  case CK_UNARY_LOG: return vector_log(x);
  case CK_UNARY_SQRT: return square_root(x);
  case CK_UNARY_SQUARE: return x * x;
  case CK_UNARY_RECIPROCAL: return 1 / x;
  case CK_UNARY_ABSOLUTE: return absolute(x);
  case CK_UNARY_CLAMP:
  case CK_UNARY_HARDTANH: return x < p0 ? splat(p0) : x > p1 ? splat(p1) : x;
  case CK_UNARY_STEP: return x > 0 ? splat(1) : splat(0);
  case CK_UNARY_SIGN: return sign_of(x);
  case CK_UNARY_BCE:
    return -(p0 * at_least(vector_log(x), -100) + (1 - p0) * at_least(vector_log1p(-x), -100));
  case CK_UNARY_BCE_WITH_LOGITS:
    // max(x, 0) - p0·x without cancellation.
    return x * (x > 0 ? splat(1 - p0) : splat(-p0)) + vector_log1p(vector_exp(-absolute(x)));
  case CK_UNARY_RSQRT: return 1 / square_root(x);
  case CK_UNARY_ROOT_OF_SQUARES: return square_root(x);
  }
  __builtin_unreachable();
}

/// f'(saved), where `saved` is x, or y for the functions whose gradient reads the output.
INLINE vfloat unary_derivative(ck_unary function, float p0, float p1, vfloat saved) {
  vfloat x = saved, y = saved;
  switch (function) {
  case CK_UNARY_IDENTITY: return splat(1);
  case CK_UNARY_RELU: return y <= 0 ? splat(0) : splat(1);
  case CK_UNARY_LEAKY_RELU: return x > 0 ? splat(1) : splat(p0);
  case CK_UNARY_TANH: return 1 - y * y;
  case CK_UNARY_SIGMOID: return y * (1 - y);
  case CK_UNARY_ELU: return y <= 0 ? y + p0 : splat(1);
  case CK_UNARY_SOFTPLUS: {
    vfloat z = p0 * x;
    return z > p1 ? splat(1) : vector_sigmoid(z);
  }
  case CK_UNARY_SILU: {
    vfloat sigmoid = vector_sigmoid(x);
    return sigmoid * (1 + x * vector_sigmoid(-x));
  }
  case CK_UNARY_GELU: {
    struct normal_distribution normal = vector_normal(x);
    return INVERSE_SQRT_2PI * x * normal.bell + normal.below;
  }
  case CK_UNARY_GELU_TANH: {
    vfloat u = gelu_tanh_argument(x), sigmoid = vector_sigmoid(u);
    vfloat slope = SQRT_8_OVER_PI * x * (3 * GELU_CUBIC * x * x + 1);
    return sigmoid * (1 + slope * vector_sigmoid(-u));
  }
  case CK_UNARY_EXP: return y;
  case CK_UNARY_LOG: return 1 / x;
  case CK_UNARY_SQRT: return 0.5f / y;
  case CK_UNARY_SQUARE: return 2 * x;
  case CK_UNARY_RECIPROCAL: return -y * y;
  case CK_UNARY_ABSOLUTE: return sign_of(x);
  case CK_UNARY_CLAMP: return x < p0 ? splat(0) : x > p1 ? splat(0) : splat(1);
  case CK_UNARY_STEP: return splat(0);
  case CK_UNARY_SIGN: return splat(0);
  case CK_UNARY_BCE: return (x - p0) / at_least((1 - x) * x, 1e-12f);
  case CK_UNARY_BCE_WITH_LOGITS: return vector_sigmoid(x) - p0;
  case CK_UNARY_RSQRT: return -0.5f * y * y * y;
  case CK_UNARY_HARDTANH: return x <= p0 ? splat(0) : x >= p1 ? splat(0) : splat(1);
  case CK_UNARY_ROOT_OF_SQUARES: return y <= 0 ? splat(0) : 0.5f / y;
  }
  __builtin_unreachable();
}

INLINE vfloat activate(ck_activation_kind kind, float alpha, float beta, vfloat x) {
  return unary((ck_unary)kind, alpha, beta, x);
}

/// The derivative of an activation from its input, whatever its gradient kernel reads.
INLINE vfloat activation_derivative(ck_activation_kind kind, float alpha, float beta, vfloat x) {
  ck_unary function = (ck_unary)kind;
  // RELU's gradient reads the output too, but the input says as much.
  bool reads_output = kind == CK_ACT_TANH || kind == CK_ACT_SIGMOID || kind == CK_ACT_ELU;
  vfloat saved = reads_output ? unary(function, alpha, beta, x) : x;
  return unary_derivative(function, alpha, beta, saved);
}

/// Runs `DO(kind)` with a constant of type `ck_activation_kind`.
#define FOR_ACTIVATION(KIND, DO)                                                                               \
  switch (KIND) {                                                                                              \
  case CK_ACT_NONE: DO(CK_ACT_NONE); break;                                                                    \
  case CK_ACT_RELU: DO(CK_ACT_RELU); break;                                                                    \
  case CK_ACT_LEAKY_RELU: DO(CK_ACT_LEAKY_RELU); break;                                                        \
  case CK_ACT_TANH: DO(CK_ACT_TANH); break;                                                                    \
  case CK_ACT_SIGMOID: DO(CK_ACT_SIGMOID); break;                                                              \
  case CK_ACT_ELU: DO(CK_ACT_ELU); break;                                                                      \
  case CK_ACT_SOFTPLUS: DO(CK_ACT_SOFTPLUS); break;                                                            \
  case CK_ACT_SILU: DO(CK_ACT_SILU); break;                                                                    \
  case CK_ACT_GELU: DO(CK_ACT_GELU); break;                                                                    \
  case CK_ACT_GELU_TANH: DO(CK_ACT_GELU_TANH); break;                                                          \
  }

#endif

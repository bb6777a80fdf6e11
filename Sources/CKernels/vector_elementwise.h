// Element-wise loops: one function a table entry.
#ifndef VECTOR_ELEMENTWISE_H
#define VECTOR_ELEMENTWISE_H

#include "vector_unary.h"

// Every function of one variable as X(number, name).
#define FOR_EACH_UNARY(X)                                                                                      \
  X(CK_UNARY_IDENTITY, identity)                                                                               \
  X(CK_UNARY_RELU, relu)                                                                                       \
  X(CK_UNARY_LEAKY_RELU, leaky_relu)                                                                           \
  X(CK_UNARY_TANH, tanh)                                                                                       \
  X(CK_UNARY_SIGMOID, sigmoid)                                                                                 \
  X(CK_UNARY_ELU, elu)                                                                                         \
  X(CK_UNARY_SOFTPLUS, softplus)                                                                               \
  X(CK_UNARY_SILU, silu)                                                                                       \
  X(CK_UNARY_GELU, gelu)                                                                                       \
  X(CK_UNARY_GELU_TANH, gelu_tanh)                                                                             \
  X(CK_UNARY_EXP, exp)                                                                                         \
  X(CK_UNARY_LOG, log)                                                                                         \
  X(CK_UNARY_SQRT, sqrt)                                                                                       \
  X(CK_UNARY_SQUARE, square)                                                                                   \
  X(CK_UNARY_RECIPROCAL, reciprocal)                                                                           \
  X(CK_UNARY_ABSOLUTE, absolute)                                                                               \
  X(CK_UNARY_CLAMP, clamp)                                                                                     \
  X(CK_UNARY_STEP, step)                                                                                       \
  X(CK_UNARY_SIGN, sign)                                                                                       \
  X(CK_UNARY_BCE, bce)                                                                                         \
  X(CK_UNARY_BCE_WITH_LOGITS, bce_with_logits)                                                                 \
  X(CK_UNARY_RSQRT, rsqrt)                                                                                     \
  X(CK_UNARY_HARDTANH, hardtanh)                                                                               \
  X(CK_UNARY_ROOT_OF_SQUARES, root_of_squares)

#define UNARY_LOOPS(FUNCTION, NAME)                                                                            \
  static void forward_##NAME(ptrdiff_t count, float p0, float p1, const float *a,                              \
                             UNUSED const float *b, float *y) {                               \
    unary_loop(FUNCTION, count, p0, p1, a, y);                                                                 \
  }                                                                                                            \
  static void backward_##NAME(ptrdiff_t count, float p0, float p1, const float *a, const float *b, float *y) { \
    unary_backward_loop(FUNCTION, count, p0, p1, a, b, y);                                                     \
  }

INLINE void unary_loop(ck_unary function, ptrdiff_t count, float p0, float p1, const float *a, float *y) {
  FOR_VECTORS(count, i, n, {
    store_some(y + i, n, unary(function, p0, p1, load_some(a + i, n)));
  });
}

INLINE void unary_backward_loop(ck_unary function, ptrdiff_t count, float p0, float p1, const float *a,
                                const float *b, float *y) {
  FOR_VECTORS(count, i, n, {
    vfloat slope = unary_derivative(function, p0, p1, load_some(b + i, n));
    store_some(y + i, n, load_some(a + i, n) * slope);
  });
}

FOR_EACH_UNARY(UNARY_LOOPS)

#define FORWARD_ENTRY(FUNCTION, NAME) [FUNCTION] = forward_##NAME,
#define BACKWARD_ENTRY(FUNCTION, NAME) [FUNCTION] = backward_##NAME,

INLINE vfloat binary(ck_binary function, vfloat a, vfloat b) {
  switch (function) {
  case CK_BINARY_ADD: return a + b;
  case CK_BINARY_SUBTRACT: return a - b;
  case CK_BINARY_MULTIPLY: return a * b;
  case CK_BINARY_DIVIDE: return a / b;
  // The comparison is false for a NaN in b, which is then the result; one in a is asked for.
  case CK_BINARY_MAXIMUM: return a != a ? a : a > b ? a : b;
  case CK_BINARY_MINIMUM: return a != a ? a : a < b ? a : b;
  }
  __builtin_unreachable();
}

#define FOR_EACH_BINARY(X)                                                                                     \
  X(CK_BINARY_ADD, add)                                                                                        \
  X(CK_BINARY_SUBTRACT, subtract)                                                                              \
  X(CK_BINARY_MULTIPLY, multiply)                                                                              \
  X(CK_BINARY_DIVIDE, divide)                                                                                  \
  X(CK_BINARY_MAXIMUM, maximum)                                                                                \
  X(CK_BINARY_MINIMUM, minimum)

#define BINARY_LOOP(FUNCTION, NAME)                                                                            \
  static void binary_##NAME(ptrdiff_t count, UNUSED float p0,                                 \
                            UNUSED float p1, const float *a, const float *b, float *y) {      \
    binary_loop(FUNCTION, count, a, b, y);                                                                     \
  }

INLINE void binary_loop(ck_binary function, ptrdiff_t count, const float *a, const float *b, float *y) {
  FOR_VECTORS(count, i, n, {
    store_some(y + i, n, binary(function, load_some(a + i, n), load_some(b + i, n)));
  });
}

FOR_EACH_BINARY(BINARY_LOOP)

#define BINARY_ENTRY(FUNCTION, NAME) [FUNCTION] = binary_##NAME,

static void affine(ptrdiff_t count, float p0, float p1, const float *a, UNUSED const float *b,
                   float *y) {
  FOR_VECTORS(count, i, n, {
    store_some(y + i, n, p0 * load_some(a + i, n) + p1);
  });
}

static void fill(ptrdiff_t count, float p0, UNUSED float p1,
                 UNUSED const float *a, UNUSED const float *b, float *y) {
  FOR_VECTORS(count, i, n, {
    store_some(y + i, n, splat(p0));
  });
}

static void multiply_add(ptrdiff_t count, const float *a, const float *b, const float *c, float *y) {
  FOR_VECTORS(count, i, n, {
    vfloat product = load_some(a + i, n) * load_some(b + i, n);
    store_some(y + i, n, load_some(c + i, n) + product);
  });
}

static bool all_finite(ptrdiff_t count, const float *x) {
  // 0 for a finite element, NaN for any other.
  vfloat sum = 0;
  FOR_VECTORS(count, i, n, {
    sum += 0 * load_some(x + i, n);
  });
  float all = 0;
  for (int lane = 0; lane < WIDTH; lane++) all += sum[lane];
  return all == 0;
}

#endif

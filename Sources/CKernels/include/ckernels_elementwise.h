#ifndef CKERNELS_ELEMENTWISE_H
#define CKERNELS_ELEMENTWISE_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

#include <stdbool.h>

// Kernels whose every output element depends on the operands' elements at the same place.
// Counts are elements. An output may be one of the operands (same pointer), but not overlap one otherwise.

/// Functions of one variable. The first ten are the activations, with the values of `ck_activation_kind`.
/// "reads y" marks those whose gradient kernel takes the function's output instead of its input.
typedef enum {
  CK_UNARY_IDENTITY = 0,
  /// max(x, 0); NaN stays NaN. Gradient reads y; the derivative at 0 is 0.
  CK_UNARY_RELU = 1,
  /// x > 0 ? x : p0·x. The derivative at 0 is the slope p0, of either sign.
  CK_UNARY_LEAKY_RELU = 2,
  /// Gradient reads y.
  CK_UNARY_TANH = 3,
  /// 1 / (1 + exp(-x)). Gradient reads y.
  CK_UNARY_SIGMOID = 4,
  /// x > 0 ? x : p0·(exp(x) - 1). Gradient reads y; the derivative at 0 is p0.
  CK_UNARY_ELU = 5,
  /// log(1 + exp(p0·x)) / p0; x itself where p0·x > p1.
  CK_UNARY_SOFTPLUS = 6,
  /// x · sigmoid(x).
  CK_UNARY_SILU = 7,
  /// x·Φ(x), Φ by the error function.
  CK_UNARY_GELU = 8,
  /// 0.5·x·(1 + tanh(sqrt(2/pi)·(x + 0.044715·x^3))).
  CK_UNARY_GELU_TANH = 9,
  /// Gradient reads y.
  CK_UNARY_EXP = 10,
  CK_UNARY_LOG = 11,
  /// Gradient reads y.
  CK_UNARY_SQRT = 12,
  CK_UNARY_SQUARE = 13,
  /// 1 / x. Gradient reads y.
  CK_UNARY_RECIPROCAL = 14,
  CK_UNARY_ABSOLUTE = 15,
  /// p0 below p0, p1 above p1, else x; NaN stays NaN. The derivative at a bound is 1.
  CK_UNARY_CLAMP = 16,
  /// x > 0 ? 1 : 0. Its gradient is zero.
  CK_UNARY_STEP = 17,
  /// -1, 0 or 1; NaN stays NaN. Its gradient is zero.
  CK_UNARY_SIGN = 18,
  /// Binary cross-entropy against the target p0: -(p0·max(log x, -100) + (1-p0)·max(log(1-x), -100)).
  /// The gradient is PyTorch's (x - p0) / max((1-x)·x, 1e-12).
  CK_UNARY_BCE = 19,
  /// max(x, 0) - x·p0 + log(1 + exp(-|x|)); the gradient is sigmoid(x) - p0.
  CK_UNARY_BCE_WITH_LOGITS = 20,
  /// 1 / sqrt(x). Gradient reads y.
  CK_UNARY_RSQRT = 21,
  /// As CLAMP, but the derivative at a bound is 0.
  CK_UNARY_HARDTANH = 22,
  /// sqrt(x) of a sum of squares. Gradient reads y; the derivative at 0 is 0.
  CK_UNARY_ROOT_OF_SQUARES = 23,
} ck_unary;
enum { CK_UNARY_COUNT = 24 };

/// y = f(x).
void ck_unary_forward(ck_pool *pool, ck_unary function, float p0, float p1, ptrdiff_t count, const float *x,
                      float *y);
/// dx = dy · f'(saved), where `saved` is x, or y for the functions marked "reads y".
void ck_unary_backward(ck_pool *pool, ck_unary function, float p0, float p1, ptrdiff_t count,
                       const float *saved, const float *dy, float *dx);
/// Whether the gradient kernel of `function` reads the output.
bool ck_unary_backward_reads_output(ck_unary function);

/// Functions of two variables. MAXIMUM and MINIMUM return NaN when either operand is NaN.
typedef enum {
  CK_BINARY_ADD = 0,
  CK_BINARY_SUBTRACT = 1,
  CK_BINARY_MULTIPLY = 2,
  CK_BINARY_DIVIDE = 3,
  CK_BINARY_MAXIMUM = 4,
  CK_BINARY_MINIMUM = 5,
} ck_binary;
enum { CK_BINARY_COUNT = 6 };

/// y = f(a, b).
void ck_binary_forward(ck_pool *pool, ck_binary function, ptrdiff_t count, const float *a, const float *b,
                       float *y);
/// y = scale·x + offset.
void ck_affine(ck_pool *pool, ptrdiff_t count, float scale, float offset, const float *x, float *y);
/// y = value.
void ck_fill(ck_pool *pool, ptrdiff_t count, float value, float *y);
/// y = x.
void ck_copy(ck_pool *pool, ptrdiff_t count, const float *x, float *y);

/// The index of the first element that is infinite or NaN, or -1.
ptrdiff_t ck_first_nonfinite(ck_pool *pool, ptrdiff_t count, const float *x);

// The plain loops that the fast kernels are tested against; one thread, the C library's functions.
void ck_unary_forward_reference(ck_unary function, float p0, float p1, ptrdiff_t count, const float *x,
                                float *y);
void ck_unary_backward_reference(ck_unary function, float p0, float p1, ptrdiff_t count, const float *saved,
                                 const float *dy, float *dx);
void ck_binary_forward_reference(ck_binary function, ptrdiff_t count, const float *a, const float *b,
                                 float *y);
void ck_affine_reference(ptrdiff_t count, float scale, float offset, const float *x, float *y);

#endif

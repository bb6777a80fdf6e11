#ifndef CKERNELS_COMMON_H
#define CKERNELS_COMMON_H

#include <stddef.h>
#include <stdint.h>

/// The activations that a kernel can apply on its way out. The values are those of `ck_unary`.
typedef enum {
  CK_ACT_NONE = 0,
  CK_ACT_RELU = 1,
  /// alpha: the slope below zero.
  CK_ACT_LEAKY_RELU = 2,
  CK_ACT_TANH = 3,
  CK_ACT_SIGMOID = 4,
  /// alpha: the scale of exp(x) - 1 below zero.
  CK_ACT_ELU = 5,
  /// log(1 + exp(alpha·x)) / alpha; x itself where alpha·x > beta.
  CK_ACT_SOFTPLUS = 6,
  CK_ACT_SILU = 7,
  /// x·Φ(x), Φ by the error function.
  CK_ACT_GELU = 8,
  /// The tanh approximation of GELU.
  CK_ACT_GELU_TANH = 9,
} ck_activation_kind;

/// An activation with its parameters; `alpha` and `beta` mean what the kind says and are else ignored.
typedef struct {
  ck_activation_kind kind;
  float alpha, beta;
} ck_activation;

#endif

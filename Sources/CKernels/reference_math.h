// The element-wise functions and their derivatives in double precision, as their definitions say: the
// oracle of the vector versions.
#ifndef REFERENCE_MATH_H
#define REFERENCE_MATH_H

#include "ckernels_elementwise.h"

#include <math.h>

static const double SQRT_2_OVER_PI = 0.79788456080286535588;
static const double INVERSE_SQRT_2PI = 0.39894228040143267794;
static const double GELU_CUBIC = 0.044715;

static inline double reference_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

/// NaN stays NaN, unlike with `fmax`.
static inline double reference_at_least(double x, double bound) { return x < bound ? bound : x; }

static inline double reference_unary(ck_unary function, float p0, float p1, double x) {
  switch (function) {
  case CK_UNARY_IDENTITY: return x;
  case CK_UNARY_RELU: return x > 0 || isnan(x) ? x : 0;
  case CK_UNARY_LEAKY_RELU: return x > 0 ? x : (double)p0 * x;
  case CK_UNARY_TANH: return tanh(x);
  case CK_UNARY_SIGMOID: return reference_sigmoid(x);
  case CK_UNARY_ELU: return x > 0 ? x : (double)p0 * expm1(x);
  case CK_UNARY_SOFTPLUS: return (double)p0 * x > (double)p1 ? x : log1p(exp((double)p0 * x)) / (double)p0;
  case CK_UNARY_SILU: return x * reference_sigmoid(x);
  case CK_UNARY_GELU: return 0.5 * x * erfc(-x * M_SQRT1_2);
  case CK_UNARY_GELU_TANH: return 0.5 * x * (1 + tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x)));
  case CK_UNARY_EXP: return exp(x);
  case CK_UNARY_LOG: return log(x);
  case CK_UNARY_SQRT: return sqrt(x);
  case CK_UNARY_SQUARE: return x * x;
  case CK_UNARY_RECIPROCAL: return 1 / x;
  case CK_UNARY_ABSOLUTE: return fabs(x);
  case CK_UNARY_CLAMP:
  case CK_UNARY_HARDTANH: return x < (double)p0 ? (double)p0 : x > (double)p1 ? (double)p1 : x;
  case CK_UNARY_STEP: return x > 0 ? 1 : 0;
  case CK_UNARY_SIGN: return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x;
  case CK_UNARY_BCE:
    return -((double)p0 * reference_at_least(log(x), -100) +
             (1 - (double)p0) * reference_at_least(log1p(-x), -100));
  case CK_UNARY_BCE_WITH_LOGITS:
    return x * ((x > 0 ? 1 : 0) - (double)p0) + log1p(exp(-fabs(x)));
  case CK_UNARY_RSQRT: return 1 / sqrt(x);
  case CK_UNARY_ROOT_OF_SQUARES: return sqrt(x);
  }
  return NAN;
}

/// f'(x) where `saved` is x, or y = f(x) for the functions whose gradient reads the output.
static inline double reference_derivative(ck_unary function, float p0, float p1, double saved) {
  double x = saved, y = saved;
  switch (function) {
  case CK_UNARY_IDENTITY: return 1;
  case CK_UNARY_RELU: return y <= 0 ? 0 : 1;
  case CK_UNARY_LEAKY_RELU: return x > 0 ? 1 : (double)p0;
  case CK_UNARY_TANH: return 1 - y * y;
  case CK_UNARY_SIGMOID: return y * (1 - y);
  case CK_UNARY_ELU: return y <= 0 ? y + (double)p0 : 1;
  case CK_UNARY_SOFTPLUS: return (double)p0 * x > (double)p1 ? 1 : reference_sigmoid((double)p0 * x);
  case CK_UNARY_SILU: {
    double sigmoid = reference_sigmoid(x);
    return sigmoid * (1 + x * (1 - sigmoid));
  }
  case CK_UNARY_GELU: return 0.5 * erfc(-x * M_SQRT1_2) + x * INVERSE_SQRT_2PI * exp(-0.5 * x * x);
  case CK_UNARY_GELU_TANH: {
    double t = tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
  }
  case CK_UNARY_EXP: return y;
  case CK_UNARY_LOG: return 1 / x;
  case CK_UNARY_SQRT: return 0.5 / y;
  case CK_UNARY_SQUARE: return 2 * x;
  case CK_UNARY_RECIPROCAL: return -y * y;
  case CK_UNARY_ABSOLUTE: return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x;
  case CK_UNARY_CLAMP: return x < (double)p0 || x > (double)p1 ? 0 : 1;
  case CK_UNARY_STEP: return 0;
  case CK_UNARY_SIGN: return 0;
  case CK_UNARY_BCE: return (x - (double)p0) / fmax((1 - x) * x, 1e-12);
  case CK_UNARY_BCE_WITH_LOGITS: return reference_sigmoid(x) - (double)p0;
  case CK_UNARY_RSQRT: return -0.5 * y * y * y;
  case CK_UNARY_HARDTANH: return x <= (double)p0 || x >= (double)p1 ? 0 : 1;
  case CK_UNARY_ROOT_OF_SQUARES: return y <= 0 ? 0 : 0.5 / y;
  }
  return NAN;
}

static inline float reference_activation(ck_activation activation, double x) {
  return (float)reference_unary((ck_unary)activation.kind, activation.alpha, activation.beta, x);
}

/// The derivative of an activation from its input, whatever its gradient kernel reads.
static inline double reference_activation_derivative(ck_activation activation, double x) {
  ck_unary function = (ck_unary)activation.kind;
  double saved =
      ck_unary_backward_reads_output(function) ? reference_unary(function, activation.alpha, activation.beta, x)
                                               : x;
  return reference_derivative(function, activation.alpha, activation.beta, saved);
}

static inline double reference_binary(ck_binary function, double a, double b) {
  switch (function) {
  case CK_BINARY_ADD: return a + b;
  case CK_BINARY_SUBTRACT: return a - b;
  case CK_BINARY_MULTIPLY: return a * b;
  case CK_BINARY_DIVIDE: return a / b;
  case CK_BINARY_MAXIMUM: return isnan(a) || a > b ? a : b;
  case CK_BINARY_MINIMUM: return isnan(a) || a < b ? a : b;
  }
  return NAN;
}

#endif

// Choosing and running a convolution's algorithm.

#include "ckernels_batch_norm.h"
#include "ckernels_elementwise.h"
#include "ckernels_reduce.h"
#include "conv_internal.h"

#include <string.h>

static const char *const names[] = {"scalar", "patches", "direct", "winograd2", "winograd4", "depthwise"};

const char *ck_conv_algorithm_name(ck_conv_algorithm algorithm) { return names[algorithm]; }

bool ck_conv_supports(const ck_conv_shape *shape, ck_conv_direction direction, ck_conv_algorithm algorithm) {
  (void)shape, (void)direction;
  return algorithm == CK_CONV_SCALAR;
}

ck_conv_algorithm ck_conv_choose(const ck_conv_shape *shape, ck_conv_direction direction) {
  (void)shape, (void)direction;
  return CK_CONV_SCALAR;
}

static size_t weight_count(const ck_conv_shape *s) {
  return (size_t)(s->small_channels * (s->large_channels / s->groups) * s->kernel_height * s->kernel_width);
}

size_t ck_conv_prepared_floats(const ck_conv_shape *shape, ck_conv_direction direction,
                               ck_conv_algorithm algorithm) {
  (void)algorithm;
  return direction == CK_CONV_WEIGHT_GRADIENT ? 0 : weight_count(shape);
}

void ck_conv_prepare(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                     ck_conv_algorithm algorithm, const float *weight, float *prepared) {
  (void)pool, (void)direction, (void)algorithm;
  memcpy(prepared, weight, weight_count(shape) * sizeof *weight);
}

size_t ck_conv_workspace_bytes(const ck_conv_shape *shape, ck_conv_direction direction,
                               ck_conv_algorithm algorithm, int lanes) {
  (void)algorithm, (void)lanes;
  bool to_small = direction == CK_CONV_FORWARD;
  ptrdiff_t rows = shape->batch * (to_small ? shape->small_height * shape->small_width
                                            : shape->large_height * shape->large_width);
  return ck_batch_norm_workspace_bytes(rows, to_small ? shape->small_channels : shape->large_channels);
}

void ck_conv_run(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                 ck_conv_algorithm algorithm, const float *first, const float *second, float *result,
                 const ck_conv_epilogue *epilogue, void *workspace) {
  (void)algorithm;
  conv_scalar_run(shape, direction, first, second, result, epilogue->accumulate);
  if (direction == CK_CONV_WEIGHT_GRADIENT) return;
  bool to_small = direction == CK_CONV_FORWARD;
  ptrdiff_t channels = to_small ? shape->small_channels : shape->large_channels;
  ptrdiff_t rows = shape->batch * (to_small ? shape->small_height * shape->small_width
                                            : shape->large_height * shape->large_width);
  ck_activation none = {CK_ACT_NONE, 0, 0};
  if (epilogue->bias) ck_bias_add(pool, rows, channels, result, epilogue->bias, none, result);
  if (epilogue->mean)
    ck_batch_norm_statistics(pool, rows, channels, result, epilogue->mean, epilogue->variance, workspace);
  if (epilogue->activation.kind != CK_ACT_NONE)
    ck_unary_forward(pool, (ck_unary)epilogue->activation.kind, epilogue->activation.alpha,
                     epilogue->activation.beta, rows * channels, result, result);
}

double ck_conv_flops(const ck_conv_shape *s) {
  return 2.0 * (double)weight_count(s) * (double)(s->batch * s->small_height * s->small_width);
}

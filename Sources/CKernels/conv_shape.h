// What follows from a convolution's shape alone.
#ifndef CONV_SHAPE_H
#define CONV_SHAPE_H

#include "chunks.h"
#include "ckernels_conv.h"

/// ⌈a / b⌉ and ⌊a / b⌋ for b > 0 and a of either sign. Most strides and dilations are 1, and a division
/// takes as long as dozens of multiplications.
static inline ptrdiff_t conv_ceil_div(ptrdiff_t a, ptrdiff_t b) { return b == 1 ? a : a / b + (a % b > 0); }
static inline ptrdiff_t conv_floor_div(ptrdiff_t a, ptrdiff_t b) { return b == 1 ? a : a / b - (a % b < 0); }

static inline ptrdiff_t conv_round_up(ptrdiff_t a, ptrdiff_t multiple) {
  return (a + multiple - 1) / multiple * multiple;
}

/// Elements of the images and of the weight.
static inline ptrdiff_t conv_large_count(const ck_conv_shape *shape) {
  return shape->batch * shape->large_height * shape->large_width * shape->large_channels;
}
static inline ptrdiff_t conv_small_count(const ck_conv_shape *shape) {
  return shape->batch * shape->small_height * shape->small_width * shape->small_channels;
}
static inline ptrdiff_t conv_weight_count(const ck_conv_shape *shape) {
  return shape->small_channels * (shape->large_channels / shape->groups) * shape->kernel_height *
         shape->kernel_width;
}

/// Taps of a phase of the stride for which there is a Winograd form.
enum { CK_CONV_LEAST_TAPS = 2, CK_CONV_MOST_TAPS = 4 };

/// The taps of the longest phase of the stride, from the top to the bottom.
static inline ptrdiff_t ck_conv_phase_taps(const ck_conv_shape *shape) {
  return ck_quotient_up(shape->kernel_height, shape->stride_height);
}

/// Outputs of a tile in each dimension. With four taps, tiles of 4×4 outputs would need a seventh point, which costs
/// accuracy.
static inline ptrdiff_t ck_conv_tile_outputs(bool is_large, ptrdiff_t taps) {
  return !is_large ? 2 : taps == 4 ? 3 : 4;
}

/// The image that forward or the data gradient writes.
static inline ptrdiff_t conv_result_channels(const ck_conv_shape *shape, ck_conv_direction direction) {
  return direction == CK_CONV_FORWARD ? shape->small_channels : shape->large_channels;
}
static inline ptrdiff_t conv_result_count(const ck_conv_shape *shape, ck_conv_direction direction) {
  return direction == CK_CONV_FORWARD         ? conv_small_count(shape)
         : direction == CK_CONV_DATA_GRADIENT ? conv_large_count(shape)
                                              : conv_weight_count(shape);
}

#endif

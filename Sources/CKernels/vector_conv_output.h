// What a convolution does to its result on the way out: bias, moments, accumulation, activation.
#ifndef VECTOR_CONV_OUTPUT_H
#define VECTOR_CONV_OUTPUT_H

#include "ckernels_conv.h"
#include "ckernels_elementwise.h"
#include "conv_moments.h"
#include "conv_shape.h"
#include "vector.h"

/// The image that is written.
struct conv_output {
  float *image;
  ptrdiff_t height, width, channels;
  const float *bias;
  bool accumulate;
  /// NONE, RELU or LEAKY_RELU.
  ck_activation activation;
  struct ck_conv_moments moments;
};

static bool is_piecewise_linear(ck_activation_kind kind) {
  return kind == CK_ACT_NONE || kind == CK_ACT_RELU || kind == CK_ACT_LEAKY_RELU;
}

/// The result of the forward or the data direction.
static struct conv_output conv_output_of(const ck_conv_shape *s, ck_conv_direction direction, float *image,
                                         const ck_conv_epilogue *epilogue) {
  bool forward = direction == CK_CONV_FORWARD;
  struct conv_output output = {
      .image = image,
      .height = forward ? s->small_height : s->large_height,
      .width = forward ? s->small_width : s->large_width,
      .channels = conv_result_channels(s, direction),
      .bias = epilogue->bias,
      .accumulate = epilogue->accumulate,
      .activation = epilogue->activation,
  };
  if (!is_piecewise_linear(epilogue->activation.kind)) output.activation.kind = CK_ACT_NONE;
  return output;
}

/// Applies an activation that `put` leaves out: on whole vectors rather than on a pixel's few channels.
static void finish_activation(ck_pool *pool, const struct conv_output *output, ptrdiff_t count,
                              const ck_conv_epilogue *epilogue) {
  ck_activation activation = epilogue->activation;
  if (is_piecewise_linear(activation.kind)) return;
  ck_unary_forward(pool, (ck_unary)activation.kind, activation.alpha, activation.beta, count, output->image,
                   output->image);
}

/// Up to WIDTH channels of the result, with the moments of the pixels that passed.
struct channel_block {
  ptrdiff_t first, count;
  vfloat bias;
  vfloat mean, squares;
  float pixels;
};

INLINE struct channel_block begin_channels(const struct conv_output *output, ptrdiff_t first,
                                           ptrdiff_t count) {
  struct channel_block block = {.first = first, .count = count};
  if (output->bias) block.bias = load_some(output->bias + first, count);
  return block;
}

/// Merges the moments of a few values, by the difference of the means.
INLINE void take_moments(struct channel_block *block, ptrdiff_t count, const vfloat *values) {
  vfloat sum = splat(0), squares = splat(0);
  for (ptrdiff_t i = 0; i < count; i++) sum += values[i];
  vfloat mean = sum * (1.0f / (float)count);
  for (ptrdiff_t i = 0; i < count; i++) squares += (values[i] - mean) * (values[i] - mean);
  float share = (float)count / (block->pixels + (float)count);
  vfloat difference = mean - block->mean;
  block->mean += difference * share;
  block->squares += squares + difference * difference * (block->pixels * share);
  block->pixels += (float)count;
}

/// Writes a few channels of a pixel, or a run of several pixels; `value` includes the bias.
INLINE void put(const struct conv_output *output, float *to, ptrdiff_t count, vfloat value) {
  if (output->accumulate) value += load_some(to, count);
  if (output->activation.kind == CK_ACT_RELU)
    value = at_least(value, 0);
  else if (output->activation.kind == CK_ACT_LEAKY_RELU)
    value = value > 0 ? value : output->activation.alpha * value;
  store_some(to, count, value);
}

/// Stores the moments of the channels as those of a part of the result.
INLINE void end_channels(const struct conv_output *output, const struct channel_block *block,
                         ptrdiff_t part) {
  const struct ck_conv_moments *moments = &output->moments;
  if (!moments->means) return;
  ptrdiff_t at = part * moments->channels + block->first;
  store_some(moments->means + at, block->count, block->mean);
  store_some(moments->squares + at, block->count, block->squares);
  if (block->first == 0) moments->counts[part] = (double)block->pixels;
}

#endif

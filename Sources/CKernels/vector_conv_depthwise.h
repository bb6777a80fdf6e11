// One filter a channel: there is nothing to share between channels, so vectors of them pass by themselves.
#ifndef VECTOR_CONV_DEPTHWISE_H
#define VECTOR_CONV_DEPTHWISE_H

#include "conv_axis.h"
#include "vector_conv_outer.h"
#include "vector_conv_output.h"

#include <string.h>

enum {
  /// The most parts that an image's rows are cut into.
  DEPTHWISE_PARTS = 64,
  /// Pixels of a row that are computed together.
  DEPTHWISE_PIXELS = 8,
  /// Sums of the weight gradient that take turns, as an addition takes longer than it is apart from the next.
  DEPTHWISE_TURNS = 4,
};

static bool depthwise_supports(const ck_conv_shape *s, ck_conv_direction direction) {
  (void)direction;
  return s->groups == s->large_channels && s->groups == s->small_channels;
}

/// Prepared weights are [element][channel], in whole vectors of channels.
static ptrdiff_t depthwise_stride(const ck_conv_shape *s) { return conv_round_up(s->groups, WIDTH); }

static size_t depthwise_prepared_floats(const ck_conv_shape *s, ck_conv_direction direction) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return 0;
  return (size_t)(s->kernel_height * s->kernel_width * depthwise_stride(s));
}

static void depthwise_prepare(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                              const float *weight, float *prepared) {
  (void)pool;
  if (direction == CK_CONV_WEIGHT_GRADIENT) return;
  ptrdiff_t elements = s->kernel_height * s->kernel_width, stride = depthwise_stride(s);
  for (ptrdiff_t element = 0; element < elements; element++)
    for (ptrdiff_t c = 0; c < stride; c++)
      prepared[element * stride + c] = c < s->groups ? weight[c * elements + element] : 0;
}

/// Forward or data gradient; a part is some rows of the result in one phase of the stride.
struct depthwise_run {
  const ck_conv_shape *shape;
  ck_conv_direction direction;
  const float *image, *weights;
  struct conv_output output;
};

/// The parts of each phase.
static ptrdiff_t depthwise_parts(const ck_conv_shape *s, ck_conv_direction direction) {
  return ck_higher(DEPTHWISE_PARTS / ck_conv_phases(s, direction), 1);
}

/// One vector of channels of a row of outputs.
struct depthwise_row {
  struct ck_conv_axis x;
  /// The inputs' rows and the weights' of the taps that lie inside the image.
  const float *inputs, *weights;
  ptrdiff_t taps, input_row, weight_row, weight_step, channels;
};

/// values[i] = output number j + i, for `count` outputs all of whose taps lie in the image if `is_inner`.
INLINE void depthwise_pixels(const struct depthwise_row *k, ptrdiff_t j, ptrdiff_t count, bool is_inner,
                             ptrdiff_t n, vfloat *values) {
  vfloat sums[DEPTHWISE_PIXELS];
  UNROLL
  for (ptrdiff_t i = 0; i < count; i++) sums[i] = splat(0);
  for (ptrdiff_t tap_y = 0; tap_y < k->taps; tap_y++)
    for (ptrdiff_t tap = 0; tap < k->x.taps; tap++) {
      vfloat weight = load(k->weights + tap_y * k->weight_row + tap * k->weight_step);
      ptrdiff_t x = j * k->x.in_step + k->x.offset + tap * k->x.offset_step;
      const float *pixel = k->inputs + tap_y * k->input_row + x * k->channels;
      UNROLL
      for (ptrdiff_t i = 0; i < count; i++) {
        ptrdiff_t at = x + i * k->x.in_step;
        if (is_inner || (at >= 0 && at < k->x.in_size))
          sums[i] += load_some(pixel + i * k->x.in_step * k->channels, n) * weight;
      }
    }
  UNROLL
  for (ptrdiff_t i = 0; i < count; i++) values[i] = sums[i];
}

/// The outputs all of whose taps lie in the image.
static struct ck_range inner_outputs(const struct ck_conv_axis *axis) {
  ptrdiff_t reach = ck_higher(axis->taps - 1, 0) * axis->offset_step;
  ptrdiff_t first = ck_higher(conv_ceil_div(-axis->offset, axis->in_step), 0);
  ptrdiff_t last = conv_floor_div(axis->in_size - 1 - reach - axis->offset, axis->in_step);
  ptrdiff_t start = ck_lower(first, axis->count);
  return (struct ck_range){start, ck_higher(ck_lower(last + 1, axis->count) - start, 0)};
}

/// One vector of channels of one row of the result; `to` is its first output's.
INLINE void depthwise_write_row(const struct depthwise_row *k, const struct conv_output *output,
                                struct channel_block *block, ptrdiff_t n, float *to) {
  struct ck_range inner = inner_outputs(&k->x);
  ptrdiff_t end = inner.start + inner.count, step = k->x.step * k->channels, count;
  for (ptrdiff_t j = 0; j < k->x.count; j += count) {
    vfloat values[DEPTHWISE_PIXELS];
    if (j >= inner.start && j + DEPTHWISE_PIXELS <= end) {
      count = DEPTHWISE_PIXELS;
      depthwise_pixels(k, j, DEPTHWISE_PIXELS, true, n, values);
    } else {
      count = 1;
      depthwise_pixels(k, j, 1, false, n, values);
    }
    for (ptrdiff_t i = 0; i < count; i++) {
      values[i] += block->bias;
      put(output, to + (j + i) * step, n, values[i]);
    }
    if (output->moments.means) take_moments(block, count, values);
  }
}

static void depthwise_task(void *context, int task, int lane) {
  const struct depthwise_run *run = context;
  const ck_conv_shape *s = run->shape;
  (void)lane;
  ptrdiff_t stride = depthwise_stride(s), channels = s->groups, parts = depthwise_parts(s, run->direction);
  struct ck_conv_axes axes = ck_conv_axes_of(s, run->direction, task / parts);
  struct ck_conv_axis y = axes.y, x = axes.x;
  ptrdiff_t total = s->batch * y.count;
  struct ck_range rows = ck_part(total, ck_quotient_up(total, parts), task % parts);
  FOR_VECTORS(channels, c, n, {
    struct channel_block block = begin_channels(&run->output, c, n);
    for (ptrdiff_t r = rows.start; r < rows.start + rows.count; r++) {
      ptrdiff_t image = r / y.count, j = r % y.count, first = j * y.in_step + y.offset;
      ptrdiff_t tap = ck_lower(ck_higher(conv_ceil_div(-first, y.offset_step), 0), y.taps);
      ptrdiff_t end = ck_lower(conv_ceil_div(y.in_size - first, y.offset_step), y.taps);
      ptrdiff_t input_row = x.in_size * channels,
                element = (y.tap + tap * y.tap_step) * s->kernel_width + x.tap;
      struct depthwise_row k = {.x = x,
                                .inputs = run->image +
                                          (image * y.in_size + first + tap * y.offset_step) * input_row + c,
                                .weights = run->weights + element * stride + c,
                                .taps = ck_higher(end - tap, 0),
                                .input_row = y.offset_step * input_row,
                                .weight_row = y.tap_step * s->kernel_width * stride,
                                .weight_step = x.tap_step * stride,
                                .channels = channels};
      ptrdiff_t row = image * run->output.height + y.start + j * y.step;
      depthwise_write_row(&k, &run->output, &block, n,
                          run->output.image + (row * run->output.width + x.start) * channels + c);
    }
    end_channels(&run->output, &block, task);
  });
}

static void depthwise_run_image(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                                const float *image, const float *weights, float *result,
                                const ck_conv_epilogue *epilogue, void *workspace) {
  struct depthwise_run run = {s, direction, image, weights,
                              conv_output_of(s, direction, result, epilogue)};
  ptrdiff_t tasks = ck_conv_phases(s, direction) * depthwise_parts(s, direction);
  if (epilogue->mean) run.output.moments = ck_conv_moments_begin(tasks, s->groups, workspace);
  ck_pool_run_flushing(pool, (int)tasks, depthwise_task, &run);
  if (epilogue->mean) ck_conv_moments_combine(&run.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &run.output, conv_result_count(s, direction), epilogue);
}

/// The weight gradient: each part's sums [element][channel], then their total.
struct depthwise_weight_run {
  const ck_conv_shape *shape;
  const float *large, *small;
  float *sums, *weight;
  bool accumulate;
};

/// Σ over `count` pixels of a row.
INLINE vfloat depthwise_dot(ptrdiff_t count, ptrdiff_t n, const float *large, ptrdiff_t large_step,
                            const float *small, ptrdiff_t small_step) {
  vfloat sums[DEPTHWISE_TURNS] = {0};
  ptrdiff_t i = 0;
  for (; i + DEPTHWISE_TURNS <= count; i += DEPTHWISE_TURNS) {
    UNROLL
    for (ptrdiff_t turn = 0; turn < DEPTHWISE_TURNS; turn++)
      sums[turn] +=
          load_some(large + (i + turn) * large_step, n) * load_some(small + (i + turn) * small_step, n);
  }
  for (; i < count; i++)
    sums[0] += load_some(large + i * large_step, n) * load_some(small + i * small_step, n);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void depthwise_weight_task(void *context, int task, int lane) {
  const struct depthwise_weight_run *run = context;
  const ck_conv_shape *s = run->shape;
  (void)lane;
  ptrdiff_t elements = s->kernel_height * s->kernel_width, stride = depthwise_stride(s), channels = s->groups;
  ptrdiff_t total_rows = s->batch * s->small_height;
  struct ck_range rows = ck_part(total_rows, ck_quotient_up(total_rows, DEPTHWISE_PARTS), task);
  float *sums = run->sums + task * elements * stride;
  memset(sums, 0, (size_t)(elements * stride) * sizeof(float));
  for (ptrdiff_t r = rows.start; r < rows.start + rows.count; r++)
    for (ptrdiff_t element = 0; element < elements; element++) {
      ptrdiff_t image = r / s->small_height, tap = element % s->kernel_width * s->dilation_width;
      ptrdiff_t y = r % s->small_height * s->stride_height - s->padding_height +
                    element / s->kernel_width * s->dilation_height;
      if (y < 0 || y >= s->large_height) continue;
      // The outputs whose tap lies in the row.
      ptrdiff_t first = ck_higher(conv_ceil_div(s->padding_width - tap, s->stride_width), 0);
      ptrdiff_t end =
          ck_lower(conv_ceil_div(s->large_width + s->padding_width - tap, s->stride_width), s->small_width);
      ptrdiff_t x = first * s->stride_width - s->padding_width + tap;
      const float *large = run->large + ((image * s->large_height + y) * s->large_width + x) * channels;
      const float *small = run->small + (r * s->small_width + first) * channels;
      float *sum = sums + element * stride;
      FOR_VECTORS(channels, c, n, {
        vfloat dot =
            depthwise_dot(end - first, n, large + c, s->stride_width * channels, small + c, channels);
        store(sum + c, load(sum + c) + dot);
      });
    }
}

static void depthwise_total_task(void *context, int task, int lane) {
  const struct depthwise_weight_run *run = context;
  const ck_conv_shape *s = run->shape;
  (void)lane;
  ptrdiff_t elements = s->kernel_height * s->kernel_width, stride = depthwise_stride(s);
  struct ck_range channels = ck_part(s->groups, WIDTH, task);
  for (ptrdiff_t first = 0; first < elements; first += WIDTH) {
    ptrdiff_t count = ck_lower(WIDTH, elements - first);
    vfloat rows[WIDTH];
    for (ptrdiff_t i = 0; i < WIDTH; i++) {
      rows[i] = splat(0);
      for (ptrdiff_t part = 0; part < (i < count ? DEPTHWISE_PARTS : 0); part++)
        rows[i] += load(run->sums + (part * elements + first + i) * stride + channels.start);
    }
    transpose_vectors(rows);
    for (ptrdiff_t c = 0; c < channels.count; c++) {
      float *to = run->weight + (channels.start + c) * elements + first;
      store_some(to, count, run->accumulate ? rows[c] + load_some(to, count) : rows[c]);
    }
  }
}

static void depthwise_run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                          const float *first, const float *second, float *result,
                          const ck_conv_epilogue *epilogue, void *workspace) {
  if (direction != CK_CONV_WEIGHT_GRADIENT) {
    depthwise_run_image(pool, s, direction, first, second, result, epilogue, workspace);
    return;
  }
  struct depthwise_weight_run run = {s, first, second, workspace, result, epilogue->accumulate};
  ck_pool_run_flushing(pool, DEPTHWISE_PARTS, depthwise_weight_task, &run);
  ck_pool_run_flushing(pool, (int)ck_quotient_up(s->groups, WIDTH), depthwise_total_task, &run);
}

static size_t depthwise_workspace_bytes(const ck_conv_shape *s, ck_conv_direction direction, int lanes) {
  (void)lanes;
  if (direction == CK_CONV_WEIGHT_GRADIENT)
    return (size_t)(DEPTHWISE_PARTS * s->kernel_height * s->kernel_width * depthwise_stride(s)) *
           sizeof(float);
  return ck_conv_moments_bytes(ck_conv_phases(s, direction) * depthwise_parts(s, direction), s->groups);
}

#endif

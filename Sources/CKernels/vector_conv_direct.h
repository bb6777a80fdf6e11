// Forward convolution of images with few channels, without gathering: tiles of pixels read their windows in
// rows that have been copied with zeros around them. All weights stay in the first level cache.
#ifndef VECTOR_CONV_DIRECT_H
#define VECTOR_CONV_DIRECT_H

#include "conv_axis.h"
#include "vector_conv_gather.h"
#include "vector_conv_output.h"
#include "vector_conv_tile.h"

enum {
  /// Elements of a filter: a panel of weights then leaves room in the first level cache.
  MOST_DIRECT_DEPTH = 192,
  /// Floats of copied rows that a task has.
  DIRECT_FLOATS = 1 << 16,
  LEAST_DIRECT_TASKS = 16,
};

static bool direct_supports(const ck_conv_shape *s, ck_conv_direction direction) {
  return direction == CK_CONV_FORWARD && s->groups == 1 && s->dilation_width == 1 &&
         s->kernel_height * s->kernel_width * s->large_channels <= MOST_DIRECT_DEPTH;
}

static ptrdiff_t direct_depth(const ck_conv_shape *s) {
  return s->kernel_height * s->kernel_width * s->large_channels;
}

/// [panel][element][filter], panels of up to OUTER_VECTORS vectors of filters.
static size_t direct_prepared_floats(const ck_conv_shape *s, ck_conv_direction direction) {
  (void)direction;
  return (size_t)(direct_depth(s) * conv_round_up(s->small_channels, WIDTH));
}

static void direct_prepare(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                           const float *weight, float *prepared) {
  (void)pool, (void)direction;
  ptrdiff_t taps = s->kernel_height * s->kernel_width, depth = direct_depth(s), taken;
  ptrdiff_t vectors = ck_quotient_up(s->small_channels, WIDTH);
  for (ptrdiff_t v = 0; v < vectors; v += taken) {
    taken = outer_vectors(vectors - v);
    for (ptrdiff_t tap = 0; tap < taps; tap++)
      for (ptrdiff_t c = 0; c < s->large_channels; c++, prepared += taken * WIDTH)
        for (ptrdiff_t i = 0; i < taken * WIDTH; i++) {
          ptrdiff_t filter = v * WIDTH + i;
          prepared[i] = filter < s->small_channels ? weight[filter * depth + c * taps + tap] : 0;
        }
  }
}

/// A part is some rows of one image of the result.
struct direct {
  const ck_conv_shape *shape;
  ptrdiff_t part_rows, image_parts;
  /// Floats of a copied row, and of what a tile of pixels that reaches beyond the last one reads.
  ptrdiff_t row, slack, lane_floats;
  const float *image, *weights;
  float *lanes;
  struct conv_output output;
};

static ptrdiff_t rows_under(const ck_conv_shape *s, ptrdiff_t rows) {
  return (rows - 1) * s->stride_height + (s->kernel_height - 1) * s->dilation_height + 1;
}

static struct direct describe_direct(const ck_conv_shape *s) {
  struct direct k = {.shape = s};
  ptrdiff_t pixels = (s->small_width - 1) * s->stride_width + s->kernel_width;
  k.row = pixels * s->large_channels;
  k.slack = OUTER_ROWS * s->stride_width * s->large_channels + WIDTH;
  ptrdiff_t rows = DIRECT_FLOATS / (k.row * s->stride_height);
  rows = ck_lower(rows, ck_quotient_up(s->batch * s->small_height, LEAST_DIRECT_TASKS));
  k.part_rows = ck_lower(ck_higher(rows, 1), s->small_height);
  k.image_parts = ck_quotient_up(s->small_height, k.part_rows);
  k.lane_floats = conv_round_up(rows_under(s, k.part_rows) * k.row + k.slack, 16);
  return k;
}

/// The rows of the image from `first` on, with the padding's zeros.
static void copy_rows(const struct direct *k, ptrdiff_t image, ptrdiff_t first, ptrdiff_t rows, float *to) {
  const ck_conv_shape *s = k->shape;
  ptrdiff_t channels = s->large_channels, pixels = k->row / channels;
  ptrdiff_t begin = ck_lower(s->padding_width, pixels);
  ptrdiff_t end = ck_higher(ck_lower(s->large_width + s->padding_width, pixels), begin);
  for (ptrdiff_t y = first; y < first + rows; y++) {
    if (y < 0 || y >= s->large_height) {
      to = append_zeros(to, k->row);
    } else {
      to = append_zeros(to, begin * channels);
      to = append(to, k->image + (image * s->large_height + y) * s->large_width * channels,
                  (end - begin) * channels);
      to = append_zeros(to, (pixels - end) * channels);
    }
  }
  append_zeros(to, k->slack - WIDTH);
}

/// `count` pixels of a row of the result, for a panel of filters.
INLINE void direct_tile(int vectors, const struct direct *k, const float *rows, const float *weights,
                        ptrdiff_t count, struct channel_block *blocks, float *pixel) {
  const ck_conv_shape *s = k->shape;
  vfloat accumulators[MOST_ACCUMULATORS];
  begin_tile(OUTER_ROWS, vectors, NULL, 0, false, accumulators);
  ptrdiff_t run = s->kernel_width * s->large_channels, step = s->stride_width * s->large_channels;
  for (ptrdiff_t tap = 0; tap < s->kernel_height; tap++, rows += s->dilation_height * k->row) {
    ONE_AT_A_TIME
    for (ptrdiff_t i = 0; i < run; i++, weights += vectors * WIDTH)
      multiply_step(OUTER_ROWS, vectors, rows + i, step, weights, WIDTH, accumulators);
  }
  // Through memory: the number of pixels is not a constant.
  vfloat values[OUTER_VECTORS][OUTER_ROWS];
  UNROLL
  for (int v = 0; v < vectors; v++) {
    UNROLL
    for (int r = 0; r < OUTER_ROWS; r++) values[v][r] = accumulators[r * vectors + v] + blocks[v].bias;
  }
  for (ptrdiff_t r = 0; r < count; r++, pixel += s->small_channels) {
    UNROLL
    for (int v = 0; v < vectors; v++) put(&k->output, pixel + blocks[v].first, blocks[v].count, values[v][r]);
  }
  if (k->output.moments.means)
    for (int v = 0; v < vectors; v++) take_moments(&blocks[v], count, values[v]);
}

INLINE void direct_panel(int vectors, const struct direct *k, const float *copied, const float *weights,
                         ptrdiff_t first_channel, ptrdiff_t rows, ptrdiff_t part, float *result) {
  const ck_conv_shape *s = k->shape;
  struct channel_block blocks[OUTER_VECTORS];
  for (int v = 0; v < vectors; v++) {
    ptrdiff_t channel = first_channel + v * WIDTH;
    blocks[v] = begin_channels(&k->output, channel, ck_lower(WIDTH, s->small_channels - channel));
  }
  for (ptrdiff_t y = 0; y < rows; y++)
    for (ptrdiff_t x = 0; x < s->small_width; x += OUTER_ROWS)
      direct_tile(vectors, k,
                  copied + y * s->stride_height * k->row + x * s->stride_width * s->large_channels, weights,
                  ck_lower(OUTER_ROWS, s->small_width - x), blocks,
                  result + (y * s->small_width + x) * s->small_channels);
  for (int v = 0; v < vectors; v++) end_channels(&k->output, &blocks[v], part);
}

static void direct_task(void *context, int task, int lane) {
  const struct direct *k = context;
  const ck_conv_shape *s = k->shape;
  ptrdiff_t image = task / k->image_parts, depth = direct_depth(s), taken;
  struct ck_range rows = ck_part(s->small_height, k->part_rows, task % k->image_parts);
  float *copied = k->lanes + lane * k->lane_floats;
  copy_rows(k, image, rows.start * s->stride_height - s->padding_height, rows_under(s, rows.count), copied);
  float *result =
      k->output.image + (image * s->small_height + rows.start) * s->small_width * s->small_channels;
  ptrdiff_t vectors = ck_quotient_up(s->small_channels, WIDTH);
  for (ptrdiff_t v = 0; v < vectors; v += taken) {
    taken = outer_vectors(vectors - v);
    const float *weights = k->weights + v * WIDTH * depth;
#define PANEL(VECTORS) direct_panel(VECTORS, k, copied, weights, v *WIDTH, rows.count, task, result)
    FOR_OUTER_VECTORS(taken, PANEL)
#undef PANEL
  }
}

static size_t direct_workspace_bytes(const ck_conv_shape *s, ck_conv_direction direction, int lanes) {
  (void)direction;
  struct direct k = describe_direct(s);
  return ck_conv_moments_bytes(s->batch * k.image_parts, s->small_channels) +
         (size_t)(lanes * k.lane_floats) * sizeof(float);
}

static void direct_run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction, const float *first,
                       const float *second, float *result, const ck_conv_epilogue *epilogue,
                       void *workspace) {
  (void)direction;
  struct direct k = describe_direct(s);
  ptrdiff_t parts = s->batch * k.image_parts;
  k.image = first;
  k.weights = second;
  k.lanes = (float *)((char *)workspace + ck_conv_moments_bytes(parts, s->small_channels));
  k.output = conv_output_of(s, CK_CONV_FORWARD, result, epilogue);
  if (epilogue->mean) k.output.moments = ck_conv_moments_begin(parts, s->small_channels, workspace);
  ck_pool_run_flushing(pool, (int)parts, direct_task, &k);
  if (epilogue->mean) ck_conv_moments_combine(&k.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &k.output, conv_small_count(s), epilogue);
}

#endif

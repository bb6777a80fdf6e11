// Convolutions of images with few channels, without gathering. Forward, tiles of pixels read their windows in
// rows that have been copied with zeros around them, and all weights stay in the first level cache.
#ifndef VECTOR_CONV_DIRECT_H
#define VECTOR_CONV_DIRECT_H

#include "vector_conv_direct_rows.h"
#include "vector_conv_direct_weight.h"

enum { LEAST_DIRECT_TASKS = 16 };

/// The forward convolution; a task is a part.
struct direct {
  struct direct_rows rows;
  const float *weights;
  struct conv_output output;
};

static struct direct describe_direct(const ck_conv_shape *s) {
  return (struct direct){
      .rows = describe_direct_rows(s, ck_quotient_up(s->batch * s->small_height, LEAST_DIRECT_TASKS))};
}

/// `count` pixels of a row of the result, for a panel of filters.
INLINE void direct_tile(int vectors, const struct direct *k, const float *rows, const float *weights,
                        ptrdiff_t count, struct channel_block *blocks, float *pixel) {
  const ck_conv_shape *s = k->rows.shape;
  vfloat accumulators[MOST_ACCUMULATORS];
  begin_tile(OUTER_ROWS, vectors, NULL, 0, false, accumulators);
  ptrdiff_t run = s->kernel_width * s->large_channels, step = s->stride_width * s->large_channels;
  for (ptrdiff_t tap = 0; tap < s->kernel_height; tap++, rows += s->dilation_height * k->rows.row) {
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
  const ck_conv_shape *s = k->rows.shape;
  struct channel_block blocks[OUTER_VECTORS];
  for (int v = 0; v < vectors; v++) {
    ptrdiff_t channel = first_channel + v * WIDTH;
    blocks[v] = begin_channels(&k->output, channel, ck_lower(WIDTH, s->small_channels - channel));
  }
  for (ptrdiff_t y = 0; y < rows; y++)
    for (ptrdiff_t x = 0; x < s->small_width; x += OUTER_ROWS)
      direct_tile(vectors, k,
                  copied + y * s->stride_height * k->rows.row + x * s->stride_width * s->large_channels, weights,
                  ck_lower(OUTER_ROWS, s->small_width - x), blocks,
                  result + (y * s->small_width + x) * s->small_channels);
  for (int v = 0; v < vectors; v++) end_channels(&k->output, &blocks[v], part);
}

static void direct_task(void *context, int task, int lane) {
  const struct direct *k = context;
  const ck_conv_shape *s = k->rows.shape;
  const float *copied = copy_part(&k->rows, task, lane);
  float *result = k->output.image + part_pixel(&k->rows, task) * s->small_channels;
  ptrdiff_t depth = direct_depth(s), rows = direct_part(&k->rows, task).count, taken;
  ptrdiff_t vectors = ck_quotient_up(s->small_channels, WIDTH);
  for (ptrdiff_t v = 0; v < vectors; v += taken) {
    taken = outer_vectors(vectors - v);
    const float *weights = k->weights + v * WIDTH * depth;
#define PANEL(VECTORS) direct_panel(VECTORS, k, copied, weights, v *WIDTH, rows, task, result)
    FOR_OUTER_VECTORS(taken, PANEL)
#undef PANEL
  }
}

static bool direct_supports(const ck_conv_shape *s, ck_conv_direction direction) {
  return direction != CK_CONV_DATA_GRADIENT && s->groups == 1 && s->dilation_width == 1 &&
         direct_depth(s) <= MOST_DIRECT_DEPTH;
}

/// [panel][element][filter], panels of up to OUTER_VECTORS vectors of filters.
static size_t direct_prepared_floats(const ck_conv_shape *s, ck_conv_direction direction) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return 0;
  return (size_t)(direct_depth(s) * conv_round_up(s->small_channels, WIDTH));
}

static void direct_prepare(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                           const float *weight, float *prepared) {
  (void)pool;
  if (direction == CK_CONV_WEIGHT_GRADIENT) return;
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

static size_t direct_workspace_bytes(const ck_conv_shape *s, ck_conv_direction direction, int lanes) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return direct_weight_workspace_bytes(s, lanes);
  struct direct k = describe_direct(s);
  return ck_conv_moments_bytes(s->batch * k.rows.image_parts, s->small_channels) +
         (size_t)(lanes * k.rows.lane_floats) * sizeof(float);
}

static void run_direct(ck_pool *pool, const ck_conv_shape *s, const float *image, const float *weights,
                       float *result, const ck_conv_epilogue *epilogue, void *workspace) {
  struct direct k = describe_direct(s);
  ptrdiff_t parts = s->batch * k.rows.image_parts;
  k.rows.image = image;
  k.weights = weights;
  k.rows.lanes = (float *)((char *)workspace + ck_conv_moments_bytes(parts, s->small_channels));
  k.output = conv_output_of(s, CK_CONV_FORWARD, result, epilogue);
  if (epilogue->mean) k.output.moments = ck_conv_moments_begin(parts, s->small_channels, workspace);
  ck_pool_run_flushing(pool, (int)parts, direct_task, &k);
  if (epilogue->mean) ck_conv_moments_combine(&k.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &k.output, conv_small_count(s), epilogue);
}

static void direct_run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction, const float *first,
                       const float *second, float *result, const ck_conv_epilogue *epilogue,
                       void *workspace) {
  if (direction == CK_CONV_WEIGHT_GRADIENT)
    run_direct_weight(pool, s, first, second, result, epilogue->accumulate, workspace);
  else
    run_direct(pool, s, first, second, result, epilogue, workspace);
}

#endif

// The weight gradient for images with few channels, without gathering: a kernel's elements are read, for one
// pixel of the small image after the other, in rows that have been copied with zeros around them; filters lie
// side by side in vectors. The sums of a few filters stay in registers over all pixels of a part.
#ifndef VECTOR_CONV_DIRECT_WEIGHT_H
#define VECTOR_CONV_DIRECT_WEIGHT_H

#include "conv_cost.h"
#include "lookahead.h"
#include "vector_conv_direct_rows.h"
#include "vector_conv_outer.h"

/// Pixels whose products take longer than adding up one more set of sums.
enum { LEAST_SPLIT_PIXELS = 256 };

/// A split is some parts, whose sums are [kernel row][element][filter]; the splits' sums are added in order.
struct direct_weight {
  struct direct_rows rows;
  const float *small;
  float *weight;
  bool accumulate;
  ptrdiff_t parts, splits;
  /// Elements of a kernel's row, and how many of them tiles have.
  ptrdiff_t row_elements, padded_elements;
  /// The distance of the sums' rows, and that of the splits.
  ptrdiff_t sums_row, split_floats;
  float *sums;
};

static struct direct_weight describe_direct_weight(const ck_conv_shape *s) {
  // A tile's share of the small image then stays in the first level cache while all elements of the kernel are
  // multiplied with it, unless a single row is longer.
  ptrdiff_t rows = CK_CONV_DIRECT_TILE_FLOATS / TILE_COLUMNS / s->small_width;
  struct direct_weight k = {.rows = describe_direct_rows(s, rows)};
  k.parts = s->batch * k.rows.image_parts;
  ptrdiff_t pixels = s->batch * s->small_height * s->small_width;
  k.splits = ck_lower(k.parts, ck_lower(MOST_SPLITS, ck_quotient_up(pixels, LEAST_SPLIT_PIXELS)));
  k.row_elements = s->kernel_width * s->large_channels;
  k.padded_elements = conv_round_up(k.row_elements, TILE_ROW_STEP);
  k.sums_row = sums_row(ck_quotient_up(s->small_channels, WIDTH));
  k.split_floats = s->kernel_height * k.padded_elements * k.sums_row;
  return k;
}

/// Some elements of a kernel's row times one or two vectors of filters, over `rows` rows of pixels. The last
/// vector has `last` filters.
INLINE void direct_weight_tile(int elements, int vectors, const struct direct_weight *k, ptrdiff_t rows,
                               const float *copied, const float *small, ptrdiff_t last, float *sums,
                               bool accumulates) {
  const ck_conv_shape *s = k->rows.shape;
  vfloat accumulators[MOST_ACCUMULATORS];
  begin_tile(elements, vectors, sums, k->sums_row, accumulates, accumulators);
  ptrdiff_t step = s->stride_width * s->large_channels;
  // The last pixels' vectors would reach beyond the row, where there may be no memory of the image.
  ptrdiff_t whole = ck_higher(s->small_width - ck_quotient_up(WIDTH - last, s->small_channels), 0);
  for (ptrdiff_t y = 0; y < rows; y++, copied += s->stride_height * k->rows.row) {
    const float *a = copied;
    ONE_AT_A_TIME
    for (ptrdiff_t x = 0; x < whole; x++, a += step, small += s->small_channels)
      multiply_step(elements, vectors, a, 1, small, WIDTH, accumulators);
    for (ptrdiff_t x = whole; x < s->small_width; x++, a += step, small += s->small_channels) {
      float pixel[TILE_COLUMNS];
      for (int v = 0; v < vectors; v++)
        store(pixel + v * WIDTH, load_some(small + v * WIDTH, v == vectors - 1 ? last : WIDTH));
      multiply_step(elements, vectors, a, 1, pixel, WIDTH, accumulators);
    }
  }
  end_tile(elements, vectors, sums, k->sums_row, accumulators);
}

static void add_direct_weights(ptrdiff_t elements, ptrdiff_t vectors, const struct direct_weight *k,
                               ptrdiff_t rows, const float *copied, const float *small, ptrdiff_t last,
                               float *sums, bool accumulates) {
#define WEIGHT_TILE(ELEMENTS, VECTORS)                                                                       \
  direct_weight_tile(ELEMENTS, VECTORS, k, rows, copied, small, last, sums, accumulates)
  FOR_TILE(elements, vectors, WEIGHT_TILE)
#undef WEIGHT_TILE
}

/// The pixels of the small image that a part reads, for so many calls.
static struct lookahead next_small_pixels(const struct direct_weight *k, ptrdiff_t part, ptrdiff_t calls) {
  ptrdiff_t first = part_pixel(&k->rows, part), channels = k->rows.shape->small_channels;
  ptrdiff_t end = first + direct_part(&k->rows, part).count * k->rows.shape->small_width;
  return ck_look_ahead(k->small, channels, first, end, (struct ck_range){0, channels}, calls);
}

static void direct_weight_task(void *context, int task, int lane) {
  const struct direct_weight *k = context;
  const ck_conv_shape *s = k->rows.shape;
  float *sums = k->sums + task * k->split_floats;
  ptrdiff_t first = k->parts * task / k->splits, end = k->parts * (task + 1) / k->splits;
  ptrdiff_t calls = ck_quotient_up(s->small_channels, TILE_COLUMNS) * s->kernel_height *
                    ck_quotient_up(k->padded_elements, TILE_ROWS);
  for (ptrdiff_t part = first; part < end; part++) {
    struct lookahead ahead = {0};
    if (part + 1 < end) ahead = next_small_pixels(k, part + 1, calls);
    const float *copied = copy_part(&k->rows, part, lane);
    const float *small = k->small + part_pixel(&k->rows, part) * s->small_channels;
    ptrdiff_t rows = direct_part(&k->rows, part).count;
    for (ptrdiff_t filter = 0; filter < s->small_channels; filter += TILE_COLUMNS) {
      ptrdiff_t filters = ck_lower(TILE_COLUMNS, s->small_channels - filter);
      ptrdiff_t vectors = ck_quotient_up(filters, WIDTH), last = filters - (vectors - 1) * WIDTH;
      for (ptrdiff_t y = 0; y < s->kernel_height; y++)
        for (ptrdiff_t i = 0; i < k->padded_elements; i += TILE_ROWS) {
          ck_prefetch_some(&ahead);
          add_direct_weights(ck_lower(TILE_ROWS, k->padded_elements - i), vectors, k, rows,
                             copied + y * s->dilation_height * k->rows.row + i, small + filter, last,
                             sums + (y * k->padded_elements + i) * k->sums_row + filter, part > first);
        }
    }
  }
}

/// A vector of filters.
static void finish_direct_weight_task(void *context, int task, int lane) {
  const struct direct_weight *k = context;
  const ck_conv_shape *s = k->rows.shape;
  (void)lane;
  ptrdiff_t first = task * WIDTH, depth = direct_depth(s), taps = s->kernel_height * s->kernel_width;
  struct outer_sums sums = {.values = k->sums + first, .splits = k->splits, .split = k->split_floats};
  vfloat values[MOST_DIRECT_DEPTH];
  for (ptrdiff_t tap = 0; tap < taps; tap++)
    for (ptrdiff_t c = 0; c < s->large_channels; c++) {
      ptrdiff_t element = tap % s->kernel_width * s->large_channels + c;
      values[c * taps + tap] = total(&sums, (tap / s->kernel_width * k->padded_elements + element) * k->sums_row);
    }
  store_taps(values, depth, ck_lower(WIDTH, s->small_channels - first), k->weight + first * depth, k->accumulate);
}

static ptrdiff_t direct_weight_sums_floats(const struct direct_weight *k) {
  return conv_round_up(k->splits * k->split_floats, 16);
}

static size_t direct_weight_workspace_bytes(const ck_conv_shape *s, int lanes) {
  struct direct_weight k = describe_direct_weight(s);
  return (size_t)(direct_weight_sums_floats(&k) + lanes * k.rows.lane_floats) * sizeof(float);
}

static void run_direct_weight(ck_pool *pool, const ck_conv_shape *s, const float *large, const float *small,
                              float *weight, bool accumulate, void *workspace) {
  struct direct_weight k = describe_direct_weight(s);
  k.rows.image = large;
  k.small = small;
  k.weight = weight;
  k.accumulate = accumulate;
  k.sums = workspace;
  k.rows.lanes = k.sums + direct_weight_sums_floats(&k);
  ck_pool_run_flushing(pool, (int)k.splits, direct_weight_task, &k);
  ck_pool_run_flushing(pool, (int)ck_quotient_up(s->small_channels, WIDTH), finish_direct_weight_task, &k);
}

#endif

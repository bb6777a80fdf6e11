// The weight gradient of convolutions between an image of few channels and one of many: sums over all pixels, for
// a few vectors of the many channels at a time.
#ifndef VECTOR_CONV_NARROW_WEIGHT_H
#define VECTOR_CONV_NARROW_WEIGHT_H

#include "conv_axis.h"
#include "vector_conv_outer.h"

#include <string.h>

enum {
  /// Channels of the small image: filters.
  MOST_NARROW_FILTERS = 4,
  /// The vectors of a cache line, so that tasks share none.
  NARROW_LINE_VECTORS = 16 / WIDTH,
  /// Images that are added up before their sum is.
  NARROW_IMAGES = 8,
};

static ptrdiff_t narrow_taps(const ck_conv_shape *s) { return s->kernel_height * s->kernel_width; }

/// Runs `DO(filters)` with a constant from 1 to MOST_NARROW_FILTERS.
#define FOR_NARROW_FILTERS(FILTERS, DO)                                                                      \
  switch (FILTERS) {                                                                                         \
  case 1: DO(1); break;                                                                                      \
  case 2: DO(2); break;                                                                                      \
  case 3: DO(3); break;                                                                                      \
  case 4: DO(4); break;                                                                                      \
  }

/// The weight gradient; a task is a few vectors of channels, whose sums [filter][vector][tap] its lane holds.
struct narrow_weight_run {
  const ck_conv_shape *shape;
  const float *large, *small;
  float *weight, *lanes;
  bool accumulate;
};

static ptrdiff_t narrow_sums(const ck_conv_shape *s) {
  return s->small_channels * NARROW_LINE_VECTORS * narrow_taps(s) * WIDTH;
}

/// The outputs along an axis whose tap lies in the image.
static struct ck_range outputs_under(const struct ck_conv_axis *axis, ptrdiff_t tap) {
  ptrdiff_t at = axis->offset + tap * axis->offset_step;
  ptrdiff_t start = ck_lower(ck_higher(conv_ceil_div(-at, axis->in_step), 0), axis->count);
  ptrdiff_t end = ck_lower(conv_ceil_div(axis->in_size - at, axis->in_step), axis->count);
  return (struct ck_range){start, ck_higher(end - start, 0)};
}

/// The sums over one row of outputs for one tap.
INLINE void narrow_row_sums(int filters, int vectors, ptrdiff_t count, const float *large,
                            ptrdiff_t large_step, const float *small, ptrdiff_t last, vfloat *sums) {
  for (ptrdiff_t i = 0; i < count; i++, large += large_step, small += filters) {
    UNROLL
    for (int v = 0; v < vectors; v++) {
      vfloat input = load_some(large + v * WIDTH, v == vectors - 1 ? last : WIDTH);
      UNROLL
      for (int f = 0; f < filters; f++) sums[f * vectors + v] += input * small[f];
    }
  }
}

/// totals [filter][vector][tap] += those of a few images, for some vectors of channels from `first` on, of which
/// the last has `last` elements.
INLINE void narrow_image_sums(int filters, int vectors, const struct narrow_weight_run *run,
                              struct ck_range images, ptrdiff_t first, ptrdiff_t last, vfloat *totals) {
  const ck_conv_shape *s = run->shape;
  struct ck_conv_axis y = ck_conv_forward_axis(ck_conv_rows_of(s)),
                      x = ck_conv_forward_axis(ck_conv_columns_of(s));
  ptrdiff_t taps = narrow_taps(s), channels = s->large_channels;
  ptrdiff_t large_image = y.in_size * x.in_size * channels, small_image = y.count * x.count * filters;
  for (ptrdiff_t tap_y = 0; tap_y < y.taps; tap_y++) {
    struct ck_range rows = outputs_under(&y, tap_y);
    for (ptrdiff_t tap_x = 0; tap_x < x.taps; tap_x++, totals++) {
      struct ck_range columns = outputs_under(&x, tap_x);
      ptrdiff_t in_x = columns.start * x.in_step + x.offset + tap_x * x.offset_step;
      vfloat sums[MOST_NARROW_FILTERS * NARROW_LINE_VECTORS];
      UNROLL
      for (int i = 0; i < filters * vectors; i++) sums[i] = splat(0);
      for (ptrdiff_t image = images.start; image < images.start + images.count; image++)
        for (ptrdiff_t row = rows.start; row < rows.start + rows.count; row++) {
          ptrdiff_t in_y = row * y.in_step + y.offset + tap_y * y.offset_step;
          const float *large = run->large + image * large_image + (in_y * x.in_size + in_x) * channels;
          const float *small = run->small + image * small_image + (row * x.count + columns.start) * filters;
          narrow_row_sums(filters, vectors, columns.count, large + first, x.in_step * channels, small, last,
                          sums);
        }
      UNROLL
      for (int i = 0; i < filters * vectors; i++) totals[i * taps] += sums[i];
    }
  }
}

INLINE void narrow_weights(int filters, int vectors, const struct narrow_weight_run *run, ptrdiff_t first,
                           ptrdiff_t last, vfloat *totals) {
  const ck_conv_shape *s = run->shape;
  ptrdiff_t taps = narrow_taps(s);
  memset(totals, 0, (size_t)(filters * vectors * taps) * sizeof *totals);
  for (ptrdiff_t image = 0; image < s->batch; image += NARROW_IMAGES) {
    struct ck_range images = {image, ck_lower(NARROW_IMAGES, s->batch - image)};
    if (last == WIDTH)
      narrow_image_sums(filters, vectors, run, images, first, WIDTH, totals);
    else
      narrow_image_sums(filters, vectors, run, images, first, last, totals);
  }
  for (ptrdiff_t f = 0; f < filters; f++)
    for (ptrdiff_t v = 0; v < vectors; v++)
      store_taps(totals + (f * vectors + v) * taps, taps, v == vectors - 1 ? last : WIDTH,
                 run->weight + (f * s->large_channels + first + v * WIDTH) * taps, run->accumulate);
}

static void narrow_weight_task(void *context, int task, int lane) {
  const struct narrow_weight_run *run = context;
  const ck_conv_shape *s = run->shape;
  vfloat *totals = (vfloat *)(run->lanes + lane * narrow_sums(s));
  struct ck_range channels = ck_part(s->large_channels, NARROW_LINE_VECTORS * WIDTH, task);
  ptrdiff_t end = channels.start + channels.count;
  bool is_whole = channels.count == NARROW_LINE_VECTORS * WIDTH;
#define LINE(FILTERS)                                                                                        \
  if (is_whole)                                                                                              \
    narrow_weights(FILTERS, NARROW_LINE_VECTORS, run, channels.start, WIDTH, totals);                        \
  else                                                                                                       \
    for (ptrdiff_t c = channels.start; c < end; c += WIDTH)                                                  \
      narrow_weights(FILTERS, 1, run, c, ck_lower(WIDTH, end - c), totals);
  FOR_NARROW_FILTERS(s->small_channels, LINE)
#undef LINE
}

#endif

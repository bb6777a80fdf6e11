// Images with few channels as the direct convolutions read them: some rows at a time, copied with the padding's
// zeros around them.
#ifndef VECTOR_CONV_DIRECT_ROWS_H
#define VECTOR_CONV_DIRECT_ROWS_H

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

static ptrdiff_t direct_depth(const ck_conv_shape *s) {
  return s->kernel_height * s->kernel_width * s->large_channels;
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

/// Parts of about so many rows.
static void cut_direct(struct direct *k, ptrdiff_t rows) {
  const ck_conv_shape *s = k->shape;
  k->part_rows = ck_lower(ck_higher(rows, 1), s->small_height);
  k->image_parts = ck_quotient_up(s->small_height, k->part_rows);
  k->lane_floats = conv_round_up(rows_under(s, k->part_rows) * k->row + k->slack, 16);
}

static struct direct describe_direct(const ck_conv_shape *s) {
  struct direct k = {.shape = s};
  ptrdiff_t pixels = (s->small_width - 1) * s->stride_width + s->kernel_width;
  k.row = pixels * s->large_channels;
  k.slack = OUTER_ROWS * s->stride_width * s->large_channels + WIDTH;
  ptrdiff_t rows = DIRECT_FLOATS / (k.row * s->stride_height);
  cut_direct(&k, ck_lower(rows, ck_quotient_up(s->batch * s->small_height, LEAST_DIRECT_TASKS)));
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

#endif

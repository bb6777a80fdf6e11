// Images with few channels as the direct convolutions read them: some rows at a time, copied with the padding's
// zeros around them.
#ifndef VECTOR_CONV_DIRECT_ROWS_H
#define VECTOR_CONV_DIRECT_ROWS_H

#include "vector_conv_gather.h"
#include "vector_conv_output.h"
#include "vector_conv_tile.h"

enum {
  /// Elements of a filter. A panel of weights then leaves room in the first level cache; the weight gradient has
  /// as many vectors at hand when it has done.
  MOST_DIRECT_DEPTH = 192,
  /// Floats of copied rows that a task has, where that is a row or more.
  DIRECT_FLOATS = 1 << 16,
};

static ptrdiff_t direct_depth(const ck_conv_shape *s) {
  return s->kernel_height * s->kernel_width * s->large_channels;
}

/// A part is some rows of one of the small images.
struct direct_rows {
  const ck_conv_shape *shape;
  ptrdiff_t part_rows, image_parts;
  /// Floats of a copied row, and of what a tile reads beyond the last row, of pixels or of a kernel's elements.
  ptrdiff_t row, slack, lane_floats;
  const float *image;
  float *lanes;
};

/// Rows of the large image under so many of the small one.
static ptrdiff_t rows_under(const ck_conv_shape *s, ptrdiff_t rows) {
  return (rows - 1) * s->stride_height + (s->kernel_height - 1) * s->dilation_height + 1;
}

/// Parts of up to so many rows.
static struct direct_rows describe_direct_rows(const ck_conv_shape *s, ptrdiff_t most_rows) {
  struct direct_rows k = {.shape = s};
  ptrdiff_t pixels = (s->small_width - 1) * s->stride_width + s->kernel_width;
  k.row = pixels * s->large_channels;
  k.slack = OUTER_ROWS * s->stride_width * s->large_channels + WIDTH;
  ptrdiff_t fitting = DIRECT_FLOATS / (k.row * s->stride_height);
  k.part_rows = ck_higher(ck_lower(ck_lower(most_rows, fitting), s->small_height), 1);
  k.image_parts = ck_quotient_up(s->small_height, k.part_rows);
  k.lane_floats = conv_round_up(rows_under(s, k.part_rows) * k.row + k.slack, 16);
  return k;
}

/// The rows of the image from `first` on, with the padding's zeros.
static void copy_rows(const struct direct_rows *k, ptrdiff_t image, ptrdiff_t first, ptrdiff_t rows,
                      float *to) {
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

/// The rows of a part among its small image's.
static struct ck_range direct_part(const struct direct_rows *k, ptrdiff_t part) {
  return ck_part(k->shape->small_height, k->part_rows, part % k->image_parts);
}

/// The rows under a part, in a lane's memory.
static const float *copy_part(const struct direct_rows *k, ptrdiff_t part, int lane) {
  const ck_conv_shape *s = k->shape;
  struct ck_range rows = direct_part(k, part);
  float *to = k->lanes + lane * k->lane_floats;
  copy_rows(k, part / k->image_parts, rows.start * s->stride_height - s->padding_height,
            rows_under(s, rows.count), to);
  return to;
}

/// Where a part begins in the small images, in pixels.
static ptrdiff_t part_pixel(const struct direct_rows *k, ptrdiff_t part) {
  const ck_conv_shape *s = k->shape;
  return (part / k->image_parts * s->small_height + direct_part(k, part).start) * s->small_width;
}

#endif

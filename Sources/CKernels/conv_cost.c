// A model of the convolutions' cost: multiplications, padding included, and what moves data. Constants were
// measured with AVX-512 on Sapphire Rapids on the layers of a DCGAN; they are ratios that other machines share
// to a good half.

#include "conv_cost.h"
#include "conv_axis.h"

#include <math.h>

/// Costs in multiplications an element.
static const double GATHERED_PATCH = 3, WRITTEN = 6, ADDED_COLUMN = 8;
/// An element of a tile in the transform domain, gathered or written.
static const double TRANSFORMED = 36;
/// An element of the transformed weight gradient, once a run of tiles.
static const double FINISHED = 30, FINISHED_TILES = 96;
/// An element of prepared weights: its share of the preparation, and being read from memory.
static const double PREPARED = 30;
/// The share of full speed that matrix products reach.
static const double PRODUCT_SPEED = 0.9;
enum { DIRECT_PIXELS = 8 };

/// A matrix product with its gathered rows and written columns.
static double product_cost(double rows, double depth, double columns, double gathered, double written) {
  return rows * (depth * columns / PRODUCT_SPEED + depth * gathered + columns * written) +
         depth * columns * PREPARED;
}

/// The axes of the outputs in a phase of the data gradient, or of all outputs.
struct axes {
  struct ck_conv_axis y, x;
};

static ptrdiff_t phase_count(const ck_conv_shape *s, ck_conv_direction direction) {
  return direction == CK_CONV_DATA_GRADIENT ? s->stride_height * s->stride_width : 1;
}

static struct axes axes_of(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t phase) {
  struct ck_conv_dimension height = ck_conv_rows_of(s), width = ck_conv_columns_of(s);
  if (direction != CK_CONV_DATA_GRADIENT)
    return (struct axes){ck_conv_forward_axis(height), ck_conv_forward_axis(width)};
  return (struct axes){ck_conv_gradient_axis(height, phase / s->stride_width),
                       ck_conv_gradient_axis(width, phase % s->stride_width)};
}

static double patches_cost(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t width) {
  double batch = (double)s->batch, groups = (double)s->groups, pixels = (double)(s->small_height * s->small_width);
  ptrdiff_t large = s->large_channels / s->groups, small = s->small_channels / s->groups;
  ptrdiff_t taps = s->kernel_height * s->kernel_width;
  if (direction == CK_CONV_FORWARD)
    return groups * product_cost(batch * pixels, (double)(taps * large), (double)conv_round_up(small, width),
                                 GATHERED_PATCH, WRITTEN);
  if (direction == CK_CONV_WEIGHT_GRADIENT)
    return groups * product_cost(batch * pixels, (double)conv_round_up(taps * large, width),
                                 (double)conv_round_up(small, width), GATHERED_PATCH, GATHERED_PATCH);
  double by_phases = 0;
  for (ptrdiff_t phase = 0; phase < phase_count(s, direction); phase++) {
    struct axes a = axes_of(s, direction, phase);
    by_phases += product_cost(batch * (double)(a.y.count * a.x.count), (double)(a.y.taps * a.x.taps * small),
                              (double)conv_round_up(large, width), GATHERED_PATCH, WRITTEN);
  }
  double by_columns = product_cost(batch * pixels, (double)small, (double)conv_round_up(taps * large, width), 0,
                                   ADDED_COLUMN);
  return groups * (by_phases < by_columns ? by_phases : by_columns);
}

static double direct_cost(const ck_conv_shape *s, ptrdiff_t width) {
  ptrdiff_t pixels = s->small_height * conv_round_up(s->small_width, DIRECT_PIXELS);
  return product_cost((double)(s->batch * pixels),
                      (double)(s->kernel_height * s->kernel_width * s->large_channels),
                      (double)conv_round_up(s->small_channels, width), 0, WRITTEN);
}

static double winograd_cost(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t m, ptrdiff_t width) {
  ptrdiff_t n = m + ck_quotient_up(s->kernel_height, s->stride_height) - 1, points = n * n;
  double large = (double)conv_round_up(s->large_channels / s->groups, width);
  double small = (double)conv_round_up(s->small_channels / s->groups, width), cost = 0;
  double in_phases = (double)(direction == CK_CONV_DATA_GRADIENT ? 1 : s->stride_height * s->stride_width);
  for (ptrdiff_t phase = 0; phase < phase_count(s, direction); phase++) {
    struct axes a = axes_of(s, direction, phase);
    double tiles = (double)(s->batch * ck_quotient_up(a.y.count, m) * ck_quotient_up(a.x.count, m));
    double depth = direction == CK_CONV_DATA_GRADIENT ? small : in_phases * large;
    double columns = direction == CK_CONV_DATA_GRADIENT ? large : small;
    cost += product_cost(tiles, depth, columns, TRANSFORMED, TRANSFORMED);
    if (direction == CK_CONV_WEIGHT_GRADIENT)
      cost += depth * columns * (FINISHED * ceil(tiles / FINISHED_TILES) - PREPARED);
  }
  return (double)s->groups * (double)points * cost;
}

double ck_conv_cost(const ck_conv_shape *s, ck_conv_direction direction, ck_conv_algorithm algorithm, int width) {
  switch (algorithm) {
  case CK_CONV_PATCHES: return patches_cost(s, direction, width);
  case CK_CONV_DIRECT: return direct_cost(s, width);
  case CK_CONV_WINOGRAD2: return winograd_cost(s, direction, 2, width);
  case CK_CONV_WINOGRAD4: return winograd_cost(s, direction, 4, width);
  // Twice the multiplications: loads are what takes its time.
  case CK_CONV_DEPTHWISE: return ck_conv_flops(s);
  // Nobody chooses the plain loops where there is another way.
  case CK_CONV_SCALAR: break;
  }
  return INFINITY;
}

// A model of the convolutions' cost: multiplications, padding included, and what moves data. Constants were
// measured with AVX-512 on Sapphire Rapids on the layers of a DCGAN; they are ratios that other machines
// share to a good half.

#include "conv_cost.h"
#include "conv_axis.h"

#include <math.h>

/// Costs in multiplications: of an element of an image that is read, or written; of a patch's tap; of an
/// element that is gathered, written or added up.
static const double READ = 20, WRITTEN = 30, TAP = 200, GATHERED = 4, ADDED = 8;
/// An element of a tile in the transform domain, the images' part included.
static const double TRANSFORMED = 30;
/// An element of the transformed weight gradient, once a run of so many tiles; of twice as many in bf16.
static const double FINISHED = 30, FINISHED_TILES = 96;
/// An element of prepared weights: being prepared, and being read from memory.
static const double PREPARED = 20, STREAMED = 10;
/// An element of packed weights, transformed once for a chunk of the images.
static const double TRANSFORMED_WEIGHT = 13;
/// The share of full speed that matrix products reach.
static const double PRODUCT_SPEED = 0.9;
/// A sum in a tile's registers, read and written back once for some rows of pixels.
static const double SUMMED = 4;
/// Loads for each multiplication of vectors that nothing shares.
static const double LOADED = 2;

/// `speed` is that of bf16, or 1.
static double product_cost(double rows, double depth, double columns, double speed) {
  return rows * depth * columns / (speed * PRODUCT_SPEED);
}

static double images_cost(const ck_conv_shape *s, ck_conv_direction direction) {
  double large = (double)conv_large_count(s), small = (double)conv_small_count(s);
  switch (direction) {
  case CK_CONV_FORWARD: return READ * large + WRITTEN * small;
  case CK_CONV_DATA_GRADIENT: return READ * small + WRITTEN * large;
  case CK_CONV_WEIGHT_GRADIENT: break;
  }
  return READ * (small + large);
}

static double weight_cost(bool is_prepared) { return is_prepared ? STREAMED : PREPARED + STREAMED; }

static double patches_cost(const ck_conv_shape *s, ck_conv_direction direction, bool is_prepared,
                           ptrdiff_t width, double speed) {
  double batch = (double)s->batch, pixels = (double)(s->small_height * s->small_width);
  ptrdiff_t large = s->large_channels / s->groups, small = s->small_channels / s->groups;
  ptrdiff_t taps = s->kernel_height * s->kernel_width, depth = taps * large;
  double padded_depth = (double)conv_round_up(depth, width),
         padded_small = (double)conv_round_up(small, width);
  double gathered = TAP * (double)taps + GATHERED * (double)depth, cost;
  if (direction == CK_CONV_FORWARD) {
    cost = product_cost(batch * pixels, (double)depth, padded_small, speed) + batch * pixels * gathered;
  } else if (direction == CK_CONV_WEIGHT_GRADIENT) {
    cost = product_cost(batch * pixels, padded_depth, padded_small, speed) + batch * pixels * gathered;
  } else {
    // By columns, in floats alone.
    cost =
        product_cost(batch * pixels, (double)small, padded_depth, 1) + batch * pixels * ADDED * (double)depth;
    double taps = batch * (double)ck_conv_gradient_taps(ck_conv_rows_of(s)) *
                  (double)ck_conv_gradient_taps(ck_conv_columns_of(s));
    double by_phases = product_cost(taps, (double)small, (double)conv_round_up(large, width), speed) +
                       taps * (TAP + GATHERED * (double)small);
    if (speed != 1)
      cost = by_phases;
    else if (ck_conv_has_few_phases(s))
      cost = fmin(cost, by_phases);
  }
  return (double)s->groups * cost + weight_cost(is_prepared) * (double)conv_weight_count(s) +
         images_cost(s, direction);
}

static double direct_weight_cost(const ck_conv_shape *s, ptrdiff_t width) {
  // Elements of a tile: a multiple of a third of its most.
  ptrdiff_t tile_step = ck_higher(width / 4, 2);
  ptrdiff_t elements = s->kernel_height * conv_round_up(s->kernel_width * s->large_channels, tile_step);
  double weights = (double)(elements * conv_round_up(s->small_channels, width));
  ptrdiff_t rows = ck_higher(CK_CONV_DIRECT_TILE_FLOATS / (2 * width) / s->small_width, 1);
  double parts = (double)(s->batch * ck_quotient_up(s->small_height, rows));
  double pixels = (double)(s->batch * s->small_height * s->small_width);
  return product_cost(pixels, weights, 1, 1) + SUMMED * parts * weights +
         images_cost(s, CK_CONV_WEIGHT_GRADIENT);
}

static double direct_cost(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t width) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return direct_weight_cost(s, width);
  // Pixels of a tile: half as many as there are elements in a vector.
  ptrdiff_t pixels = s->small_height * conv_round_up(s->small_width, ck_higher(width / 2, 1));
  ptrdiff_t depth = s->kernel_height * s->kernel_width * s->large_channels;
  return product_cost((double)(s->batch * pixels), (double)depth,
                      (double)conv_round_up(s->small_channels, width), 1) +
         images_cost(s, CK_CONV_FORWARD);
}

static double narrow_cost(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t width) {
  double products = (double)(s->batch * s->small_height * s->small_width * s->small_channels) *
                    (double)(s->kernel_height * s->kernel_width * conv_round_up(s->large_channels, width));
  return LOADED * products + images_cost(s, direction);
}

/// `speed` is that of bf16, or 1; a word has two elements in bf16, else 1.
static double winograd_cost(const ck_conv_shape *s, ck_conv_direction direction, bool is_prepared,
                            bool is_packed, bool is_large, ptrdiff_t width, double speed,
                            double word_elements) {
  ptrdiff_t taps = ck_conv_phase_taps(s), m = ck_conv_tile_outputs(is_large, taps), n = m + taps - 1;
  ptrdiff_t points = n * n;
  double large = (double)conv_round_up(s->large_channels / s->groups, width);
  double small = (double)conv_round_up(s->small_channels / s->groups, width), cost = 0;
  bool is_data = direction == CK_CONV_DATA_GRADIENT;
  // The large image's phases are the depth, or in the data gradient results of their own.
  if (!is_data) large *= (double)(s->stride_height * s->stride_width);
  for (ptrdiff_t phase = 0; phase < ck_conv_phases(s, direction); phase++) {
    struct ck_conv_axes a = ck_conv_axes_of(s, direction, phase);
    double tiles = (double)(s->batch * ck_quotient_up(a.y.count, m) * ck_quotient_up(a.x.count, m));
    double finished_tiles = word_elements * FINISHED_TILES;
    double weights = direction == CK_CONV_WEIGHT_GRADIENT ? FINISHED * ceil(tiles / finished_tiles)
                     : is_packed ? TRANSFORMED_WEIGHT * ceil(tiles / CK_CONV_PACKED_ROWS)
                                 : weight_cost(is_prepared);
    cost += product_cost(tiles, large, small, speed) + tiles * (large + small) * TRANSFORMED +
            large * small * weights;
  }
  double packing = is_packed ? weight_cost(is_prepared) * (double)conv_weight_count(s) : 0;
  return (double)s->groups * (double)points * cost + packing;
}

double ck_conv_cost(const ck_conv_shape *s, ck_conv_direction direction, ck_conv_algorithm algorithm,
                    bool is_prepared, struct ck_conv_speed speed) {
  int width = speed.width;
  switch (algorithm) {
  case CK_CONV_PATCHES: return patches_cost(s, direction, is_prepared, width, 1);
  case CK_CONV_PATCHES_BF16: return patches_cost(s, direction, is_prepared, width, speed.bf16_patches);
  case CK_CONV_DIRECT: return direct_cost(s, direction, width);
  case CK_CONV_WINOGRAD2: return winograd_cost(s, direction, is_prepared, false, false, width, 1, 1);
  case CK_CONV_WINOGRAD2_BF16:
    return winograd_cost(s, direction, is_prepared, false, false, width, speed.bf16_winograd, 2);
  case CK_CONV_WINOGRAD4: return winograd_cost(s, direction, is_prepared, false, true, width, 1, 1);
  case CK_CONV_WINOGRAD4_PACKED: return winograd_cost(s, direction, is_prepared, true, true, width, 1, 1);
  case CK_CONV_DEPTHWISE: return LOADED * ck_conv_flops(s) / 2;
  case CK_CONV_NARROW: return narrow_cost(s, direction, width);
  // Nobody chooses the plain loops where there is another way.
  case CK_CONV_SCALAR: break;
  }
  return INFINITY;
}

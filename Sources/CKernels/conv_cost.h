// What a convolution is expected to cost.
#ifndef CONV_COST_H
#define CONV_COST_H

#include "ckernels_conv.h"

enum {
  /// Tiles for which packed weights are transformed once.
  CK_CONV_PACKED_ROWS = 128,
  /// Floats of the small image, about, that the direct weight gradient multiplies with all elements of the
  /// kernel: in whole rows, two vectors of each pixel.
  CK_CONV_DIRECT_TILE_FLOATS = 1 << 12,
};

/// What an instruction set's products are computed with: vectors of `width` floats, and so many products of bf16 in
/// the time of one of fp32, by patches and by Winograd.
struct ck_conv_speed {
  int width;
  double bf16_patches, bf16_winograd;
};

/// The expected cost of an algorithm that supports the shape: in multiplications of a matrix product at full
/// speed, on one thread. Preparing the weights counts unless `is_prepared`.
double ck_conv_cost(const ck_conv_shape *shape, ck_conv_direction direction, ck_conv_algorithm algorithm,
                    bool is_prepared, struct ck_conv_speed speed);

#endif

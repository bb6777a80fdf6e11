// Matrix multiplication: packing of panels, the register tile, and the way out.
#ifndef VECTOR_MATMUL_H
#define VECTOR_MATMUL_H

#include "vector_layout.h"
#include "vector_unary.h"

enum {
  /// The tile: two vectors of columns by as many rows as the registers hold.
  TILE_COLUMNS = 2 * WIDTH,
  TILE_ROWS = WIDTH == 16 ? 12 : WIDTH == 8 ? 6 : 4,
};

/// to[k·width + i] = from(i, k) for i < count, and 0 for the other i < width. One of the strides is 1.
static void pack_panel(ptrdiff_t count, ptrdiff_t depth, const float *from, ptrdiff_t stride,
                       ptrdiff_t depth_stride, ptrdiff_t width, float *to) {
  if (stride == 1)
    for (ptrdiff_t k = 0; k < depth; k++)
      FOR_VECTORS(count, i, n, { store_some(to + k * width + i, n, load_some(from + k * depth_stride + i, n)); });
  else
    transpose(count, depth, from, stride, to, width);
  for (ptrdiff_t k = 0; count < width && k < depth; k++)
    for (ptrdiff_t i = count; i < width; i++) to[k * width + i] = 0;
}

/// The tile for a constant number of rows.
INLINE void tile_of_rows(ptrdiff_t rows, ptrdiff_t depth, const float *a, const float *b, float *c,
                         ptrdiff_t c_stride) {
  vfloat sums[TILE_ROWS][2];
#pragma clang loop unroll(full)
  for (ptrdiff_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = 0;
  for (ptrdiff_t k = 0; k < depth; k++, a += TILE_ROWS, b += TILE_COLUMNS) {
    vfloat left = load(b), right = load(b + WIDTH);
#pragma clang loop unroll(full)
    for (ptrdiff_t r = 0; r < rows; r++) {
      sums[r][0] += a[r] * left;
      sums[r][1] += a[r] * right;
    }
  }
#pragma clang loop unroll(full)
  for (ptrdiff_t r = 0; r < rows; r++, c += c_stride) {
    store(c, load(c) + sums[r][0]);
    store(c + WIDTH, load(c + WIDTH) + sums[r][1]);
  }
}

static void matmul_tile(ptrdiff_t rows, ptrdiff_t depth, const float *a, const float *b, float *c,
                        ptrdiff_t c_stride) {
  // What is left over at the bottom takes the least of a few heights; its panel is filled up with zeros.
  if (rows == 1)
    tile_of_rows(1, depth, a, b, c, c_stride);
  else if (rows <= TILE_ROWS / 3)
    tile_of_rows(TILE_ROWS / 3, depth, a, b, c, c_stride);
  else if (rows <= TILE_ROWS * 2 / 3)
    tile_of_rows(TILE_ROWS * 2 / 3, depth, a, b, c, c_stride);
  else
    tile_of_rows(TILE_ROWS, depth, a, b, c, c_stride);
}

INLINE void finish_rows(ck_activation_kind kind, float alpha, float beta, const struct ck_matmul_finish *finish) {
  const struct ck_matmul_finish k = *finish;
  for (ptrdiff_t r = 0; r < k.rows; r++) {
    const float *sums = k.sums + r * k.sums_stride;
    float *c = k.c + r * k.c_stride;
    FOR_VECTORS(k.columns, j, n, {
      vfloat value = load_some(sums + j, n);
      if (k.accumulate) value += load_some(c + j, n);
      if (k.bias) value += load_some(k.bias + j, n);
      store_some(c + j, n, activate(kind, alpha, beta, value));
    });
  }
}

static void matmul_finish(const struct ck_matmul_finish *finish) {
#define FINISH(KIND) finish_rows(KIND, finish->activation.alpha, finish->activation.beta, finish)
  FOR_ACTIVATION(finish->activation.kind, FINISH)
#undef FINISH
}

#endif

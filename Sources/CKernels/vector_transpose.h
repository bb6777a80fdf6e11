// Transposition in registers.
#ifndef VECTOR_TRANSPOSE_H
#define VECTOR_TRANSPOSE_H

#include "vector.h"

/// rows[i][j] ↔ rows[j][i]. Zipping row i with row i + WIDTH/2 rotates the bits of the elements' numbers by
/// one; row and column have changed places after log2(WIDTH) rounds.
INLINE void transpose_vectors(vfloat rows[WIDTH]) {
  vfloat zipped[WIDTH];
#pragma clang loop unroll(full)
  for (int round = 1; round < WIDTH; round *= 2) {
#pragma clang loop unroll(full)
    for (int i = 0; i < WIDTH / 2; i++) {
      zipped[2 * i] = ZIP_LOW(rows[i], rows[i + WIDTH / 2]);
      zipped[2 * i + 1] = ZIP_HIGH(rows[i], rows[i + WIDTH / 2]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < WIDTH; i++) rows[i] = zipped[i];
  }
}

/// columns[j][i] = rows[i][j]: the first `width` elements, up to WIDTH, of the first rows, which lie `stride` floats
/// apart. Zeros where there are fewer than WIDTH rows.
INLINE void load_transposed(const float *rows, ptrdiff_t width, ptrdiff_t count, ptrdiff_t stride,
                            vfloat columns[WIDTH]) {
  for (int i = 0; i < WIDTH; i++) columns[i] = i < count ? load_some(rows + i * stride, width) : splat(0);
  transpose_vectors(columns);
}

#endif

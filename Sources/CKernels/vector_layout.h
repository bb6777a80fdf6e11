// Transposition of matrices.
#ifndef VECTOR_LAYOUT_H
#define VECTOR_LAYOUT_H

#include "vector_transpose.h"

/// y[j][i] = x[i][j] for WIDTH columns and the first `count` of a square's WIDTH rows.
INLINE void transpose_square(ptrdiff_t count, const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride) {
  vfloat rows[WIDTH];
#pragma clang loop unroll(full)
  for (int i = 0; i < WIDTH; i++) rows[i] = i < count ? load(x + i * x_stride) : splat(0);
  transpose_vectors(rows);
#pragma clang loop unroll(full)
  for (int i = 0; i < WIDTH; i++) store_some(y + i * y_stride, count, rows[i]);
}

INLINE void transpose_edge(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                           ptrdiff_t y_stride) {
  for (ptrdiff_t j = 0; j < columns; j++)
    for (ptrdiff_t i = 0; i < rows; i++) y[j * y_stride + i] = x[i * x_stride + j];
}

/// The rows that make no square: a constant number of them where images have one, three or four channels.
INLINE void transpose_few_rows(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                               ptrdiff_t y_stride) {
  switch (rows) {
  case 0: return;
  case 1: transpose_edge(1, columns, x, x_stride, y, y_stride); return;
  case 3: transpose_edge(3, columns, x, x_stride, y, y_stride); return;
  case 4: transpose_edge(4, columns, x, x_stride, y, y_stride); return;
  }
  ptrdiff_t j = 0;
  for (; j + WIDTH <= columns; j += WIDTH) transpose_square(rows, x + j, x_stride, y + j * y_stride, y_stride);
  transpose_edge(rows, columns - j, x + j, x_stride, y + j * y_stride, y_stride);
}

static void transpose(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                      ptrdiff_t y_stride) {
  ptrdiff_t whole_rows = rows / WIDTH * WIDTH, whole_columns = columns / WIDTH * WIDTH;
  for (ptrdiff_t j = 0; j < whole_columns; j += WIDTH)
    for (ptrdiff_t i = 0; i < whole_rows; i += WIDTH)
      transpose_square(WIDTH, x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
  transpose_edge(whole_rows, columns - whole_columns, x + whole_columns, x_stride,
                 y + whole_columns * y_stride, y_stride);
  transpose_few_rows(rows - whole_rows, columns, x + whole_rows * x_stride, x_stride, y + whole_rows, y_stride);
}

#endif

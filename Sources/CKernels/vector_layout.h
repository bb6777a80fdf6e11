// Transposition in registers.
#ifndef VECTOR_LAYOUT_H
#define VECTOR_LAYOUT_H

#include "vector.h"

// The elements of two vectors in turn: those of their lower halves, and of their upper ones.
#if WIDTH == 16
#define ZIP_LOW(A, B)                                                                                          \
  __builtin_shufflevector(A, B, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(A, B)                                                                                         \
  __builtin_shufflevector(A, B, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif WIDTH == 8
#define ZIP_LOW(A, B) __builtin_shufflevector(A, B, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(A, B) __builtin_shufflevector(A, B, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ZIP_LOW(A, B) __builtin_shufflevector(A, B, 0, 4, 1, 5)
#define ZIP_HIGH(A, B) __builtin_shufflevector(A, B, 2, 6, 3, 7)
#endif

/// y[j][i] = x[i][j] for a square of WIDTH rows. Zipping row i with row i + WIDTH/2 rotates the bits of the
/// elements' numbers by one; row and column have changed places after log2(WIDTH) rounds.
INLINE void transpose_square(const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride) {
  vfloat rows[WIDTH], zipped[WIDTH];
#pragma clang loop unroll(full)
  for (int i = 0; i < WIDTH; i++) rows[i] = load(x + i * x_stride);
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
#pragma clang loop unroll(full)
  for (int i = 0; i < WIDTH; i++) store(y + i * y_stride, rows[i]);
}

INLINE void transpose_edge(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                           ptrdiff_t y_stride) {
  for (ptrdiff_t j = 0; j < columns; j++)
    for (ptrdiff_t i = 0; i < rows; i++) y[j * y_stride + i] = x[i * x_stride + j];
}

/// The rows that make no square; constant numbers of them, for images have one, three or four channels.
INLINE void transpose_few_rows(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                               ptrdiff_t y_stride) {
  switch (rows) {
  case 1: transpose_edge(1, columns, x, x_stride, y, y_stride); break;
  case 3: transpose_edge(3, columns, x, x_stride, y, y_stride); break;
  case 4: transpose_edge(4, columns, x, x_stride, y, y_stride); break;
  default: transpose_edge(rows, columns, x, x_stride, y, y_stride); break;
  }
}

static void transpose(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                      ptrdiff_t y_stride) {
  ptrdiff_t whole_rows = rows / WIDTH * WIDTH, whole_columns = columns / WIDTH * WIDTH;
  for (ptrdiff_t j = 0; j < whole_columns; j += WIDTH)
    for (ptrdiff_t i = 0; i < whole_rows; i += WIDTH)
      transpose_square(x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
  transpose_edge(whole_rows, columns - whole_columns, x + whole_columns, x_stride,
                 y + whole_columns * y_stride, y_stride);
  transpose_few_rows(rows - whole_rows, columns, x + whole_rows * x_stride, x_stride, y + whole_rows, y_stride);
}

#endif

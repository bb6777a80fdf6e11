// Winograd's minimal filtering F(m, r): m outputs of an r-tap correlation from n = m + r - 1 inputs with n
// multiplications, output·((kernel·taps) ∘ (input·pixels)), by interpolation at n - 1 points and at infinity.
// Points that are each other's reciprocals keep the rounding errors of m = 4 at half of those of 0, ±1, 2.
// Sources: Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015; Barabasz et al., "Error
// analysis and improving the accuracy of Winograd convolution for deep neural networks", 2018.
#ifndef VECTOR_CONV_TRANSFORMS_H
#define VECTOR_CONV_TRANSFORMS_H

#include "vector_conv_tile.h"

struct winograd {
  int m, r, n;
  /// [n][n], [n][r] and [m][n].
  const float *input, *kernel, *output;
};

enum { MOST_POINTS = 36 };

// clang-format off

// Points 0, -1.
static const float input_2_2[3][3] = {
    {1, 1, 0},
    {0, -1, 0},
    {0, 1, 1},
};
static const float kernel_2_2[3][2] = {
    {1, 0},
    {1, -1},
    {0, 1},
};
static const float output_2_2[2][3] = {
    {1, 1, 0},
    {0, -1, 1},
};

// Points 0, 1/2, -1, 2.
static const float input_4_2[5][5] = {
    {1, -1.5f, -1.5f, 1, 0},
    {0, 2, 1, -1, 0},
    {0, -1, 2.5f, -1, 0},
    {0, -0.5f, 0.5f, 1, 0},
    {0, 1, -1.5f, -1.5f, 1},
};
static const float kernel_4_2[5][2] = {
    {1, 0},
    {8.0f / 9, 4.0f / 9},
    {2.0f / 9, -2.0f / 9},
    {1.0f / 9, 2.0f / 9},
    {0, 1},
};
static const float output_4_2[4][5] = {
    {1, 1, 1, 1, 0},
    {0, 0.5f, -1, 2, 0},
    {0, 0.25f, 1, 4, 0},
    {0, 0.125f, -1, 8, 1},
};

// Points 0, 1, -1.
static const float input_2_3[4][4] = {
    {1, 0, -1, 0},
    {0, 1, 1, 0},
    {0, -1, 1, 0},
    {0, -1, 0, 1},
};
static const float kernel_2_3[4][3] = {
    {1, 0, 0},
    {0.5f, 0.5f, 0.5f},
    {0.5f, -0.5f, 0.5f},
    {0, 0, 1},
};
static const float output_2_3[2][4] = {
    {1, 1, 1, 0},
    {0, 1, -1, 1},
};

// Points 0, 2/3, -2/3, 3/2, -3/2.
static const float input_4_3[6][6] = {
    {1, 0, -97.0f / 36, 0, 1, 0},
    {0, 1.5f, 2.25f, -2.0f / 3, -1, 0},
    {0, -1.5f, 2.25f, 2.0f / 3, -1, 0},
    {0, -2.0f / 3, -4.0f / 9, 1.5f, 1, 0},
    {0, 2.0f / 3, -4.0f / 9, -1.5f, 1, 0},
    {0, 1, 0, -97.0f / 36, 0, 1},
};
static const float kernel_4_3[6][3] = {
    {1, 0, 0},
    {81.0f / 130, 27.0f / 65, 18.0f / 65},
    {81.0f / 130, -27.0f / 65, 18.0f / 65},
    {8.0f / 65, 12.0f / 65, 18.0f / 65},
    {8.0f / 65, -12.0f / 65, 18.0f / 65},
    {0, 0, 1},
};
static const float output_4_3[4][6] = {
    {1, 1, 1, 1, 1, 0},
    {0, 2.0f / 3, -2.0f / 3, 1.5f, -1.5f, 0},
    {0, 4.0f / 9, 4.0f / 9, 2.25f, 2.25f, 0},
    {0, 8.0f / 27, -8.0f / 27, 3.375f, -3.375f, 1},
};

// For four taps the points are those of two and of three taps with larger tiles: as many inputs make the same points.
static const float kernel_2_4[5][4] = {
    {1, 0, 0, 0},
    {8.0f / 9, 4.0f / 9, 2.0f / 9, 1.0f / 9},
    {2.0f / 9, -2.0f / 9, 2.0f / 9, -2.0f / 9},
    {1.0f / 9, 2.0f / 9, 4.0f / 9, 8.0f / 9},
    {0, 0, 0, 1},
};
static const float output_2_4[2][5] = {
    {1, 1, 1, 1, 0},
    {0, 0.5f, -1, 2, 1},
};

static const float kernel_3_4[6][4] = {
    {1, 0, 0, 0},
    {81.0f / 130, 27.0f / 65, 18.0f / 65, 12.0f / 65},
    {81.0f / 130, -27.0f / 65, 18.0f / 65, -12.0f / 65},
    {8.0f / 65, 12.0f / 65, 18.0f / 65, 27.0f / 65},
    {8.0f / 65, -12.0f / 65, 18.0f / 65, -27.0f / 65},
    {0, 0, 0, 1},
};
static const float output_3_4[3][6] = {
    {1, 1, 1, 1, 1, 0},
    {0, 2.0f / 3, -2.0f / 3, 1.5f, -1.5f, 0},
    {0, 4.0f / 9, 4.0f / 9, 2.25f, 2.25f, 1},
};

// clang-format on

static const struct winograd winograd_2_2 = {2, 2, 3, &input_2_2[0][0], &kernel_2_2[0][0], &output_2_2[0][0]};
static const struct winograd winograd_4_2 = {4, 2, 5, &input_4_2[0][0], &kernel_4_2[0][0], &output_4_2[0][0]};
static const struct winograd winograd_2_3 = {2, 3, 4, &input_2_3[0][0], &kernel_2_3[0][0], &output_2_3[0][0]};
static const struct winograd winograd_4_3 = {4, 3, 6, &input_4_3[0][0], &kernel_4_3[0][0], &output_4_3[0][0]};
static const struct winograd winograd_2_4 = {2, 4, 5, &input_4_2[0][0], &kernel_2_4[0][0], &output_2_4[0][0]};
static const struct winograd winograd_3_4 = {3, 4, 6, &input_4_3[0][0], &kernel_3_4[0][0], &output_3_4[0][0]};

/// A matrix with its transpose within reach: element [i][j] is values[i·row + j·column].
struct matrix {
  const float *values;
  int rows, columns, row, column;
};

INLINE struct matrix matrix_of(const float *values, int rows, int columns) {
  return (struct matrix){values, rows, columns, columns, 1};
}
INLINE struct matrix transpose_of(const float *values, int rows, int columns) {
  return (struct matrix){values, columns, rows, 1, columns};
}

/// to = matrix · from, for constant matrices: what is zero or one costs nothing.
INLINE void apply(struct matrix matrix, const vfloat *from, int from_step, vfloat *to, int to_step) {
  UNROLL
  for (int i = 0; i < matrix.rows; i++) {
    vfloat sum = splat(0);
    bool is_first = true;
    UNROLL
    for (int j = 0; j < matrix.columns; j++) {
      float factor = matrix.values[i * matrix.row + j * matrix.column];
      if (factor == 0) continue;
      vfloat x = from[j * from_step], term = factor == 1 ? x : factor == -1 ? -x : x * factor;
      sum = is_first ? term : sum + term;
      is_first = false;
    }
    to[i * to_step] = sum;
  }
}

/// to [rows][rows] = matrix · from [columns][columns] · matrixᵀ.
INLINE void apply_twice(struct matrix matrix, const vfloat *from, vfloat *to) {
  vfloat half[MOST_POINTS];
  UNROLL
  for (int j = 0; j < matrix.columns; j++) apply(matrix, from + j, matrix.columns, half + j, matrix.columns);
  UNROLL
  for (int i = 0; i < matrix.rows; i++) apply(matrix, half + i * matrix.columns, 1, to + i * matrix.rows, 1);
}

INLINE void transform_input(const struct winograd *w, const vfloat *pixels, vfloat *points) {
  apply_twice(matrix_of(w->input, w->n, w->n), pixels, points);
}
INLINE void transform_kernel(const struct winograd *w, const vfloat *taps, vfloat *points) {
  apply_twice(matrix_of(w->kernel, w->n, w->r), taps, points);
}
INLINE void transform_output(const struct winograd *w, const vfloat *points, vfloat *pixels) {
  apply_twice(matrix_of(w->output, w->m, w->n), points, pixels);
}

// The weight gradient goes the other way: what was an output is an operand, and the kernel the result.
INLINE void transform_output_gradient(const struct winograd *w, const vfloat *pixels, vfloat *points) {
  apply_twice(transpose_of(w->output, w->m, w->n), pixels, points);
}
INLINE void transform_kernel_gradient(const struct winograd *w, const vfloat *points, vfloat *taps) {
  apply_twice(transpose_of(w->kernel, w->n, w->r), points, taps);
}

#endif

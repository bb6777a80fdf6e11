// Sums in vectors.
#ifndef VECTOR_REDUCE_H
#define VECTOR_REDUCE_H

#include "vector_unary.h"

enum {
  /// Vectors that `sum` adds at a time: as many independent chains.
  SUM_CHAINS = 4,
  /// Elements after which `sum` drains its float accumulators into a double.
  SUM_BLOCK = 64 * SUM_CHAINS * WIDTH,
};

INLINE void add_rows(ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride, const float *x, float *sum) {
  FOR_VECTORS(width, j, n, {
    vfloat total = load(sum + j);
    for (ptrdiff_t r = 0; r < rows; r++) total += load_some(x + r * stride + j, n);
    store_some(sum + j, n, total);
  });
}

static void column_sums(ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride, const float *x, float *sum) {
  ptrdiff_t row = 0;
  for (; row + 4 <= rows; row += 4) add_rows(4, width, stride, x + row * stride, sum);
  for (; row < rows; row++) add_rows(1, width, stride, x + row * stride, sum);
}

/// The sum of at most SUM_BLOCK elements.
INLINE double sum_block(ptrdiff_t count, const float *x) {
  vfloat chains[SUM_CHAINS] = {0, 0, 0, 0};
  ptrdiff_t i = 0;
  for (; i + SUM_CHAINS * WIDTH <= count; i += SUM_CHAINS * WIDTH)
    for (int chain = 0; chain < SUM_CHAINS; chain++) chains[chain] += load(x + i + chain * WIDTH);
  FOR_VECTORS(count - i, j, n, { chains[0] += load_some(x + i + j, n); });
  vfloat total = (chains[0] + chains[1]) + (chains[2] + chains[3]);
  double lanes[WIDTH];
  for (int lane = 0; lane < WIDTH; lane++) lanes[lane] = (double)total[lane];
  for (int half = WIDTH / 2; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

static double sum(ptrdiff_t count, const float *x) {
  double total = 0;
  for (; count > SUM_BLOCK; count -= SUM_BLOCK, x += SUM_BLOCK) total += sum_block(SUM_BLOCK, x);
  return total + sum_block(count, x);
}

INLINE void bias_add_rows(ck_activation_kind kind, float alpha, float beta, ptrdiff_t rows, ptrdiff_t width,
                          ptrdiff_t stride, const float *x, const float *bias, float *y) {
  for (ptrdiff_t r = 0; r < rows; r++)
    FOR_VECTORS(width, j, n, {
      vfloat value = load_some(x + r * stride + j, n) + load(bias + j);
      store_some(y + r * stride + j, n, activate(kind, alpha, beta, value));
    });
}

static void bias_add(ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride, const float *x, const float *bias,
                     ck_activation activation, float *y) {
#define BIAS_ADD(KIND) bias_add_rows(KIND, activation.alpha, activation.beta, rows, width, stride, x, bias, y)
  FOR_ACTIVATION(activation.kind, BIAS_ADD)
#undef BIAS_ADD
}

#endif

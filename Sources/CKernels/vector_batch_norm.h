// Batch normalisation of one block of rows. With d = x - mean, the value before the activation is
// d·scale + bias in every loop, so that forward and backward agree on its sign.
#ifndef VECTOR_BATCH_NORM_H
#define VECTOR_BATCH_NORM_H

#include "vector_unary.h"

// Rows that a sum takes in at a time: a column's accumulators are then loaded and stored once for four rows.
enum { ROWS_AT_A_TIME = 4 };

INLINE void moments_of_rows(struct ck_batch_norm_block k, ptrdiff_t row, ptrdiff_t rows) {
  FOR_VECTORS(k.width, j, n, {
    vfloat mean = load(k.panel->mean + j);
    vfloat sum = load(k.sum + j), squares = load(k.product + j);
    for (ptrdiff_t r = row; r < row + rows; r++) {
      vfloat d = load_some(k.x + r * k.stride + j, n) - mean;
      sum += d;
      squares += d * d;
    }
    store_some(k.sum + j, n, sum);
    store_some(k.product + j, n, squares);
  });
}

static void batch_norm_moments(const struct ck_batch_norm_block *block) {
  const struct ck_batch_norm_block k = *block;
  ptrdiff_t row = 0;
  for (; row + ROWS_AT_A_TIME <= k.rows; row += ROWS_AT_A_TIME) moments_of_rows(k, row, ROWS_AT_A_TIME);
  for (; row < k.rows; row++) moments_of_rows(k, row, 1);
}

INLINE void normalize_block(ck_activation_kind kind, struct ck_batch_norm_block k) {
  for (ptrdiff_t r = 0; r < k.rows; r++) {
    const float *x = k.x + r * k.stride;
    float *y = k.y + r * k.stride;
    FOR_VECTORS(k.width, j, n, {
      vfloat d = load_some(x + j, n) - load(k.panel->mean + j);
      vfloat value = d * load(k.panel->scale + j) + load(k.panel->bias + j);
      store_some(y + j, n, activate(kind, k.activation.alpha, k.activation.beta, value));
    });
  }
}

static void batch_norm_normalize(const struct ck_batch_norm_block *block) {
#define NORMALIZE(KIND) normalize_block(KIND, *block)
  FOR_ACTIVATION(block->activation.kind, NORMALIZE)
#undef NORMALIZE
}

/// The gradient before the activation, of the row that starts at `at`, and d.
struct gradient {
  vfloat g, d;
};

INLINE struct gradient gradient_at(ck_activation_kind kind, const struct ck_batch_norm_block *k, ptrdiff_t at,
                                   ptrdiff_t j, ptrdiff_t n) {
  vfloat d = load_some(k->x + at + j, n) - load(k->panel->mean + j), dy = load_some(k->dy + at + j, n);
  if (kind == CK_ACT_NONE) return (struct gradient){dy, d};
  vfloat value = d * load(k->panel->scale + j) + load(k->panel->bias + j);
  return (struct gradient){
      dy * activation_derivative(kind, k->activation.alpha, k->activation.beta, value), d};
}

INLINE void backward_reduce_rows(ck_activation_kind kind, struct ck_batch_norm_block k, ptrdiff_t row,
                                 ptrdiff_t rows) {
  FOR_VECTORS(k.width, j, n, {
    vfloat sum = load(k.sum + j), product = load(k.product + j);
    for (ptrdiff_t r = row; r < row + rows; r++) {
      struct gradient gradient = gradient_at(kind, &k, r * k.stride, j, n);
      sum += gradient.g;
      product += gradient.g * gradient.d;
    }
    store_some(k.sum + j, n, sum);
    store_some(k.product + j, n, product);
  });
}

INLINE void backward_reduce_block(ck_activation_kind kind, struct ck_batch_norm_block k) {
  ptrdiff_t row = 0;
  for (; row + ROWS_AT_A_TIME <= k.rows; row += ROWS_AT_A_TIME)
    backward_reduce_rows(kind, k, row, ROWS_AT_A_TIME);
  for (; row < k.rows; row++) backward_reduce_rows(kind, k, row, 1);
}

static void batch_norm_backward_reduce(const struct ck_batch_norm_block *block) {
#define BACKWARD_REDUCE(KIND) backward_reduce_block(KIND, *block)
  FOR_ACTIVATION(block->activation.kind, BACKWARD_REDUCE)
#undef BACKWARD_REDUCE
}

INLINE void backward_apply_block(ck_activation_kind kind, struct ck_batch_norm_block k) {
  for (ptrdiff_t r = 0; r < k.rows; r++) {
    float *dx = k.y + r * k.stride;
    FOR_VECTORS(k.width, j, n, {
      struct gradient gradient = gradient_at(kind, &k, r * k.stride, j, n);
      vfloat centered = gradient.g - load(k.panel->offset + j);
      vfloat value = centered - gradient.d * load(k.panel->slope + j);
      store_some(dx + j, n, value * load(k.panel->scale + j));
    });
  }
}

static void batch_norm_backward_apply(const struct ck_batch_norm_block *block) {
#define BACKWARD_APPLY(KIND) backward_apply_block(KIND, *block)
  FOR_ACTIVATION(block->activation.kind, BACKWARD_APPLY)
#undef BACKWARD_APPLY
}

#endif

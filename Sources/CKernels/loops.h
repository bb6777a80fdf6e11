// The inner loops that are compiled once for each instruction set. What stands around them, the chunks and
// the threads, is compiled once.
#ifndef LOOPS_H
#define LOOPS_H

#include "ckernels_elementwise.h"
#include "ckernels_isa.h"
#include "ckernels_optimizer.h"
#include "columns.h"

/// A loop over `count` elements; a loop that has no use for p0, p1 or b ignores it. y may be a or b.
typedef void (*ck_loop)(ptrdiff_t count, float p0, float p1, const float *a, const float *b, float *y);

/// The constants of a panel of columns in batch normalisation, with inverse = 1/sqrt(variance + eps).
struct ck_batch_norm_panel {
  /// `scale` is weight·inverse. The last two are the backward pass's Σg/rows and inverse·(Σ g·xhat)/rows.
  float mean[CK_PANEL], scale[CK_PANEL], bias[CK_PANEL], offset[CK_PANEL], slope[CK_PANEL];
};

/// Rows × width elements whose rows are `stride` apart, in one panel. Arrays of the panel and the sums are
/// read in whole vectors.
struct ck_batch_norm_block {
  ptrdiff_t rows, width, stride;
  const float *x, *dy;
  /// y or dx.
  float *y;
  const struct ck_batch_norm_panel *panel;
  ck_activation activation;
  /// What the reductions add to: [width] each.
  float *sum, *product;
};

struct ck_loops {
  /// y = f(a).
  ck_loop unary[CK_UNARY_COUNT];
  /// y = a · f'(b), b the saved input or output.
  ck_loop unary_backward[CK_UNARY_COUNT];
  /// y = f(a, b).
  ck_loop binary[CK_BINARY_COUNT];
  /// y = p0·a + p1.
  ck_loop affine;
  /// y = p0.
  ck_loop fill;
  /// y = c + a·b.
  void (*multiply_add)(ptrdiff_t count, const float *a, const float *b, const float *c, float *y);
  /// Whether all elements are finite.
  bool (*all_finite)(ptrdiff_t count, const float *x);

  /// y[j·y_stride + i] = x[i·x_stride + j] for i < rows, j < columns.
  void (*transpose)(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_stride, float *y,
                    ptrdiff_t y_stride);

  /// sum += Σd and product += Σd², d = x - mean.
  void (*batch_norm_moments)(const struct ck_batch_norm_block *block);
  /// y = act(d·scale + bias).
  void (*batch_norm_normalize)(const struct ck_batch_norm_block *block);
  /// sum += Σg and product += Σ g·d, g = dy · act'(d·scale + bias).
  void (*batch_norm_backward_reduce)(const struct ck_batch_norm_block *block);
  /// y = scale · (g - offset - d·slope).
  void (*batch_norm_backward_apply)(const struct ck_batch_norm_block *block);

  /// One optimiser update of a run of elements; the constants are those of `optimizer_constants.h`.
  void (*adam)(const void *constants, const ck_optimizer_segment *segment);
  void (*sgd)(const void *constants, const ck_optimizer_segment *segment);
  void (*rmsprop)(const void *constants, const ck_optimizer_segment *segment);
};

extern const struct ck_loops ck_loops_portable;
#if defined(__x86_64__)
extern const struct ck_loops ck_loops_avx2, ck_loops_avx512;
#endif

/// The loops of the current instruction set; NULL for the scalar one, whose kernels are the reference loops.
const struct ck_loops *ck_loops_current(void);

#endif

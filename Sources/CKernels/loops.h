// The inner loops that are compiled once for each instruction set. What stands around them, the chunks and
// the threads, is compiled once.
#ifndef LOOPS_H
#define LOOPS_H

#include "ckernels_elementwise.h"
#include "ckernels_isa.h"
#include "ckernels_optimizer.h"
#include "ckernels_random.h"
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

/// A pooling window inside an NHWC image; strides count elements.
struct ck_window {
  ptrdiff_t rows, columns, row_stride, pixel_stride;
};

/// What becomes of a block of products: c = act(sums + c if `accumulate` + bias unless NULL).
struct ck_matmul_finish {
  ptrdiff_t rows, columns, sums_stride, c_stride;
  const float *sums, *bias;
  float *c;
  bool accumulate;
  ck_activation activation;
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

  /// sum[j] += the sum of column j of a block whose rows are `stride` apart.
  void (*column_sums)(ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride, const float *x, float *sum);
  /// The sum of a run of elements.
  double (*sum)(ptrdiff_t count, const float *x);
  /// y = act(x + bias) for a block whose rows are `stride` apart.
  void (*bias_add)(ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride, const float *x, const float *bias,
                   ck_activation activation, float *y);

  /// sum += Σd and product += Σd², d = x - mean.
  void (*batch_norm_moments)(const struct ck_batch_norm_block *block);
  /// y = act(d·scale + bias).
  void (*batch_norm_normalize)(const struct ck_batch_norm_block *block);
  /// sum += Σg and product += Σ g·d, g = dy · act'(d·scale + bias).
  void (*batch_norm_backward_reduce)(const struct ck_batch_norm_block *block);
  /// y = scale · (g - offset - d·slope).
  void (*batch_norm_backward_apply)(const struct ck_batch_norm_block *block);

  /// The rows and columns of the tile that `matmul_tile` computes.
  ptrdiff_t matmul_tile_rows, matmul_tile_columns;
  /// Packs `count` lines, `stride` apart, into a panel of `width` lines: to[k·width + i] = from(i, k), and 0
  /// for i ≥ count. One of the strides is 1.
  void (*matmul_pack)(ptrdiff_t count, ptrdiff_t depth, const float *from, ptrdiff_t stride,
                      ptrdiff_t depth_stride, ptrdiff_t width, float *to);
  /// c += a panel of A times a panel of B: `rows` rows of the tile, or some more.
  void (*matmul_tile)(ptrdiff_t rows, ptrdiff_t depth, const float *a, const float *b, float *c,
                      ptrdiff_t c_stride);
  void (*matmul_finish)(const struct ck_matmul_finish *finish);

  /// y = scale · the sum of a window, for each channel.
  void (*window_sum)(const struct ck_window *window, ptrdiff_t channels, float scale, const float *x,
                     float *y);
  /// dx += scale · dy, all over a window.
  void (*window_spread)(const struct ck_window *window, ptrdiff_t channels, float scale, const float *dy,
                        float *dx);
  /// y = the largest element of a window, or its first NaN; the next two say "chosen" for that element.
  void (*window_max)(const struct ck_window *window, ptrdiff_t channels, const float *x, float *y);
  /// y = t at the chosen element.
  void (*window_max_gather)(const struct ck_window *window, ptrdiff_t channels, const float *x,
                            const float *t, float *y);
  /// dx at the chosen element += dy.
  void (*window_max_scatter)(const struct ck_window *window, ptrdiff_t channels, const float *x,
                             const float *dy, float *dx);

  /// Random numbers from `source` on: y = p0 + p1·u, u uniform on [0, 1).
  void (*random_uniform)(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y);
  /// y = p0 + p1·z, z standard normal.
  void (*random_normal)(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y);
  /// y = 0 where the upper 24 bits of a word are below p0, a whole number; else p1.
  void (*random_dropout)(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y);

  /// One optimiser update of a run of elements; the constants are those of `optimizer_constants.h`.
  void (*adam)(const void *constants, const ck_optimizer_segment *segment);
  void (*sgd)(const void *constants, const ck_optimizer_segment *segment);
  void (*rmsprop)(const void *constants, const ck_optimizer_segment *segment);

  /// Independent multiply-adds, so many rounds of so many multiplications and additions.
  void (*multiply_add_chains)(ptrdiff_t rounds);
  ptrdiff_t multiply_add_chains_flops;
};

extern const struct ck_loops ck_loops_portable;
#if defined(__x86_64__)
extern const struct ck_loops ck_loops_avx2, ck_loops_avx512;
#endif

/// The loops of the current instruction set; NULL for the scalar one, whose kernels are the reference loops.
const struct ck_loops *ck_loops_current(void);

#endif

#ifndef CKERNELS_ROWS_H
#define CKERNELS_ROWS_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

#include <stdbool.h>

// Kernels whose results are whole rows: softmax, one-hot rows, means over groups of images, interpolation.

/// y = exp(x) / Σ exp(x) along each row of x [rows, columns], or its logarithm. y may be x.
void ck_softmax(ck_pool *pool, ptrdiff_t rows, ptrdiff_t columns, bool is_log, const float *x, float *y);

/// y [count, classes] = a one at each row's label and zeros elsewhere; a row of NaN where the label is no whole
/// number from 0 to classes - 1.
void ck_one_hot(ck_pool *pool, ptrdiff_t count, ptrdiff_t classes, const float *labels, float *y);

/// y [batch, height, width, channels] = x with each image moved by its own whole pixels, `down` and `right`
/// [batch], or the other way with `back`; zeros come in. y is not x.
void ck_translate(ck_pool *pool, ptrdiff_t batch, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels,
                  bool back, const float *x, const float *down, const float *right, float *y);

/// y [batch, extent] = 1 at the places from centre - size / 2 on, `size` of them as far as there are, and 0
/// elsewhere.
void ck_window(ck_pool *pool, ptrdiff_t batch, ptrdiff_t extent, ptrdiff_t size, const float *centre, float *y);

/// y = the mean over each group of images of x [batch, count]: with batch/group groups, image i belongs to group
/// i mod (batch/group). `group` divides the batch. y may be x.
void ck_group_mean(ck_pool *pool, ptrdiff_t batch, ptrdiff_t count, ptrdiff_t group, const float *x, float *y);

/// Linear interpolation along the middle axis of [outer, small, inner] to [outer, large, inner]. The place of
/// pixel o is (o + 1/2)·small/large - 1/2, at least 0, or o·(small - 1)/(large - 1) with aligned corners;
/// beyond the last pixel is the last pixel. "Large" is the result, whichever extent is the larger.
/// Source: PyTorch `nn.Upsample`.
typedef struct {
  ptrdiff_t outer, small, large, inner;
  bool align_corners;
} ck_interpolation;

void ck_interpolate(ck_pool *pool, const ck_interpolation *shape, const float *x, float *y);
/// dx = the adjoint of `ck_interpolate` at dy.
void ck_interpolate_adjoint(ck_pool *pool, const ck_interpolation *shape, const float *dy, float *dx);

// The plain loops that the fast kernels are tested against, in double.
void ck_softmax_reference(ptrdiff_t rows, ptrdiff_t columns, bool is_log, const float *x, float *y);
void ck_group_mean_reference(ptrdiff_t batch, ptrdiff_t count, ptrdiff_t group, const float *x, float *y);
void ck_interpolate_reference(const ck_interpolation *shape, const float *x, float *y);
void ck_interpolate_adjoint_reference(const ck_interpolation *shape, const float *dy, float *dx);

#endif

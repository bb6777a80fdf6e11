#ifndef CKERNELS_POOLING_H
#define CKERNELS_POOLING_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

#include <stdbool.h>

// Pooling and nearest-neighbour resizing of NHWC images.

/// A pooling's shape: x [batch, height, width, channels] → y [batch, out_height, out_width, channels], with
/// out = (in + 2·padding - kernel) / stride + 1 rounded down and padding ≤ kernel / 2.
/// Source: PyTorch `nn/modules/pooling.py`.
typedef struct {
  ptrdiff_t batch, height, width, channels;
  ptrdiff_t out_height, out_width;
  ptrdiff_t kernel_height, kernel_width;
  ptrdiff_t stride_height, stride_width;
  ptrdiff_t padding_height, padding_width;
  /// Average pooling divides by the whole window, padding included; else by the part inside the image.
  bool count_include_pad;
} ck_pooling;

void ck_avg_pool2d(ck_pool *pool, const ck_pooling *shape, const float *x, float *y);
/// dx = the adjoint of `ck_avg_pool2d` at dy.
void ck_avg_pool2d_adjoint(ck_pool *pool, const ck_pooling *shape, const float *dy, float *dx);

/// The largest element of each window; a NaN in the window wins.
void ck_max_pool2d(ck_pool *pool, const ck_pooling *shape, const float *x, float *y);
/// dx = dy scattered to each window's first largest element of x (the first NaN where there is one), as
/// PyTorch's indices say; windows that share an element add up.
void ck_max_pool2d_gradient(ck_pool *pool, const ck_pooling *shape, const float *x, const float *dy,
                            float *dx);
/// y = t at each window's first largest element of x: the adjoint of `ck_max_pool2d_gradient` in dy.
void ck_max_pool2d_gather(ck_pool *pool, const ck_pooling *shape, const float *x, const float *t, float *y);

/// x [batch, height, width, channels] → y [batch, height·scale_height, width·scale_width, channels].
void ck_upsample_nearest2d(ck_pool *pool, ptrdiff_t batch, ptrdiff_t height, ptrdiff_t width,
                           ptrdiff_t channels, ptrdiff_t scale_height, ptrdiff_t scale_width, const float *x,
                           float *y);

// The plain loops that the fast kernels are tested against.
void ck_avg_pool2d_reference(const ck_pooling *shape, const float *x, float *y);
void ck_avg_pool2d_adjoint_reference(const ck_pooling *shape, const float *dy, float *dx);
void ck_max_pool2d_reference(const ck_pooling *shape, const float *x, float *y);
void ck_max_pool2d_gradient_reference(const ck_pooling *shape, const float *x, const float *dy, float *dx);
void ck_max_pool2d_gather_reference(const ck_pooling *shape, const float *x, const float *t, float *y);

#endif

#ifndef CKERNELS_REDUCE_H
#define CKERNELS_REDUCE_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

// Sums and broadcasts. Strides count elements. Every sum is cut into chunks that depend on the shape
// alone and combined in double in a fixed order.

enum {
  /// The largest rank of the strided kernels.
  CK_MAX_RANK = 6
};

/// Bytes of workspace for `ck_sum_all`, `ck_sum_rows` (rows · columns elements) and `ck_reduce_sum` of a
/// tensor with `count` elements; `columns` is the innermost extent. Aligned to 64 bytes by the caller.
size_t ck_reduce_workspace_bytes(ptrdiff_t count, ptrdiff_t columns);

/// result[0] = scale · Σx. A mean is a sum with scale 1/count.
void ck_sum_all(ck_pool *pool, ptrdiff_t count, float scale, const float *x, float *result, void *workspace);

/// y[c] = scale · Σ_r x[r, c] for x [rows, columns]: a bias gradient.
void ck_sum_rows(ck_pool *pool, ptrdiff_t rows, ptrdiff_t columns, float scale, const float *x, float *y,
                 void *workspace);

/// y = scale · the sum of x over all axes whose `y_strides` entry is 0; `dims` and `x_strides` describe x,
/// `y_strides` says where an element's axis goes in y. Takes the fast paths above where they fit.
/// Axes of extent 1 may have any stride. rank ≤ CK_MAX_RANK.
void ck_reduce_sum(ck_pool *pool, int rank, const ptrdiff_t *dims, float scale, const float *x,
                   const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides, void *workspace);

/// y[i…] = x[i…] with dims of y; an axis whose `x_strides` entry is 0 is repeated.
void ck_broadcast(ck_pool *pool, int rank, const ptrdiff_t *dims, const float *x, const ptrdiff_t *x_strides,
                  float *y, const ptrdiff_t *y_strides);

/// y = act(x + bias) for x [rows, channels] and bias [channels]. y may be x.
void ck_bias_add(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *bias,
                 ck_activation activation, float *y);

// The plain loops that the fast kernels are tested against, accumulating in double.
void ck_reduce_sum_reference(int rank, const ptrdiff_t *dims, float scale, const float *x,
                             const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides);
void ck_bias_add_reference(ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *bias,
                           ck_activation activation, float *y);

#endif

#ifndef CKERNELS_LAYOUT_H
#define CKERNELS_LAYOUT_H

#include "ckernels_common.h"
#include "ckernels_pool.h"
#include "ckernels_reduce.h"

// Copies that change the layout or the shape. Source and destination must not overlap.

/// x [batch, channels, pixels] → y [batch, pixels, channels], pixels = H·W.
void ck_nchw_to_nhwc(ck_pool *pool, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t pixels, const float *x,
                     float *y);
/// x [batch, pixels, channels] → y [batch, channels, pixels], pixels = H·W.
void ck_nhwc_to_nchw(ck_pool *pool, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t pixels, const float *x,
                     float *y);

/// y[i…] = x[i…] over `dims`, each side with its own strides in elements (of either sign; 0 in x repeats).
/// Slices, pads (after a fill), concatenations, flips, transpositions. rank ≤ CK_MAX_RANK.
void ck_strided_copy(ck_pool *pool, int rank, const ptrdiff_t *dims, const float *x,
                     const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides);

/// The plain loop that the fast copies are tested against.
void ck_strided_copy_reference(int rank, const ptrdiff_t *dims, const float *x, const ptrdiff_t *x_strides,
                               float *y, const ptrdiff_t *y_strides);

#endif

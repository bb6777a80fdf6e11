#ifndef CKERNELS_BATCH_NORM_H
#define CKERNELS_BATCH_NORM_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

// Batch normalisation over [rows, channels], channels innermost: NHWC with rows = N·H·W.
// mean, variance (biased), weight, bias, running_*: [channels]. A NULL weight is 1, a NULL bias 0.
// Workspaces are aligned to 64 bytes; they need no initial value and keep none.

/// Bytes of workspace for `ck_batch_norm_statistics` and `ck_batch_norm_backward_reduce`.
size_t ck_batch_norm_workspace_bytes(ptrdiff_t rows, ptrdiff_t channels);

/// mean = Σx/rows and the biased variance Σ(x - mean)²/rows, safe where the mean is far larger than the
/// standard deviation.
void ck_batch_norm_statistics(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x, float *mean,
                              float *variance, void *workspace);

/// y = act((x - mean) / sqrt(variance + eps) · weight + bias): training with the batch's statistics,
/// inference with the running ones. y may be x.
void ck_batch_norm_normalize(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x,
                             const float *mean, const float *variance, const float *weight,
                             const float *bias, float eps, ck_activation activation, float *y);

/// The sums of the backward pass, fused with the activation's. With xhat = (x - mean) / sqrt(variance + eps)
/// and g = dy · act'(xhat·weight + bias), where dy is the gradient after the activation:
/// dbias = Σg and dweight = Σ g·xhat.
void ck_batch_norm_backward_reduce(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                   const float *x, const float *mean, const float *variance,
                                   const float *weight, const float *bias, float eps,
                                   ck_activation activation, float *dbias, float *dweight, void *workspace);

/// dx = weight / sqrt(variance + eps) · (g - dbias/rows - xhat·dweight/rows), with g as above recomputed.
/// dx may be dy or x.
void ck_batch_norm_backward_apply(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                  const float *x, const float *mean, const float *variance,
                                  const float *weight, const float *bias, float eps,
                                  ck_activation activation, const float *dbias, const float *dweight,
                                  float *dx);

/// running = (1 - momentum)·running + momentum·batch; the variance enters as the unbiased
/// variance·rows/(rows - 1).
void ck_batch_norm_update_running(ptrdiff_t rows, ptrdiff_t channels, float momentum, const float *mean,
                                  const float *variance, float *running_mean, float *running_variance);

// The plain loops that the fast kernels are tested against, accumulating in double.
void ck_batch_norm_statistics_reference(ptrdiff_t rows, ptrdiff_t channels, const float *x, float *mean,
                                        float *variance);
void ck_batch_norm_normalize_reference(ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *mean,
                                       const float *variance, const float *weight, const float *bias,
                                       float eps, ck_activation activation, float *y);
void ck_batch_norm_backward_reduce_reference(ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                             const float *x, const float *mean, const float *variance,
                                             const float *weight, const float *bias, float eps,
                                             ck_activation activation, float *dbias, float *dweight);
void ck_batch_norm_backward_apply_reference(ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                            const float *x, const float *mean, const float *variance,
                                            const float *weight, const float *bias, float eps,
                                            ck_activation activation, const float *dbias,
                                            const float *dweight, float *dx);

#endif

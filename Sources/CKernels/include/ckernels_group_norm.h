#ifndef CKERNELS_GROUP_NORM_H
#define CKERNELS_GROUP_NORM_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

// Normalisation over groups of channels of single images, NHWC: instance norm with as many groups as channels,
// layer norm with one. Each image is one task, so that results do not depend on the number of threads.

/// Images of pixels × channels elements; `groups` divides the channels.
typedef struct {
  ptrdiff_t images, pixels, channels, groups;
  float eps;
} ck_group_norm;

/// Bytes of workspace for both kernels, aligned to 64 bytes by the caller.
size_t ck_group_norm_workspace_bytes(const ck_group_norm *shape, int lanes);

/// mean and variance (biased) [images, groups] of the groups, and y = (x - mean) / sqrt(variance + eps). y may
/// be x.
void ck_group_norm_forward(ck_pool *pool, const ck_group_norm *shape, const float *x, float *y, float *mean,
                           float *variance, void *workspace);

/// dx of y alone: with d = x - mean, r = 1/sqrt(variance + eps) and means over the group,
/// dx = r·(dy - mean(dy) - d·r²·mean(dy·d)). dx may be dy or x.
void ck_group_norm_backward(ck_pool *pool, const ck_group_norm *shape, const float *dy, const float *x,
                            const float *mean, const float *variance, float *dx, void *workspace);

// The plain loops that the fast kernels are tested against, in double.
void ck_group_norm_forward_reference(const ck_group_norm *shape, const float *x, float *y, float *mean,
                                     float *variance);
void ck_group_norm_backward_reference(const ck_group_norm *shape, const float *dy, const float *x,
                                      const float *mean, const float *variance, float *dx);

#endif

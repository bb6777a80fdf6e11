#ifndef CKERNELS_OPTIMIZER_H
#define CKERNELS_OPTIMIZER_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

#include <stdbool.h>
#include <stdint.h>

// Optimiser steps over all parameters of a network in one pass. The formulas and their order are those of
// PyTorch's single-tensor functions in `torch/optim`. `step` counts the updates, this one
// included; bias corrections and other constants are computed in double.

/// One parameter tensor with its gradient and the optimiser's states, `count` elements each.
typedef struct {
  float *parameter;
  const float *gradient;
  /// Adam's exp_avg; the momentum buffer of SGD and RMSprop (unused without momentum, may be NULL).
  float *momentum;
  /// Adam's exp_avg_sq, RMSprop's square_avg; unused by SGD.
  float *second_moment;
  /// RMSprop's grad_avg if centred; else unused.
  float *mean_gradient;
  ptrdiff_t count;
} ck_optimizer_segment;

typedef struct {
  double learning_rate, beta1, beta2, eps, weight_decay;
  /// AdamW: the weight decay shrinks the weight; else it is added to the gradient.
  bool decoupled_weight_decay;
} ck_adam_options;

typedef struct {
  double learning_rate, momentum, dampening, weight_decay;
  bool nesterov;
} ck_sgd_options;

typedef struct {
  double learning_rate, alpha, eps, momentum, weight_decay;
  bool centered;
} ck_rmsprop_options;

void ck_adam_step(ck_pool *pool, const ck_adam_options *options, const ck_optimizer_segment *segments,
                  ptrdiff_t segment_count, int64_t step);
/// The momentum buffer of the first update (step is 1) is the gradient itself.
void ck_sgd_step(ck_pool *pool, const ck_sgd_options *options, const ck_optimizer_segment *segments,
                 ptrdiff_t segment_count, int64_t step);
void ck_rmsprop_step(ck_pool *pool, const ck_rmsprop_options *options, const ck_optimizer_segment *segments,
                     ptrdiff_t segment_count);

// The plain loops that the fast kernels are tested against.
void ck_adam_step_reference(const ck_adam_options *options, const ck_optimizer_segment *segments,
                            ptrdiff_t segment_count, int64_t step);
void ck_sgd_step_reference(const ck_sgd_options *options, const ck_optimizer_segment *segments,
                           ptrdiff_t segment_count, int64_t step);
void ck_rmsprop_step_reference(const ck_rmsprop_options *options, const ck_optimizer_segment *segments,
                               ptrdiff_t segment_count);

#endif

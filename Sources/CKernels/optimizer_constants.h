// What an optimiser step's loops read: computed in double, and rounded to float where PyTorch multiplies a
// float tensor by a Python number.
#ifndef OPTIMIZER_CONSTANTS_H
#define OPTIMIZER_CONSTANTS_H

#include "ckernels_optimizer.h"

#include <math.h>

/// Linear interpolation by `weight`, from the nearer end as PyTorch's `lerp` has it: with weight 1 the result
/// is the end itself.
struct ck_lerp {
  float weight, complement;
  bool from_end;
};

static inline struct ck_lerp ck_lerp_by(double weight) {
  return (struct ck_lerp){(float)weight, 1 - (float)weight, weight >= 0.5};
}

static inline float ck_interpolate(struct ck_lerp k, float start, float end) {
  return k.from_end ? end - k.complement * (end - start) : start + k.weight * (end - start);
}

struct ck_adam_constants {
  /// The decoupled weight decay's factor on the parameter; 1 when it is not decoupled.
  float shrink;
  /// The weight decay that the gradient takes in; 0 when it is decoupled.
  float decay;
  struct ck_lerp momentum;
  float beta2, complement2;
  /// lr / (1 - beta1^step) and 1 / sqrt(1 - beta2^step).
  float rate, root_scale;
  float eps;
};

static inline struct ck_adam_constants ck_adam_constants_at(const ck_adam_options *options, int64_t step) {
  bool decoupled = options->decoupled_weight_decay;
  return (struct ck_adam_constants){
      .shrink = decoupled ? (float)(1 - options->learning_rate * options->weight_decay) : 1,
      .decay = decoupled ? 0 : (float)options->weight_decay,
      .momentum = ck_lerp_by(1 - options->beta1),
      .beta2 = (float)options->beta2,
      .complement2 = (float)(1 - options->beta2),
      .rate = (float)(options->learning_rate / (1 - pow(options->beta1, (double)step))),
      .root_scale = (float)(1 / sqrt(1 - pow(options->beta2, (double)step))),
      .eps = (float)options->eps};
}

struct ck_sgd_constants {
  float rate, momentum, undamped, decay;
  bool nesterov, is_first;
};

static inline struct ck_sgd_constants ck_sgd_constants_at(const ck_sgd_options *options, int64_t step) {
  return (struct ck_sgd_constants){.rate = (float)options->learning_rate,
                                   .momentum = (float)options->momentum,
                                   .undamped = (float)(1 - options->dampening),
                                   .decay = (float)options->weight_decay,
                                   .nesterov = options->nesterov,
                                   .is_first = step == 1};
}

struct ck_rmsprop_constants {
  float rate, alpha, complement, eps, momentum, decay;
  struct ck_lerp mean;
  bool centered;
};

static inline struct ck_rmsprop_constants ck_rmsprop_constants_of(const ck_rmsprop_options *options) {
  return (struct ck_rmsprop_constants){.rate = (float)options->learning_rate,
                                       .alpha = (float)options->alpha,
                                       .complement = (float)(1 - options->alpha),
                                       .eps = (float)options->eps,
                                       .momentum = (float)options->momentum,
                                       .decay = (float)options->weight_decay,
                                       .mean = ck_lerp_by(1 - options->alpha),
                                       .centered = options->centered};
}

#endif

// Optimiser steps as plain loops. The constants are computed in double and rounded to float where PyTorch
// multiplies a float tensor by a Python number.

#include "ckernels_optimizer.h"

#include <math.h>

void ck_adam_step_reference(const ck_adam_options *options, const ck_optimizer_segment *segments,
                            ptrdiff_t segment_count, const float *step) {
  double correction1 = 1 - pow(options->beta1, (double)*step);
  double correction2 = 1 - pow(options->beta2, (double)*step);
  float beta2 = (float)options->beta2, complement2 = (float)(1 - options->beta2);
  float complement1 = (float)(1 - options->beta1);
  float rate = (float)(options->learning_rate / correction1);
  float root_correction = (float)sqrt(correction2), eps = (float)options->eps;
  float decay = (float)options->weight_decay;
  float shrink = (float)(1 - options->learning_rate * options->weight_decay);
  for (ptrdiff_t s = 0; s < segment_count; s++)
    for (ptrdiff_t i = 0; i < segments[s].count; i++) {
      float p = segments[s].parameter[i], g = segments[s].gradient[i];
      float m = segments[s].momentum[i], v = segments[s].second_moment[i];
      if (options->decoupled_weight_decay)
        p *= shrink;
      else
        g += decay * p;
      m += complement1 * (g - m);
      v = beta2 * v + complement2 * g * g;
      p -= rate * (m / (sqrtf(v) / root_correction + eps));
      segments[s].parameter[i] = p;
      segments[s].momentum[i] = m;
      segments[s].second_moment[i] = v;
    }
}

void ck_sgd_step_reference(const ck_sgd_options *options, const ck_optimizer_segment *segments,
                           ptrdiff_t segment_count, const float *step) {
  float rate = (float)options->learning_rate, momentum = (float)options->momentum;
  float undamped = (float)(1 - options->dampening), decay = (float)options->weight_decay;
  for (ptrdiff_t s = 0; s < segment_count; s++)
    for (ptrdiff_t i = 0; i < segments[s].count; i++) {
      float g = segments[s].gradient[i] + decay * segments[s].parameter[i];
      if (momentum != 0) {
        float buffer = *step == 1 ? g : momentum * segments[s].momentum[i] + undamped * g;
        segments[s].momentum[i] = buffer;
        g = options->nesterov ? g + momentum * buffer : buffer;
      }
      segments[s].parameter[i] -= rate * g;
    }
}

void ck_rmsprop_step_reference(const ck_rmsprop_options *options, const ck_optimizer_segment *segments,
                               ptrdiff_t segment_count) {
  float rate = (float)options->learning_rate, alpha = (float)options->alpha;
  float complement = (float)(1 - options->alpha), eps = (float)options->eps;
  float momentum = (float)options->momentum, decay = (float)options->weight_decay;
  for (ptrdiff_t s = 0; s < segment_count; s++)
    for (ptrdiff_t i = 0; i < segments[s].count; i++) {
      float g = segments[s].gradient[i] + decay * segments[s].parameter[i];
      float square = alpha * segments[s].second_moment[i] + complement * g * g;
      segments[s].second_moment[i] = square;
      if (options->centered) {
        float average = segments[s].mean_gradient[i];
        average += complement * (g - average);
        segments[s].mean_gradient[i] = average;
        square -= average * average;
      }
      float update = g / (sqrtf(square) + eps);
      if (momentum != 0) {
        update = momentum * segments[s].momentum[i] + update;
        segments[s].momentum[i] = update;
      }
      segments[s].parameter[i] -= rate * update;
    }
}

// Optimiser steps as plain loops.

#include "optimizer_constants.h"

void ck_adam_step_reference(const ck_adam_options *options, const ck_optimizer_segment *segments,
                            ptrdiff_t segment_count, int64_t step) {
  struct ck_adam_constants k = ck_adam_constants_at(options, step);
  for (ptrdiff_t s = 0; s < segment_count; s++)
    for (ptrdiff_t i = 0; i < segments[s].count; i++) {
      float p = segments[s].parameter[i] * k.shrink, g = segments[s].gradient[i] + k.decay * p;
      float m = ck_interpolate(k.momentum, segments[s].momentum[i], g);
      float v = k.beta2 * segments[s].second_moment[i] + k.complement2 * g * g;
      segments[s].parameter[i] = p - k.rate * (m / (sqrtf(v) * k.root_scale + k.eps));
      segments[s].momentum[i] = m;
      segments[s].second_moment[i] = v;
    }
}

void ck_sgd_step_reference(const ck_sgd_options *options, const ck_optimizer_segment *segments,
                           ptrdiff_t segment_count, int64_t step) {
  struct ck_sgd_constants k = ck_sgd_constants_at(options, step);
  for (ptrdiff_t s = 0; s < segment_count; s++)
    for (ptrdiff_t i = 0; i < segments[s].count; i++) {
      float g = segments[s].gradient[i] + k.decay * segments[s].parameter[i];
      if (k.momentum != 0) {
        float buffer = k.is_first ? g : k.momentum * segments[s].momentum[i] + k.undamped * g;
        segments[s].momentum[i] = buffer;
        g = k.nesterov ? g + k.momentum * buffer : buffer;
      }
      segments[s].parameter[i] -= k.rate * g;
    }
}

void ck_rmsprop_step_reference(const ck_rmsprop_options *options, const ck_optimizer_segment *segments,
                               ptrdiff_t segment_count) {
  struct ck_rmsprop_constants k = ck_rmsprop_constants_of(options);
  for (ptrdiff_t s = 0; s < segment_count; s++)
    for (ptrdiff_t i = 0; i < segments[s].count; i++) {
      float g = segments[s].gradient[i] + k.decay * segments[s].parameter[i];
      float square = k.alpha * segments[s].second_moment[i] + k.complement * g * g;
      segments[s].second_moment[i] = square;
      if (k.centered) {
        float average = ck_interpolate(k.mean, segments[s].mean_gradient[i], g);
        segments[s].mean_gradient[i] = average;
        square -= average * average;
      }
      float update = g / (sqrtf(square) + k.eps);
      if (k.momentum != 0) {
        update = k.momentum * segments[s].momentum[i] + update;
        segments[s].momentum[i] = update;
      }
      segments[s].parameter[i] -= k.rate * update;
    }
}

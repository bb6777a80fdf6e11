// Optimiser updates of a run of elements.
#ifndef VECTOR_OPTIMIZER_H
#define VECTOR_OPTIMIZER_H

#include "optimizer_constants.h"
#include "vector.h"

INLINE vfloat interpolate(struct ck_lerp k, vfloat start, vfloat end) {
  vfloat difference = end - start;
  return k.from_end ? end - k.complement * difference : start + k.weight * difference;
}

static void adam(const void *constants, const ck_optimizer_segment *segment) {
  const struct ck_adam_constants k = *(const struct ck_adam_constants *)constants;
  const ck_optimizer_segment s = *segment;
  FOR_VECTORS(s.count, i, n, {
    vfloat p = load_some(s.parameter + i, n) * k.shrink;
    vfloat g = load_some(s.gradient + i, n) + k.decay * p;
    vfloat m = interpolate(k.momentum, load_some(s.momentum + i, n), g);
    vfloat v = k.beta2 * load_some(s.second_moment + i, n) + k.complement2 * g * g;
    p -= k.rate * (m / (square_root(v) * k.root_scale + k.eps));
    store_some(s.parameter + i, n, p);
    store_some(s.momentum + i, n, m);
    store_some(s.second_moment + i, n, v);
  });
}

INLINE void sgd_loop(bool has_momentum, const void *constants, const ck_optimizer_segment *segment) {
  const struct ck_sgd_constants k = *(const struct ck_sgd_constants *)constants;
  const ck_optimizer_segment s = *segment;
  FOR_VECTORS(s.count, i, n, {
    vfloat p = load_some(s.parameter + i, n);
    vfloat g = load_some(s.gradient + i, n) + k.decay * p;
    if (has_momentum) {
      vfloat buffer = k.is_first ? g : k.momentum * load_some(s.momentum + i, n) + k.undamped * g;
      store_some(s.momentum + i, n, buffer);
      g = k.nesterov ? g + k.momentum * buffer : buffer;
    }
    store_some(s.parameter + i, n, p - k.rate * g);
  });
}

static void sgd(const void *constants, const ck_optimizer_segment *segment) {
  if (((const struct ck_sgd_constants *)constants)->momentum != 0)
    sgd_loop(true, constants, segment);
  else
    sgd_loop(false, constants, segment);
}

INLINE void rmsprop_loop(bool centered, bool has_momentum, const void *constants,
                         const ck_optimizer_segment *segment) {
  const struct ck_rmsprop_constants k = *(const struct ck_rmsprop_constants *)constants;
  const ck_optimizer_segment s = *segment;
  FOR_VECTORS(s.count, i, n, {
    vfloat p = load_some(s.parameter + i, n);
    vfloat g = load_some(s.gradient + i, n) + k.decay * p;
    vfloat square = k.alpha * load_some(s.second_moment + i, n) + k.complement * g * g;
    store_some(s.second_moment + i, n, square);
    if (centered) {
      vfloat average = interpolate(k.mean, load_some(s.mean_gradient + i, n), g);
      store_some(s.mean_gradient + i, n, average);
      square -= average * average;
    }
    vfloat update = g / (square_root(square) + k.eps);
    if (has_momentum) {
      update += k.momentum * load_some(s.momentum + i, n);
      store_some(s.momentum + i, n, update);
    }
    store_some(s.parameter + i, n, p - k.rate * update);
  });
}

static void rmsprop(const void *constants, const ck_optimizer_segment *segment) {
  const struct ck_rmsprop_constants *k = constants;
  if (k->centered && k->momentum != 0)
    rmsprop_loop(true, true, constants, segment);
  else if (k->centered)
    rmsprop_loop(true, false, constants, segment);
  else if (k->momentum != 0)
    rmsprop_loop(false, true, constants, segment);
  else
    rmsprop_loop(false, false, constants, segment);
}

#endif

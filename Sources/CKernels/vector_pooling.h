// Pooling windows, channel by channel.
#ifndef VECTOR_POOLING_H
#define VECTOR_POOLING_H

#include "vector.h"

/// Runs the statements for each pixel of a window: AT is its offset, NUMBER counts from 0.
#define FOR_PIXELS(WINDOW, AT, NUMBER, ...)                                                                    \
  do {                                                                                                         \
    int32_t NUMBER = 0;                                                                                        \
    for (ptrdiff_t row_ = 0; row_ < (WINDOW)->rows; row_++)                                                    \
      for (ptrdiff_t column_ = 0; column_ < (WINDOW)->columns; column_++, NUMBER++) {                          \
        const ptrdiff_t AT = row_ * (WINDOW)->row_stride + column_ * (WINDOW)->pixel_stride;                   \
        __VA_ARGS__                                                                                            \
      }                                                                                                        \
  } while (0)

static void window_sum(const struct ck_window *window, ptrdiff_t channels, float scale, const float *x,
                       float *y) {
  const struct ck_window k = *window;
  FOR_VECTORS(channels, c, n, {
    vfloat sum = 0;
    FOR_PIXELS(&k, at, pixel, { sum += load_some(x + at + c, n); });
    store_some(y + c, n, scale * sum);
  });
}

static void window_spread(const struct ck_window *window, ptrdiff_t channels, float scale, const float *dy,
                          float *dx) {
  const struct ck_window k = *window;
  FOR_VECTORS(channels, c, n, {
    vfloat part = scale * load_some(dy + c, n);
    FOR_PIXELS(&k, at, pixel, { store_some(dx + at + c, n, load_some(dx + at + c, n) + part); });
  });
}

/// Where x replaces the largest element so far: it is larger or NaN, and no NaN came before.
INLINE vint replaces(vfloat x, vfloat best) { return ((x > best) | (x != x)) & (best == best); }

static void window_max(const struct ck_window *window, ptrdiff_t channels, const float *x, float *y) {
  const struct ck_window k = *window;
  FOR_VECTORS(channels, c, n, {
    vfloat best = -INFINITY;
    FOR_PIXELS(&k, at, pixel, {
      vfloat value = load_some(x + at + c, n);
      best = replaces(value, best) ? value : best;
    });
    store_some(y + c, n, best);
  });
}

static void window_max_gather(const struct ck_window *window, ptrdiff_t channels, const float *x,
                              const float *t, float *y) {
  const struct ck_window k = *window;
  FOR_VECTORS(channels, c, n, {
    vfloat best = load_some(x + c, n), chosen = load_some(t + c, n);
    FOR_PIXELS(&k, at, pixel, {
      vfloat value = load_some(x + at + c, n);
      vint better = replaces(value, best);
      best = better ? value : best;
      chosen = better ? load_some(t + at + c, n) : chosen;
    });
    store_some(y + c, n, chosen);
  });
}

static void window_max_scatter(const struct ck_window *window, ptrdiff_t channels, const float *x,
                               const float *dy, float *dx) {
  const struct ck_window k = *window;
  FOR_VECTORS(channels, c, n, {
    vfloat best = load_some(x + c, n), gradient = load_some(dy + c, n);
    vint chosen = 0;
    FOR_PIXELS(&k, at, pixel, {
      vfloat value = load_some(x + at + c, n);
      vint better = replaces(value, best);
      best = better ? value : best;
      chosen = better ? (vint)(pixel) : chosen;
    });
    FOR_PIXELS(&k, at, pixel, {
      vfloat part = chosen == pixel ? gradient : splat(0);
      store_some(dx + at + c, n, load_some(dx + at + c, n) + part);
    });
  });
}

#endif

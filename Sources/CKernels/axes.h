// Pairs of strided tensors over the same index space, brought into a form with as few axes as possible.
#ifndef AXES_H
#define AXES_H

#include "ckernels_reduce.h"

#include <stdbool.h>

/// One axis of the index space, with its stride in each tensor.
struct ck_axis {
  ptrdiff_t count, x, y;
};

static inline ptrdiff_t ck_magnitude(ptrdiff_t value) { return value < 0 ? -value : value; }

/// Drops axes of extent 1, sorts the others by falling stride, in y or else in x, and joins neighbours that
/// are one axis in both tensors. Returns the number of axes.
static inline int ck_axes_simplify(int rank, const ptrdiff_t *dims, const ptrdiff_t *x_strides,
                                   const ptrdiff_t *y_strides, bool by_y, struct ck_axis *axes) {
  int count = 0;
  for (int i = 0; i < rank; i++) {
    struct ck_axis axis = {dims[i], x_strides[i], y_strides[i]};
    if (axis.count == 1) continue;
    ptrdiff_t stride = ck_magnitude(by_y ? axis.y : axis.x);
    int place = count++;
    for (; place > 0 && ck_magnitude(by_y ? axes[place - 1].y : axes[place - 1].x) < stride; place--)
      axes[place] = axes[place - 1];
    axes[place] = axis;
  }
  int kept = 0;
  for (int i = 0; i < count; i++) {
    struct ck_axis *outer = &axes[kept - 1], inner = axes[i];
    if (kept > 0 && outer->x == inner.x * inner.count && outer->y == inner.y * inner.count)
      *outer = (struct ck_axis){outer->count * inner.count, inner.x, inner.y};
    else
      axes[kept++] = inner;
  }
  return kept;
}

static inline ptrdiff_t ck_axes_count(int rank, const struct ck_axis *axes) {
  ptrdiff_t count = 1;
  for (int i = 0; i < rank; i++) count *= axes[i].count;
  return count;
}

/// A walk over the index space in row-major order.
struct ck_odometer {
  int rank;
  const struct ck_axis *axes;
  ptrdiff_t index[CK_MAX_RANK];
  /// The offsets of the current element.
  ptrdiff_t x, y;
};

static inline struct ck_odometer ck_odometer_at(int rank, const struct ck_axis *axes, ptrdiff_t element) {
  struct ck_odometer odometer = {.rank = rank, .axes = axes};
  for (int i = rank - 1; i >= 0; i--) {
    if (axes[i].count == 0) continue;
    odometer.index[i] = element % axes[i].count;
    element /= axes[i].count;
    odometer.x += odometer.index[i] * axes[i].x;
    odometer.y += odometer.index[i] * axes[i].y;
  }
  return odometer;
}

/// Goes on to the next element; after the last one, to the first.
static inline void ck_odometer_advance(struct ck_odometer *odometer) {
  for (int i = odometer->rank - 1; i >= 0; i--) {
    const struct ck_axis *axis = &odometer->axes[i];
    odometer->x += axis->x;
    odometer->y += axis->y;
    if (++odometer->index[i] < axis->count) return;
    odometer->index[i] = 0;
    odometer->x -= axis->x * axis->count;
    odometer->y -= axis->y * axis->count;
  }
}

#endif

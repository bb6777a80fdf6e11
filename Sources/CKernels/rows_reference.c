// Kernels of whole rows as plain loops, in double.

#include "ckernels_rows.h"

#include <math.h>

void ck_softmax_reference(ptrdiff_t rows, ptrdiff_t columns, bool is_log, const float *x, float *y) {
  for (ptrdiff_t row = 0; row < rows; row++, x += columns, y += columns) {
    double largest = (double)x[0], sum = 0;
    for (ptrdiff_t i = 1; i < columns; i++) largest = (double)x[i] > largest ? (double)x[i] : largest;
    for (ptrdiff_t i = 0; i < columns; i++) sum += exp((double)x[i] - largest);
    for (ptrdiff_t i = 0; i < columns; i++) {
      double distance = (double)x[i] - largest;
      y[i] = (float)(is_log ? distance - log(sum) : exp(distance) / sum);
    }
  }
}

void ck_group_mean_reference(ptrdiff_t batch, ptrdiff_t count, ptrdiff_t group, const float *x, float *y) {
  ptrdiff_t groups = batch / group;
  for (ptrdiff_t first = 0; first < groups; first++)
    for (ptrdiff_t i = 0; i < count; i++) {
      double sum = 0;
      for (ptrdiff_t n = first; n < batch; n += groups) sum += (double)x[n * count + i];
      for (ptrdiff_t n = first; n < batch; n += groups) y[n * count + i] = (float)(sum / (double)group);
    }
}

/// The share that pixel `small` of the small axis has in pixel `large` of the large one.
static double share_of(const ck_interpolation *s, ptrdiff_t small, ptrdiff_t large) {
  double position;
  if (s->align_corners)
    position = s->large > 1 ? (double)large * (double)(s->small - 1) / (double)(s->large - 1) : 0;
  else
    position = ((double)large + 0.5) * (double)s->small / (double)s->large - 0.5;
  position = fmin(fmax(position, 0), (double)(s->small - 1));
  return fmax(1 - fabs(position - (double)small), 0);
}

void ck_interpolate_reference(const ck_interpolation *s, const float *x, float *y) {
  for (ptrdiff_t n = 0; n < s->outer; n++)
    for (ptrdiff_t o = 0; o < s->large; o++)
      for (ptrdiff_t i = 0; i < s->inner; i++) {
        double sum = 0;
        for (ptrdiff_t k = 0; k < s->small; k++)
          sum += share_of(s, k, o) * (double)x[(n * s->small + k) * s->inner + i];
        y[(n * s->large + o) * s->inner + i] = (float)sum;
      }
}

void ck_interpolate_adjoint_reference(const ck_interpolation *s, const float *dy, float *dx) {
  for (ptrdiff_t n = 0; n < s->outer; n++)
    for (ptrdiff_t k = 0; k < s->small; k++)
      for (ptrdiff_t i = 0; i < s->inner; i++) {
        double sum = 0;
        for (ptrdiff_t o = 0; o < s->large; o++)
          sum += share_of(s, k, o) * (double)dy[(n * s->large + o) * s->inner + i];
        dx[(n * s->small + k) * s->inner + i] = (float)sum;
      }
}

// Element-wise kernels as plain loops.

#include "reference_math.h"

void ck_unary_forward_reference(ck_unary function, float p0, float p1, ptrdiff_t count, const float *x,
                                float *y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = (float)reference_unary(function, p0, p1, (double)x[i]);
}

void ck_unary_backward_reference(ck_unary function, float p0, float p1, ptrdiff_t count, const float *saved,
                                 const float *dy, float *dx) {
  for (ptrdiff_t i = 0; i < count; i++)
    dx[i] = (float)((double)dy[i] * reference_derivative(function, p0, p1, (double)saved[i]));
}

void ck_binary_forward_reference(ck_binary function, ptrdiff_t count, const float *a, const float *b,
                                 float *y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = (float)reference_binary(function, (double)a[i], (double)b[i]);
}

void ck_affine_reference(ptrdiff_t count, float scale, float offset, const float *x, float *y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = (float)((double)scale * (double)x[i] + (double)offset);
}

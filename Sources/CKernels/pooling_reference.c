// Pooling as plain loops over output elements.

#include "ckernels_pooling.h"

#include <math.h>
#include <string.h>

/// One window: the image rows and columns that it covers, and what the average divides by.
struct window {
  ptrdiff_t top, bottom, left, right;
  double divisor;
};

static struct window window_of(const ck_pooling *s, ptrdiff_t oh, ptrdiff_t ow) {
  ptrdiff_t top = oh * s->stride_height - s->padding_height, left = ow * s->stride_width - s->padding_width;
  ptrdiff_t bottom = top + s->kernel_height, right = left + s->kernel_width;
  double whole = (double)(s->kernel_height * s->kernel_width);
  if (top < 0) top = 0;
  if (left < 0) left = 0;
  if (bottom > s->height) bottom = s->height;
  if (right > s->width) right = s->width;
  double inside = (double)((bottom - top) * (right - left));
  return (struct window){top, bottom, left, right, s->count_include_pad ? whole : inside};
}

static ptrdiff_t input_index(const ck_pooling *s, ptrdiff_t n, ptrdiff_t h, ptrdiff_t w, ptrdiff_t c) {
  return ((n * s->height + h) * s->width + w) * s->channels + c;
}

static ptrdiff_t argmax(const ck_pooling *s, const float *x, ptrdiff_t n, struct window k, ptrdiff_t c) {
  ptrdiff_t best = input_index(s, n, k.top, k.left, c);
  for (ptrdiff_t h = k.top; h < k.bottom; h++)
    for (ptrdiff_t w = k.left; w < k.right; w++) {
      ptrdiff_t i = input_index(s, n, h, w, c);
      if (!isnan(x[best]) && (x[i] > x[best] || isnan(x[i]))) best = i;
    }
  return best;
}

#define FOR_EACH_OUTPUT(s)                                                                                     \
  for (ptrdiff_t n = 0, o = 0; n < (s)->batch; n++)                                                            \
    for (ptrdiff_t oh = 0; oh < (s)->out_height; oh++)                                                         \
      for (ptrdiff_t ow = 0; ow < (s)->out_width; ow++)                                                        \
        for (ptrdiff_t c = 0; c < (s)->channels; c++, o++)

static size_t input_bytes(const ck_pooling *s) {
  return (size_t)(s->batch * s->height * s->width * s->channels) * sizeof(float);
}

void ck_avg_pool2d_reference(const ck_pooling *shape, const float *x, float *y) {
  FOR_EACH_OUTPUT(shape) {
    struct window k = window_of(shape, oh, ow);
    double sum = 0;
    for (ptrdiff_t h = k.top; h < k.bottom; h++)
      for (ptrdiff_t w = k.left; w < k.right; w++) sum += (double)x[input_index(shape, n, h, w, c)];
    y[o] = (float)(sum / k.divisor);
  }
}

void ck_avg_pool2d_adjoint_reference(const ck_pooling *shape, const float *dy, float *dx) {
  memset(dx, 0, input_bytes(shape));
  FOR_EACH_OUTPUT(shape) {
    struct window k = window_of(shape, oh, ow);
    for (ptrdiff_t h = k.top; h < k.bottom; h++)
      for (ptrdiff_t w = k.left; w < k.right; w++)
        dx[input_index(shape, n, h, w, c)] += (float)((double)dy[o] / k.divisor);
  }
}

void ck_max_pool2d_reference(const ck_pooling *shape, const float *x, float *y) {
  FOR_EACH_OUTPUT(shape) y[o] = x[argmax(shape, x, n, window_of(shape, oh, ow), c)];
}

void ck_max_pool2d_gradient_reference(const ck_pooling *shape, const float *x, const float *dy, float *dx) {
  memset(dx, 0, input_bytes(shape));
  FOR_EACH_OUTPUT(shape) dx[argmax(shape, x, n, window_of(shape, oh, ow), c)] += dy[o];
}

void ck_max_pool2d_gather_reference(const ck_pooling *shape, const float *x, const float *t, float *y) {
  FOR_EACH_OUTPUT(shape) y[o] = t[argmax(shape, x, n, window_of(shape, oh, ow), c)];
}

// Convolutions as plain loops that accumulate in double: the twin that every other algorithm is tested against.

#include "conv_internal.h"

typedef struct {
  const ck_conv_shape *s;
  const float *large, *small, *weight;
} operands;

static inline ptrdiff_t large_at(const ck_conv_shape *s, ptrdiff_t n, ptrdiff_t y, ptrdiff_t x, ptrdiff_t c) {
  return ((n * s->large_height + y) * s->large_width + x) * s->large_channels + c;
}

static inline ptrdiff_t small_at(const ck_conv_shape *s, ptrdiff_t n, ptrdiff_t y, ptrdiff_t x, ptrdiff_t c) {
  return ((n * s->small_height + y) * s->small_width + x) * s->small_channels + c;
}

static inline ptrdiff_t weight_at(const ck_conv_shape *s, ptrdiff_t o, ptrdiff_t i, ptrdiff_t ky, ptrdiff_t kx) {
  return ((o * (s->large_channels / s->groups) + i) * s->kernel_height + ky) * s->kernel_width + kx;
}

static inline bool inside(ptrdiff_t position, ptrdiff_t extent) { return position >= 0 && position < extent; }

static double forward_at(const operands *p, ptrdiff_t n, ptrdiff_t y, ptrdiff_t x, ptrdiff_t o) {
  const ck_conv_shape *s = p->s;
  ptrdiff_t inputs = s->large_channels / s->groups, group = o / (s->small_channels / s->groups);
  double sum = 0;
  for (ptrdiff_t ky = 0; ky < s->kernel_height; ky++)
    for (ptrdiff_t kx = 0; kx < s->kernel_width; kx++) {
      ptrdiff_t ly = y * s->stride_height - s->padding_height + ky * s->dilation_height;
      ptrdiff_t lx = x * s->stride_width - s->padding_width + kx * s->dilation_width;
      if (!inside(ly, s->large_height) || !inside(lx, s->large_width)) continue;
      for (ptrdiff_t i = 0; i < inputs; i++)
        sum += (double)p->large[large_at(s, n, ly, lx, group * inputs + i)] *
               (double)p->weight[weight_at(s, o, i, ky, kx)];
    }
  return sum;
}

static double data_gradient_at(const operands *p, ptrdiff_t n, ptrdiff_t y, ptrdiff_t x, ptrdiff_t i) {
  const ck_conv_shape *s = p->s;
  ptrdiff_t inputs = s->large_channels / s->groups, outputs = s->small_channels / s->groups, group = i / inputs;
  double sum = 0;
  for (ptrdiff_t ky = 0; ky < s->kernel_height; ky++)
    for (ptrdiff_t kx = 0; kx < s->kernel_width; kx++) {
      ptrdiff_t sy = y + s->padding_height - ky * s->dilation_height;
      ptrdiff_t sx = x + s->padding_width - kx * s->dilation_width;
      if (sy % s->stride_height || sx % s->stride_width) continue;
      sy /= s->stride_height, sx /= s->stride_width;
      if (!inside(sy, s->small_height) || !inside(sx, s->small_width)) continue;
      for (ptrdiff_t o = group * outputs; o < (group + 1) * outputs; o++)
        sum += (double)p->small[small_at(s, n, sy, sx, o)] *
               (double)p->weight[weight_at(s, o, i - group * inputs, ky, kx)];
    }
  return sum;
}

static double weight_gradient_at(const operands *p, ptrdiff_t o, ptrdiff_t i, ptrdiff_t ky, ptrdiff_t kx) {
  const ck_conv_shape *s = p->s;
  ptrdiff_t inputs = s->large_channels / s->groups, group = o / (s->small_channels / s->groups);
  double sum = 0;
  for (ptrdiff_t n = 0; n < s->batch; n++)
    for (ptrdiff_t y = 0; y < s->small_height; y++)
      for (ptrdiff_t x = 0; x < s->small_width; x++) {
        ptrdiff_t ly = y * s->stride_height - s->padding_height + ky * s->dilation_height;
        ptrdiff_t lx = x * s->stride_width - s->padding_width + kx * s->dilation_width;
        if (!inside(ly, s->large_height) || !inside(lx, s->large_width)) continue;
        sum += (double)p->large[large_at(s, n, ly, lx, group * inputs + i)] *
               (double)p->small[small_at(s, n, y, x, o)];
      }
  return sum;
}

void conv_scalar_run(const ck_conv_shape *s, ck_conv_direction direction, const float *first,
                     const float *second, float *result, bool accumulate) {
  operands p = {s, first, second, second};
  if (direction == CK_CONV_DATA_GRADIENT) p.small = first;
  ptrdiff_t at = 0;
  switch (direction) {
    case CK_CONV_FORWARD:
      for (ptrdiff_t n = 0; n < s->batch; n++)
        for (ptrdiff_t y = 0; y < s->small_height; y++)
          for (ptrdiff_t x = 0; x < s->small_width; x++)
            for (ptrdiff_t o = 0; o < s->small_channels; o++, at++)
              result[at] = (float)(forward_at(&p, n, y, x, o) + (accumulate ? (double)result[at] : 0));
      break;
    case CK_CONV_DATA_GRADIENT:
      for (ptrdiff_t n = 0; n < s->batch; n++)
        for (ptrdiff_t y = 0; y < s->large_height; y++)
          for (ptrdiff_t x = 0; x < s->large_width; x++)
            for (ptrdiff_t i = 0; i < s->large_channels; i++, at++)
              result[at] = (float)(data_gradient_at(&p, n, y, x, i) + (accumulate ? (double)result[at] : 0));
      break;
    case CK_CONV_WEIGHT_GRADIENT:
      for (ptrdiff_t o = 0; o < s->small_channels; o++)
        for (ptrdiff_t i = 0; i < s->large_channels / s->groups; i++)
          for (ptrdiff_t ky = 0; ky < s->kernel_height; ky++)
            for (ptrdiff_t kx = 0; kx < s->kernel_width; kx++, at++)
              result[at] =
                  (float)(weight_gradient_at(&p, o, i, ky, kx) + (accumulate ? (double)result[at] : 0));
      break;
  }
}

// One dimension of a convolution, seen from the image that it writes.
#ifndef CONV_AXIS_H
#define CONV_AXIS_H

#include "conv_shape.h"

/// The sizes of a convolution in one dimension.
struct ck_conv_dimension {
  ptrdiff_t large, small, kernel, stride, padding, dilation;
};

static inline struct ck_conv_dimension ck_conv_rows_of(const ck_conv_shape *s) {
  return (struct ck_conv_dimension){s->large_height,  s->small_height,   s->kernel_height,
                                    s->stride_height, s->padding_height, s->dilation_height};
}

static inline struct ck_conv_dimension ck_conv_columns_of(const ck_conv_shape *s) {
  return (struct ck_conv_dimension){s->large_width,  s->small_width,   s->kernel_width,
                                    s->stride_width, s->padding_width, s->dilation_width};
}

/// Output number `start + step·j`, 0 ≤ j < count, is the sum over 0 ≤ i < taps of the input at
/// `in_step·j + offset + offset_step·i` (nothing where that lies outside 0 ..< in_size) times the kernel's
/// element number `tap + tap_step·i`.
struct ck_conv_axis {
  ptrdiff_t count, start, step;
  ptrdiff_t taps, tap, tap_step;
  ptrdiff_t in_size, in_step, offset, offset_step;
};

static inline struct ck_conv_axis ck_conv_forward_axis(struct ck_conv_dimension d) {
  return (struct ck_conv_axis){.count = d.small,
                               .step = 1,
                               .taps = d.kernel,
                               .tap_step = 1,
                               .in_size = d.large,
                               .in_step = d.stride,
                               .offset = -d.padding,
                               .offset_step = d.dilation};
}

static inline ptrdiff_t ck_conv_gcd(ptrdiff_t a, ptrdiff_t b) { return b == 0 ? a : ck_conv_gcd(b, a % b); }

/// The outputs of the data gradient that are `phase` modulo the stride: all of them meet the same taps, those
/// with dilation·tap ≡ phase + padding. Taps are numbered so that inputs ascend.
static inline struct ck_conv_axis ck_conv_gradient_axis(struct ck_conv_dimension d, ptrdiff_t phase) {
  ptrdiff_t common = ck_conv_gcd(d.stride, d.dilation), period = d.stride / common, first = 0;
  while (first < period && (phase + d.padding - d.dilation * first) % d.stride != 0) first++;
  ptrdiff_t taps = first < period && first < d.kernel ? (d.kernel - 1 - first) / period + 1 : 0;
  ptrdiff_t last = first + (taps - 1) * period;
  return (struct ck_conv_axis){.count = phase < d.large ? (d.large - phase - 1) / d.stride + 1 : 0,
                               .start = phase,
                               .step = d.stride,
                               .taps = taps,
                               .tap = last,
                               .tap_step = -period,
                               .in_size = d.small,
                               .in_step = 1,
                               .offset = taps ? (phase + d.padding - d.dilation * last) / d.stride : 0,
                               .offset_step = d.dilation / common};
}

#endif

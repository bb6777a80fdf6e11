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

/// The phases of the data gradient in one dimension: of outputs that lie a stride apart.
static inline ptrdiff_t ck_conv_gradient_phases(struct ck_conv_dimension d) { return ck_lower(d.stride, d.large); }

static inline ptrdiff_t ck_conv_gcd(ptrdiff_t a, ptrdiff_t b) { return b == 0 ? a : ck_conv_gcd(b, a % b); }

/// The outputs of the data gradient that are `phase` modulo the stride, for a phase below
/// `ck_conv_gradient_phases`: all of them meet the same taps, those with dilation·tap ≡ phase + padding. Taps are
/// numbered so that inputs ascend.
static inline struct ck_conv_axis ck_conv_gradient_axis(struct ck_conv_dimension d, ptrdiff_t phase) {
  ptrdiff_t common = ck_conv_gcd(d.stride, d.dilation), period = d.stride / common, first = 0;
  while (first < period && first < d.kernel && (phase + d.padding - d.dilation * first) % d.stride != 0) first++;
  ptrdiff_t taps = first < period && first < d.kernel ? (d.kernel - 1 - first) / period + 1 : 0;
  ptrdiff_t last = first + (taps - 1) * period;
  return (struct ck_conv_axis){.count = (d.large - phase - 1) / d.stride + 1,
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

/// The rows and columns of the image that is written.
struct ck_conv_axes {
  struct ck_conv_axis y, x;
};

/// The data gradient has phases in both dimensions; the other directions have one that is all of the image.
static inline ptrdiff_t ck_conv_phases(const ck_conv_shape *s, ck_conv_direction direction) {
  if (direction != CK_CONV_DATA_GRADIENT) return 1;
  return ck_conv_gradient_phases(ck_conv_rows_of(s)) * ck_conv_gradient_phases(ck_conv_columns_of(s));
}

static inline struct ck_conv_axes ck_conv_axes_of(const ck_conv_shape *s, ck_conv_direction direction,
                                                  ptrdiff_t phase) {
  struct ck_conv_dimension height = ck_conv_rows_of(s), width = ck_conv_columns_of(s);
  if (direction != CK_CONV_DATA_GRADIENT)
    return (struct ck_conv_axes){ck_conv_forward_axis(height), ck_conv_forward_axis(width)};
  ptrdiff_t columns = ck_conv_gradient_phases(width);
  return (struct ck_conv_axes){ck_conv_gradient_axis(height, phase / columns),
                               ck_conv_gradient_axis(width, phase % columns)};
}

/// Whether the data gradient has so few phases that they are worth a product each, in which every task looks for
/// its own.
static inline bool ck_conv_has_few_phases(const ck_conv_shape *s) {
  const ptrdiff_t most = 256;
  return ck_conv_phases(s, CK_CONV_DATA_GRADIENT) <= most;
}

/// The taps of all outputs of the data gradient in one dimension: each tap meets the outputs of one phase.
static inline ptrdiff_t ck_conv_gradient_taps(struct ck_conv_dimension d) {
  ptrdiff_t taps = 0;
  for (ptrdiff_t tap = 0; tap < d.kernel; tap++) {
    ptrdiff_t rest = (d.dilation * tap - d.padding) % d.stride, phase = rest < 0 ? rest + d.stride : rest;
    if (phase < d.large) taps += (d.large - phase - 1) / d.stride + 1;
  }
  return taps;
}

#endif

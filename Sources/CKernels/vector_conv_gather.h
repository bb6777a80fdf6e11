// Reading the patches of an image: the pixels under a kernel's taps, for one output after the other.
#ifndef VECTOR_CONV_GATHER_H
#define VECTOR_CONV_GATHER_H

#include "conv_axis.h"
#include "vector.h"

#include <stdbool.h>

/// An image as a convolution reads it: `channels` of its pixels' `in_channels`, from `in_first` on.
struct patches {
  struct ck_conv_axis y, x;
  const float *image;
  ptrdiff_t in_channels, in_first, channels;
};

/// The place of row number `row` among the outputs: image, then y, then x.
struct place {
  ptrdiff_t image, y, x;
};

INLINE struct place place_of(ptrdiff_t row, ptrdiff_t height, ptrdiff_t width) {
  return (struct place){row / (height * width), row / width % height, row % width};
}

INLINE void next_place(struct place *place, ptrdiff_t height, ptrdiff_t width) {
  if (++place->x < width) return;
  place->x = 0;
  if (++place->y < height) return;
  place->y = 0;
  place->image++;
}

/// Copies a run to a place with room for whole vectors.
INLINE float *append(float *to, const float *from, ptrdiff_t count) {
  FOR_VECTORS(count, i, n, { store(to + i, load_some(from + i, n)); });
  return to + count;
}

INLINE float *append_zeros(float *to, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += WIDTH) store(to + i, splat(0));
  return to + count;
}

INLINE const float *patch_image(const struct patches *p, struct place place) {
  return p->image + place.image * p->y.in_size * p->x.in_size * p->in_channels + p->in_first;
}

/// The row of the image that taps in row `i` of one output's patch read; NULL outside the image.
INLINE const float *tap_row(const struct patches *p, struct place place, ptrdiff_t i) {
  ptrdiff_t y = place.y * p->y.in_step + p->y.offset + i * p->y.offset_step;
  return y >= 0 && y < p->y.in_size ? patch_image(p, place) + y * p->x.in_size * p->in_channels : NULL;
}

/// And the pixel of such a row that tap `j` reads.
INLINE const float *tap_pixel(const struct patches *p, struct place place, const float *row, ptrdiff_t j) {
  ptrdiff_t x = place.x * p->x.in_step + p->x.offset + j * p->x.offset_step;
  return row && x >= 0 && x < p->x.in_size ? row + x * p->in_channels : NULL;
}

/// The patch of one output as a run of floats, tap by tap, with zeros outside the image. `to` has room for
/// whole vectors. Returns its end.
static float *gather_patch(const struct patches *p, struct place place, float *to) {
  ptrdiff_t x = place.x * p->x.in_step + p->x.offset;
  bool is_run = p->x.offset_step == 1 && p->channels == p->in_channels;
  for (ptrdiff_t i = 0; i < p->y.taps; i++) {
    const float *row = tap_row(p, place, i);
    if (!row) {
      to = append_zeros(to, p->x.taps * p->channels);
    } else if (is_run) {
      ptrdiff_t first = ck_lower(ck_higher(-x, 0), p->x.taps);
      ptrdiff_t end = ck_higher(ck_lower(p->x.in_size - x, p->x.taps), first);
      to = append_zeros(to, first * p->channels);
      to = append(to, row + (x + first) * p->in_channels, (end - first) * p->channels);
      to = append_zeros(to, (p->x.taps - end) * p->channels);
    } else {
      for (ptrdiff_t j = 0; j < p->x.taps; j++) {
        const float *pixel = tap_pixel(p, place, row, j);
        to = pixel ? append(to, pixel, p->channels) : append_zeros(to, p->channels);
      }
    }
  }
  return to;
}

/// The patch as vectors of channels, the last of a tap filled up with zeros, straight in their places: taps
/// `tap_stride` floats apart, and vectors of one tap `vector_stride`.
INLINE void gather_vectors(const struct patches *patches, struct place place, float *to, ptrdiff_t tap_stride,
                           ptrdiff_t vector_stride) {
  // A copy that no store can change.
  const struct patches p = *patches;
  for (ptrdiff_t i = 0; i < p.y.taps; i++) {
    const float *row = tap_row(&p, place, i);
    for (ptrdiff_t j = 0; j < p.x.taps; j++, to += tap_stride) {
      const float *pixel = tap_pixel(&p, place, row, j);
      float *vector = to;
      if (pixel)
        FOR_VECTORS(p.channels, c, n, {
          store(vector, load_some(pixel + c, n));
          vector += vector_stride;
        });
      else
        for (ptrdiff_t c = 0; c < p.channels; c += WIDTH, vector += vector_stride) store(vector, splat(0));
    }
  }
}

#endif

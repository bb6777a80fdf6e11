// The weight gradient of any shape, from patches of the large image.
#ifndef VECTOR_CONV_PATCHES_WEIGHT_H
#define VECTOR_CONV_PATCHES_WEIGHT_H

#include "vector_conv_gather.h"
#include "vector_conv_outer.h"

enum {
  /// Kernels with more taps are finished element by element.
  MOST_PLANE_TAPS = 64,
  /// The small image is copied into planes where so many vectors are multiplied with it.
  LEAST_COPY_VECTORS = 16,
};

static struct patches outer_patches(const struct outer *o) {
  const ck_conv_shape *s = o->shape;
  return (struct patches){o->y, o->x, o->large, s->large_channels, o->first_channel, o->channels};
}

/// Patches as [step][depth], tap by tap.
static void gather_flat_patches(const struct outer *o, struct ck_range steps, struct ck_range vectors,
                                float *planes, float *scratch) {
  struct patches p = outer_patches(o);
  struct place place = place_of(steps.start, o->y.count, o->x.count);
  ptrdiff_t row = vectors.count * WIDTH;
  for (ptrdiff_t t = 0; t < steps.count; t++, planes += row) {
    // What is gathered ends in whole vectors, which must not reach beyond the last step's.
    bool is_last = t == steps.count - 1;
    float *to = is_last ? scratch : planes;
    append_zeros(gather_patch(&p, place, to), 1);
    if (is_last) append(planes, scratch, row);
    next_place(&place, o->y.count, o->x.count);
  }
}

/// Patches as vectors of channels: those of one tap after the other, for WIDTH channels after the other.
static void gather_plane_patches(const struct outer *o, struct ck_range steps, struct ck_range vectors,
                                 float *planes, float *scratch) {
  (void)scratch;
  ptrdiff_t taps = o->granule, channel = vectors.start / taps * WIDTH;
  struct patches p = outer_patches(o);
  p.in_first += channel;
  p.channels = ck_lower(vectors.count / taps * WIDTH, p.channels - channel);
  struct place place = place_of(steps.start, o->y.count, o->x.count);
  for (ptrdiff_t t = 0; t < steps.count; t++, planes += WIDTH) {
    gather_vectors(&p, place, planes, o->plane, taps * o->plane);
    next_place(&place, o->y.count, o->x.count);
  }
}

/// The small image's channels as planes.
static void gather_rows(const struct outer *o, struct ck_range steps, struct ck_range vectors, float *planes,
                        float *scratch) {
  (void)scratch;
  ptrdiff_t first = vectors.start * WIDTH;
  const float *pixel = o->small + steps.start * o->shape->small_channels + o->first_filter + first;
  for (ptrdiff_t t = 0; t < steps.count; t++, pixel += o->shape->small_channels, planes += WIDTH)
    for (ptrdiff_t v = 0; v < vectors.count; v++)
      store(planes + v * o->plane, load_some(pixel + v * WIDTH, o->rows - first - v * WIDTH));
}

static void finish_flat(const struct outer *o, const struct outer_sums *sums, float *weight,
                        bool accumulate) {
  ptrdiff_t taps = o->y.taps * o->x.taps, depth = taps * o->channels;
  for (ptrdiff_t row = 0; row < sums->rows.count; row++) {
    float *filter = weight + (o->first_filter + sums->rows.start + row) * depth;
    for (ptrdiff_t v = 0; v < sums->vectors.count; v++) {
      vfloat values = total(sums, row * sums->row + v * WIDTH);
      ptrdiff_t first = (sums->vectors.start + v) * WIDTH;
      for (ptrdiff_t k = first; k < ck_lower(first + WIDTH, depth); k++) {
        float *to = filter + k % o->channels * taps + k / o->channels;
        *to = values[k - first] + (accumulate ? *to : 0);
      }
    }
  }
}

static void finish_planes(const struct outer *o, const struct outer_sums *sums, float *weight,
                          bool accumulate) {
  ptrdiff_t taps = o->granule;
  for (ptrdiff_t row = 0; row < sums->rows.count; row++)
    for (ptrdiff_t v = 0; v < sums->vectors.count; v += taps) {
      vfloat values[MOST_PLANE_TAPS];
      for (ptrdiff_t tap = 0; tap < taps; tap++)
        values[tap] = total(sums, row * sums->row + (v + tap) * WIDTH);
      ptrdiff_t filter = o->first_filter + sums->rows.start + row;
      ptrdiff_t channel = (sums->vectors.start + v) / taps * WIDTH;
      store_taps(values, taps, ck_lower(WIDTH, o->channels - channel),
                 weight + (filter * o->channels + channel) * taps, accumulate);
    }
}

static struct outer describe_patches_weight(const ck_conv_shape *s, ptrdiff_t group) {
  ptrdiff_t filters = s->small_channels / s->groups, channels = s->large_channels / s->groups;
  ptrdiff_t taps = s->kernel_height * s->kernel_width;
  // Few channels would leave vectors half empty.
  bool is_flat = (channels < 2 * WIDTH && channels % WIDTH != 0) || taps > MOST_PLANE_TAPS;
  ptrdiff_t vectors =
      is_flat ? ck_quotient_up(taps * channels, WIDTH) : taps * ck_quotient_up(channels, WIDTH);
  return (struct outer){
      .shape = s,
      .y = ck_conv_forward_axis(ck_conv_rows_of(s)),
      .x = ck_conv_forward_axis(ck_conv_columns_of(s)),
      .first_filter = group * filters,
      .rows = filters,
      .first_channel = group * channels,
      .channels = channels,
      .steps = s->batch * s->small_height * s->small_width,
      .points = 1,
      .vectors = vectors,
      .granule = is_flat ? vectors : taps,
      .is_flat = is_flat,
      .is_in_place = !IS_BF16 && filters % OUTER_ROWS == 0 && vectors < LEAST_COPY_VECTORS,
      .gather_large = is_flat ? gather_flat_patches : gather_plane_patches,
      .gather_small = gather_rows,
      .finish = is_flat ? finish_flat : finish_planes,
      .scratch_floats = taps * channels + 3 * WIDTH,
  };
}

static size_t patches_weight_workspace_bytes(const ck_conv_shape *s, int lanes) {
  return outer_workspace_floats(describe_patches_weight(s, 0), lanes) * sizeof(float);
}

static void run_patches_weight(ck_pool *pool, const ck_conv_shape *s, const float *large, const float *small,
                               float *weight, bool accumulate, void *workspace) {
  for (ptrdiff_t group = 0; group < s->groups; group++) {
    struct outer o = describe_patches_weight(s, group);
    o.large = large;
    o.small = small;
    run_outer(pool, o, weight, accumulate, workspace);
  }
}

#endif

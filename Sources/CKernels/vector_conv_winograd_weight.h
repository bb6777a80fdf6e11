// The weight gradient in the transform domain: the transformed tiles of the large image times those of the
// small image's gradient, summed over all tiles and transformed back once.
#ifndef VECTOR_CONV_WINOGRAD_WEIGHT_H
#define VECTOR_CONV_WINOGRAD_WEIGHT_H

#include "vector_conv_outer.h"
#include "vector_conv_winograd.h"

/// Fetches some pixels' channels, a line's worth at every so many of them. A tile's pixels lie too far apart for the
/// processor to foresee those of the next.
INLINE void prefetch_pixels(int count, const float *const *pixels, ptrdiff_t channel) {
  const ptrdiff_t line = 64 / (ptrdiff_t)sizeof(float);
  if (channel % line) return;
  UNROLL
  for (int i = 0; i < count; i++) __builtin_prefetch(pixels[i] + channel, 0, 3);
}

/// Tiles of the large image: vectors are the phases of the stride, for WIDTH channels after the other. While a
/// phase of a tile is transformed, that of the next tile is fetched.
INLINE void gather_large_tiles(const struct winograd *w, const struct outer *o, struct ck_range steps,
                               struct ck_range vectors, float *planes, float *zeros) {
  struct patches p = {o->y, o->x, o->large, o->shape->large_channels, o->first_channel, o->channels};
  struct tiling tiles = tiles_of(&o->y, &o->x, w->m);
  struct place tile = place_of(steps.start, tiles.rows, tiles.columns);
  ptrdiff_t phases = o->shape->stride_height, first = vectors.start / o->granule * WIDTH;
  ptrdiff_t channels = ck_lower(vectors.count / o->granule * WIDTH, o->channels - first);
  ptrdiff_t plane = o->plane, vector = o->points * plane;
  const float *inputs[MOST_PHASES][MOST_POINTS];
  append_zeros(zeros, o->channels);
  for (ptrdiff_t phase = 0; phase < o->granule; phase++)
    find_inputs(w, &p, tile, phase / phases, phase % phases, zeros, inputs[phase]);
  for (ptrdiff_t t = 0; t < steps.count; t++, planes += WIDTH) {
    next_place(&tile, tiles.rows, tiles.columns);
    for (ptrdiff_t phase = 0; phase < o->granule; phase++) {
      const float *pixels[MOST_POINTS];
      for (int i = 0; i < w->n * w->n; i++) pixels[i] = inputs[phase][i];
      if (t + 1 < steps.count) find_inputs(w, &p, tile, phase / phases, phase % phases, zeros, inputs[phase]);
      float *to = planes + phase * vector;
      FOR_VECTORS(channels, c, n, {
        vfloat points[MOST_POINTS];
        prefetch_pixels(w->n * w->n, inputs[phase], first + c);
        load_inputs(w, pixels, first + c, n, points);
        UNROLL
        for (int i = 0; i < w->n * w->n; i++) store(to + i * plane, points[i]);
        to += o->granule * vector;
      });
    }
  }
}

INLINE void gather_small_tiles(const struct winograd *w, const struct outer *o, struct ck_range steps,
                               struct ck_range vectors, float *planes, float *zeros) {
  const ck_conv_shape *s = o->shape;
  struct patches p = {.y.in_size = s->small_height,
                      .x.in_size = s->small_width,
                      .image = o->small,
                      .in_channels = s->small_channels,
                      .in_first = o->first_filter + vectors.start * WIDTH};
  struct tiling tiles = tiles_of(&o->y, &o->x, w->m);
  struct place tile = place_of(steps.start, tiles.rows, tiles.columns);
  ptrdiff_t rows = ck_lower(vectors.count * WIDTH, o->rows - vectors.start * WIDTH);
  ptrdiff_t plane = o->plane, vector = o->points * plane;
  const float *pixels[MOST_POINTS], *next[MOST_POINTS];
  append_zeros(zeros, rows);
  find_pixels(&p, tile.image, tile.y * w->m, tile.x * w->m, 1, 1, w->m, zeros, next);
  for (ptrdiff_t t = 0; t < steps.count; t++, planes += WIDTH) {
    for (int pixel = 0; pixel < w->m * w->m; pixel++) pixels[pixel] = next[pixel];
    next_place(&tile, tiles.rows, tiles.columns);
    if (t + 1 < steps.count)
      find_pixels(&p, tile.image, tile.y * w->m, tile.x * w->m, 1, 1, w->m, zeros, next);
    float *to = planes;
    FOR_VECTORS(rows, c, n, {
      vfloat values[MOST_POINTS], points[MOST_POINTS];
      prefetch_pixels(w->m * w->m, next, c);
      UNROLL
      for (int i = 0; i < w->m * w->m; i++) values[i] = load_some(pixels[i] + c, n);
      transform_output_gradient(w, values, points);
      UNROLL
      for (int i = 0; i < w->n * w->n; i++) store(to + i * plane, points[i]);
      to += vector;
    });
  }
}

INLINE void finish_tiles(const struct winograd *w, const struct outer *o, const struct outer_sums *sums,
                         float *weight, bool accumulate) {
  const ck_conv_shape *s = o->shape;
  ptrdiff_t taps_of_phase[MOST_PHASES][MOST_POINTS], phases = s->stride_height;
  for (ptrdiff_t phase = 0; phase < o->granule; phase++)
    find_taps(w, &o->y, &o->x, phases, phase, s->kernel_width, taps_of_phase[phase]);
  ptrdiff_t elements = s->kernel_height * s->kernel_width, filter_elements = o->channels * elements;
  weight += (o->first_filter + sums->rows.start) * filter_elements;
  for (ptrdiff_t row = 0; row < sums->rows.count; row++, weight += filter_elements)
    for (ptrdiff_t v = 0; v < sums->vectors.count; v += o->granule) {
      ptrdiff_t channel = (sums->vectors.start + v) / o->granule * WIDTH;
      ptrdiff_t channels = ck_lower(WIDTH, o->channels - channel);
      float *kernels = weight + channel * elements;
      if (row + 1 < sums->rows.count) ck_prefetch_for_write(kernels + filter_elements, channels * elements);
      // The last one takes the taps that the kernel does not have.
      vfloat kernel[MOST_KERNEL_TAPS + 1];
      for (ptrdiff_t phase = 0; phase < o->granule; phase++) {
        vfloat points[MOST_POINTS], taps[MOST_POINTS];
        ptrdiff_t at = row * sums->row + (v + phase) * WIDTH;
        UNROLL
        for (int i = 0; i < w->n * w->n; i++) points[i] = total(sums, at + i * sums->plane);
        transform_kernel_gradient(w, points, taps);
        UNROLL
        for (int i = 0; i < w->r * w->r; i++) kernel[taps_of_phase[phase][i]] = taps[i];
      }
      store_taps(kernel, elements, channels, kernels, accumulate);
    }
}

#define WINOGRAD_WEIGHT_FUNCTIONS(NAME)                                                                      \
  static void gather_large_##NAME(const struct outer *o, struct ck_range steps, struct ck_range vectors,     \
                                  float *planes, float *scratch) {                                           \
    gather_large_tiles(&NAME, o, steps, vectors, planes, scratch);                                           \
  }                                                                                                          \
  static void gather_small_##NAME(const struct outer *o, struct ck_range steps, struct ck_range vectors,     \
                                  float *planes, float *scratch) {                                           \
    gather_small_tiles(&NAME, o, steps, vectors, planes, scratch);                                           \
  }                                                                                                          \
  static void finish_##NAME(const struct outer *o, const struct outer_sums *sums, float *weight,             \
                            bool accumulate) {                                                               \
    finish_tiles(&NAME, o, sums, weight, accumulate);                                                        \
  }

WINOGRAD_WEIGHT_FUNCTIONS(winograd_2_2)
WINOGRAD_WEIGHT_FUNCTIONS(winograd_4_2)
WINOGRAD_WEIGHT_FUNCTIONS(winograd_2_3)
WINOGRAD_WEIGHT_FUNCTIONS(winograd_4_3)
WINOGRAD_WEIGHT_FUNCTIONS(winograd_2_4)
WINOGRAD_WEIGHT_FUNCTIONS(winograd_3_4)

/// What computes a weight gradient with one transform.
struct winograd_weight_functions {
  const struct winograd *transform;
  outer_gather gather_large, gather_small;
  outer_finish finish;
};

#define WINOGRAD_WEIGHT_ROW(NAME) {&NAME, gather_large_##NAME, gather_small_##NAME, finish_##NAME}

/// As `winograd_functions`.
static const struct winograd_weight_functions
    winograd_weight_functions[2][CK_CONV_MOST_TAPS - CK_CONV_LEAST_TAPS + 1] = {
        {WINOGRAD_WEIGHT_ROW(winograd_2_2), WINOGRAD_WEIGHT_ROW(winograd_2_3), WINOGRAD_WEIGHT_ROW(winograd_2_4)},
        {WINOGRAD_WEIGHT_ROW(winograd_4_2), WINOGRAD_WEIGHT_ROW(winograd_4_3), WINOGRAD_WEIGHT_ROW(winograd_3_4)},
};

static struct outer describe_winograd_weight(bool is_large, const ck_conv_shape *s, ptrdiff_t group) {
  ptrdiff_t filters = s->small_channels / s->groups, channels = s->large_channels / s->groups;
  ptrdiff_t phases = s->stride_height * s->stride_width;
  const struct winograd_weight_functions *f =
      &winograd_weight_functions[is_large][ck_conv_phase_taps(s) - CK_CONV_LEAST_TAPS];
  struct outer o = {
      .shape = s,
      .y = ck_conv_forward_axis(ck_conv_rows_of(s)),
      .x = ck_conv_forward_axis(ck_conv_columns_of(s)),
      .first_filter = group * filters,
      .rows = filters,
      .first_channel = group * channels,
      .channels = channels,
      .points = f->transform->n * f->transform->n,
      .vectors = phases * ck_quotient_up(channels, WIDTH),
      .granule = phases,
      .gather_large = f->gather_large,
      .gather_small = f->gather_small,
      .finish = f->finish,
      .scratch_floats = conv_round_up(ck_higher(filters, channels), WIDTH),
  };
  struct tiling tiles = tiles_of(&o.y, &o.x, f->transform->m);
  o.steps = s->batch * tiles.rows * tiles.columns;
  return o;
}

static void run_winograd_weight(bool is_large, ck_pool *pool, const ck_conv_shape *s, const float *large,
                                const float *small, float *weight, bool accumulate, void *workspace) {
  for (ptrdiff_t group = 0; group < s->groups; group++) {
    struct outer o = describe_winograd_weight(is_large, s, group);
    o.large = large;
    o.small = small;
    run_outer(pool, o, weight, accumulate, workspace);
  }
}

/// The functions of the kernel that is called after its tiles of M×M outputs, which are large where M is 4.
#define WINOGRAD_KERNEL(M)                                                                                   \
  static void describe_winograd##M(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t phase,     \
                                   ptrdiff_t group, struct product *p) {                                     \
    describe_winograd(M == 4, s, direction, phase, group, p);                                                \
  }                                                                                                          \
  static const struct rows_method winograd##M##_method = {describe_winograd##M, winograd_scratch_floats,     \
                                                          false};                                            \
  static size_t winograd##M##_prepared_floats(const ck_conv_shape *s, ck_conv_direction direction) {         \
    if (direction == CK_CONV_WEIGHT_GRADIENT) return 0;                                                      \
    return (size_t)rows_sizes(&winograd##M##_method, s, direction).weights;                                  \
  }                                                                                                          \
  static void winograd##M##_prepare(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,      \
                                    const float *weight, float *prepared) {                                  \
    if (direction == CK_CONV_WEIGHT_GRADIENT) return;                                                        \
    prepare_rows(&winograd##M##_method, pool, s, direction, weight, prepared);                               \
  }                                                                                                          \
  static size_t winograd##M##_workspace_bytes(const ck_conv_shape *s, ck_conv_direction direction,           \
                                              int lanes) {                                                   \
    if (direction == CK_CONV_WEIGHT_GRADIENT)                                                                \
      return outer_workspace_floats(describe_winograd_weight(M == 4, s, 0), lanes) * sizeof(float);          \
    return rows_workspace_bytes(&winograd##M##_method, s, direction, lanes);                                 \
  }                                                                                                          \
  static void winograd##M##_run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,          \
                                const float *first, const float *second, float *result,                      \
                                const ck_conv_epilogue *epilogue, void *workspace) {                         \
    if (direction == CK_CONV_WEIGHT_GRADIENT)                                                                \
      run_winograd_weight(M == 4, pool, s, first, second, result, epilogue->accumulate, workspace);          \
    else                                                                                                     \
      run_rows(&winograd##M##_method, pool, s, direction, first, second, result, epilogue, workspace);       \
  }

static bool winograd_kernel_supports(const ck_conv_shape *s, ck_conv_direction direction) {
  (void)direction;
  return winograd_supports(s);
}

/// The functions of the kernel with packed weights.
#define WINOGRAD_PACKED_KERNEL(M)                                                                            \
  static const struct rows_method winograd##M##_packed_method = {describe_winograd##M,                       \
                                                                 winograd_scratch_floats, true};             \
  static size_t winograd##M##_packed_floats(const ck_conv_shape *s, ck_conv_direction direction) {           \
    return (size_t)rows_sizes(&winograd##M##_packed_method, s, direction).weights;                           \
  }                                                                                                          \
  static void winograd##M##_pack(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,         \
                                 const float *weight, float *packed) {                                       \
    prepare_rows(&winograd##M##_packed_method, pool, s, direction, weight, packed);                          \
  }                                                                                                          \
  static size_t winograd##M##_packed_workspace_bytes(const ck_conv_shape *s, ck_conv_direction direction,    \
                                                     int lanes) {                                            \
    return rows_workspace_bytes(&winograd##M##_packed_method, s, direction, lanes);                          \
  }                                                                                                          \
  static void winograd##M##_packed_run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,   \
                                       const float *first, const float *second, float *result,               \
                                       const ck_conv_epilogue *epilogue, void *workspace) {                  \
    run_rows(&winograd##M##_packed_method, pool, s, direction, first, second, result, epilogue, workspace);  \
  }

/// It has no weight gradient of its own.
UNUSED static bool winograd_packed_supports(const ck_conv_shape *s, ck_conv_direction direction) {
  return direction != CK_CONV_WEIGHT_GRADIENT && winograd_supports(s);
}

#endif

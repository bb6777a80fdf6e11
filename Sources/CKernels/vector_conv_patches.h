// Convolutions of any shape: the pixels that an output reads, its patch, are a row of a matrix.
#ifndef VECTOR_CONV_PATCHES_H
#define VECTOR_CONV_PATCHES_H

#include "vector_conv_rows.h"

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

/// The patch of one output as `depth` floats, tap by tap, with zeros outside the image. `to` has room for
/// whole vectors. Returns its end.
static float *gather_patch(const struct product *p, struct place place, float *to) {
  const float *image = p->image + place.image * p->y.in_size * p->x.in_size * p->in_channels + p->in_first;
  ptrdiff_t x = place.x * p->x.in_step + p->x.offset;
  bool is_run = p->x.offset_step == 1 && p->channels == p->in_channels;
  for (ptrdiff_t i = 0; i < p->y.taps; i++) {
    ptrdiff_t y = place.y * p->y.in_step + p->y.offset + i * p->y.offset_step;
    if (y < 0 || y >= p->y.in_size) {
      to = append_zeros(to, p->x.taps * p->channels);
    } else if (is_run) {
      const float *row = image + y * p->x.in_size * p->in_channels;
      ptrdiff_t first = ck_lower(ck_higher(-x, 0), p->x.taps);
      ptrdiff_t end = ck_higher(ck_lower(p->x.in_size - x, p->x.taps), first);
      to = append_zeros(to, first * p->channels);
      to = append(to, row + (x + first) * p->in_channels, (end - first) * p->channels);
      to = append_zeros(to, (p->x.taps - end) * p->channels);
    } else {
      const float *row = image + y * p->x.in_size * p->in_channels;
      for (ptrdiff_t j = 0; j < p->x.taps; j++) {
        ptrdiff_t column = x + j * p->x.offset_step;
        if (column < 0 || column >= p->x.in_size)
          to = append_zeros(to, p->channels);
        else
          to = append(to, row + column * p->in_channels, p->channels);
      }
    }
  }
  return to;
}

/// Where the channels of one tap are whole vectors they go to the panel at once, `stride` floats apart.
static void gather_vectors(const struct product *p, struct place place, float *to, ptrdiff_t stride) {
  const float *image = p->image + place.image * p->y.in_size * p->x.in_size * p->in_channels + p->in_first;
  for (ptrdiff_t i = 0; i < p->y.taps; i++)
    for (ptrdiff_t j = 0; j < p->x.taps; j++) {
      ptrdiff_t y = place.y * p->y.in_step + p->y.offset + i * p->y.offset_step;
      ptrdiff_t x = place.x * p->x.in_step + p->x.offset + j * p->x.offset_step;
      bool inside = y >= 0 && y < p->y.in_size && x >= 0 && x < p->x.in_size;
      const float *pixel = image + (y * p->x.in_size + x) * p->in_channels;
      for (ptrdiff_t c = 0; c < p->channels; c += WIDTH, to += stride)
        store(to, inside ? load(pixel + c) : splat(0));
    }
}

static void scatter_vectors(ptrdiff_t count, const float *from, float *to, ptrdiff_t stride) {
  for (ptrdiff_t i = 0; i < count; i += WIDTH, to += stride) store(to, load(from + i));
}

static void gather_patches(const struct product *p, struct ck_range rows, float *panels, ptrdiff_t plane,
                           float *scratch) {
  (void)plane;
  const ptrdiff_t stride = TILE_ROWS * WIDTH;
  struct place place = place_of(rows.start, p->y.count, p->x.count);
  ptrdiff_t padded_rows = conv_round_up(rows.count, TILE_ROW_STEP);
  for (ptrdiff_t row = 0; row < padded_rows; row++) {
    float *to = panels + row / TILE_ROWS * TILE_ROWS * padded_depth(p) + row % TILE_ROWS * WIDTH;
    if (row >= rows.count) {
      for (ptrdiff_t k = 0; k < p->depth; k += WIDTH, to += stride) store(to, splat(0));
    } else {
      if (p->channels % WIDTH == 0) {
        gather_vectors(p, place, to, stride);
      } else {
        append_zeros(gather_patch(p, place, scratch), 1);
        scatter_vectors(p->depth, scratch, to, stride);
      }
      next_place(&place, p->y.count, p->x.count);
    }
  }
}

static void write_pixels(const struct product *p, const struct conv_output *output, struct ck_range rows,
                         struct ck_range columns, ptrdiff_t part, const float *products, ptrdiff_t plane) {
  (void)plane;
  enum { PIXELS_AT_A_TIME = 16 };
  ptrdiff_t width = conv_round_up(columns.count, WIDTH);
  for (ptrdiff_t column = 0; column < columns.count; column += WIDTH) {
    struct channel_block block = begin_channels(output, p->out_first + columns.start + column,
                                                ck_lower(WIDTH, columns.count - column));
    struct place place = place_of(rows.start, p->y.count, p->x.count);
    for (ptrdiff_t first = 0; first < rows.count; first += PIXELS_AT_A_TIME) {
      ptrdiff_t count = ck_lower(PIXELS_AT_A_TIME, rows.count - first);
      vfloat values[PIXELS_AT_A_TIME];
      for (ptrdiff_t i = 0; i < count; i++) {
        ptrdiff_t y = p->y.start + place.y * p->y.step, x = p->x.start + place.x * p->x.step;
        values[i] = load(products + (first + i) * width + column) + block.bias;
        put(output, &block,
            output->image + ((place.image * output->height + y) * output->width + x) * output->channels,
            values[i]);
        next_place(&place, p->y.count, p->x.count);
      }
      if (output->moments.means) take_moments(&block, count, values);
    }
    end_channels(output, &block, part);
  }
}

static void prepare_patches(const struct product *p, const float *weight, struct ck_range columns,
                            float *prepared) {
  ptrdiff_t width = conv_round_up(columns.count, WIDTH);
  const float *first = weight + p->weight_first + columns.start * p->column_stride;
  for (ptrdiff_t i = 0; i < p->y.taps; i++)
    for (ptrdiff_t j = 0; j < p->x.taps; j++)
      for (ptrdiff_t c = 0; c < p->channels; c++, prepared += width) {
        const float *from = first + c * p->channel_stride +
                            (p->y.tap + i * p->y.tap_step) * p->kernel_width + p->x.tap + j * p->x.tap_step;
        for (ptrdiff_t column = 0; column < width; column++)
          prepared[column] = column < columns.count ? from[column * p->column_stride] : 0;
      }
}

static void describe_patches(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t phase,
                             ptrdiff_t group, struct product *p) {
  describe_images(s, direction, phase, group, p);
  p->rows = p->batch * p->y.count * p->x.count;
  p->points = 1;
  p->depth = p->y.taps * p->x.taps * p->channels;
  p->gather = gather_patches;
  p->write = write_pixels;
  p->prepare = prepare_patches;
}

static ptrdiff_t patches_scratch_floats(const struct product *p) { return p->depth + 2 * WIDTH; }

static const struct rows_method patches_method = {describe_patches, patches_scratch_floats};

static bool patches_supports(const ck_conv_shape *shape, ck_conv_direction direction) {
  (void)shape;
  return direction != CK_CONV_WEIGHT_GRADIENT;
}

static size_t patches_prepared_floats(const ck_conv_shape *shape, ck_conv_direction direction) {
  return (size_t)rows_sizes(&patches_method, shape, direction).weights;
}

static void patches_prepare(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                            const float *weight, float *prepared) {
  prepare_rows(&patches_method, pool, shape, direction, weight, prepared);
}

static size_t patches_workspace_bytes(const ck_conv_shape *shape, ck_conv_direction direction, int lanes) {
  return rows_workspace_bytes(&patches_method, shape, direction, lanes);
}

static void patches_run(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                        const float *first, const float *second, float *result,
                        const ck_conv_epilogue *epilogue, void *workspace) {
  run_rows(&patches_method, pool, shape, direction, first, second, result, epilogue, workspace);
}

#endif

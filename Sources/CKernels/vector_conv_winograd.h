// Winograd convolution over the polyphase decomposition of the stride. A stride-s convolution is the sum over
// the s² phases of its input of stride-1 convolutions with ⌈kernel/s⌉ taps; each has a Winograd form, and the
// phases add up in the transform domain. In the data gradient each phase of the result is such a convolution.
#ifndef VECTOR_CONV_WINOGRAD_H
#define VECTOR_CONV_WINOGRAD_H

#include "vector_conv_gather.h"
#include "vector_conv_rows.h"
#include "vector_conv_transforms.h"
#include "vector_transpose.h"

enum {
  /// Kernels have at most as many elements as two phases of three taps in each dimension, here in whole
  /// vectors.
  MOST_KERNEL_TAPS = 48,
  MOST_PHASES = 4,
  /// Floats of kernels that are read at a time: the first level cache holds them while all phases are prepared.
  KERNEL_FLOATS = 1 << 12,
  /// How far ahead kernels are fetched, of which the processor does not foresee enough: in channels while they are
  /// packed, in vectors of kernels while they are transformed.
  KERNELS_AHEAD = 4,
};

/// Tiles in each dimension.
struct tiling {
  ptrdiff_t rows, columns;
};

INLINE struct tiling tiles_of(const struct ck_conv_axis *y, const struct ck_conv_axis *x, ptrdiff_t m) {
  return (struct tiling){ck_quotient_up(y->count, m), ck_quotient_up(x->count, m)};
}

/// Where count × count pixels of an image lie, from (y, x) on in steps; `zeros` for those outside it.
INLINE void find_pixels(const struct patches *p, ptrdiff_t image, ptrdiff_t y, ptrdiff_t x, ptrdiff_t step_y,
                        ptrdiff_t step_x, int count, const float *zeros, const float **pixels) {
  const float *from = p->image + image * p->y.in_size * p->x.in_size * p->in_channels + p->in_first;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++) {
      ptrdiff_t row = y + i * step_y, column = x + j * step_x;
      bool is_inside = row >= 0 && row < p->y.in_size && column >= 0 && column < p->x.in_size;
      pixels[i * count + j] = is_inside ? from + (row * p->x.in_size + column) * p->in_channels : zeros;
    }
}

/// The inputs of one tile in one phase of the stride.
INLINE void find_inputs(const struct winograd *w, const struct patches *p, struct place tile,
                        ptrdiff_t phase_y, ptrdiff_t phase_x, const float *zeros, const float **pixels) {
  find_pixels(p, tile.image, tile.y * w->m * p->y.in_step + p->y.offset + phase_y,
              tile.x * w->m * p->x.in_step + p->x.offset + phase_x, p->y.in_step, p->x.in_step, w->n, zeros,
              pixels);
}

/// A vector of channels of a tile's inputs, transformed.
INLINE void load_inputs(const struct winograd *w, const float *const *pixels, ptrdiff_t channel,
                        ptrdiff_t count, vfloat *points) {
  vfloat values[MOST_POINTS];
  UNROLL
  for (int i = 0; i < w->n * w->n; i++) values[i] = load_some(pixels[i] + channel, count);
  transform_input(w, values, points);
}

/// The depth: vectors of channels, and of each its phases one after the other.
INLINE ptrdiff_t winograd_depth(ptrdiff_t channel, ptrdiff_t phase, ptrdiff_t phases) {
  return (channel / WIDTH * phases + phase) * WIDTH + channel % WIDTH;
}

INLINE void gather_winograd(const struct winograd *w, const struct product *p, struct ck_range rows,
                            float *panels, ptrdiff_t plane, float *zeros) {
  struct patches patches = {p->y, p->x, p->image, p->in_channels, p->in_first, p->channels};
  struct tiling tiles = tiles_of(&p->y, &p->x, w->m);
  struct place tile = place_of(rows.start, tiles.rows, tiles.columns);
  const ptrdiff_t stride = TILE_ROWS * WIDTH, phases = p->phases * p->phases;
  append_zeros(zeros, p->channels);
  for (ptrdiff_t row = 0; row < rows.count; row++) {
    ptrdiff_t first = row / TILE_ROWS * TILE_ROWS * p->depth + row % TILE_ROWS * WIDTH;
    for (ptrdiff_t phase = 0; phase < phases; phase++) {
      ptrdiff_t to = first + phase * stride;
      const float *pixels[MOST_POINTS];
      find_inputs(w, &patches, tile, phase / p->phases, phase % p->phases, zeros, pixels);
      FOR_VECTORS(p->channels, c, n, {
        vfloat points[MOST_POINTS];
        load_inputs(w, pixels, c, n, points);
        UNROLL
        for (int i = 0; i < w->n * w->n; i++) store_elements(element(panels, to + i * plane), points[i]);
        to += phases * stride;
      });
    }
    next_place(&tile, tiles.rows, tiles.columns);
  }
  for (ptrdiff_t row = rows.count; row < conv_round_up(rows.count, TILE_ROW_STEP); row++)
    for (ptrdiff_t point = 0; point < p->points; point++) {
      ptrdiff_t to = point * plane + row / TILE_ROWS * TILE_ROWS * p->depth + row % TILE_ROWS * WIDTH;
      for (ptrdiff_t k = 0; k < p->depth; k += WIDTH, to += stride)
        store_elements(element(panels, to), splat(0));
    }
}

/// A tile's pixels in the result: the first one, how many of them are in the image, and what lies between two.
struct output_tile {
  float *first;
  ptrdiff_t height, width, row, column;
};

INLINE struct output_tile output_tile(const struct winograd *w, const struct product *p,
                                      const struct conv_output *output, struct place tile) {
  ptrdiff_t y = tile.y * w->m, x = tile.x * w->m;
  ptrdiff_t column = p->x.step * output->channels, row = p->y.step * output->width * output->channels;
  float *image = output->image + (tile.image * output->height + p->y.start) * output->width * output->channels;
  return (struct output_tile){image + p->x.start * output->channels + y * row + x * column,
                              ck_lower(w->m, p->y.count - y), ck_lower(w->m, p->x.count - x), row, column};
}

/// Writes one vector of channels of one tile.
INLINE void write_tile(const struct winograd *w, const struct conv_output *output,
                       struct channel_block *block, const float *products, ptrdiff_t plane,
                       struct output_tile tile) {
  vfloat points[MOST_POINTS], values[MOST_POINTS];
  UNROLL
  for (int i = 0; i < w->n * w->n; i++) points[i] = load(products + i * plane);
  transform_output(w, points, values);
  UNROLL
  for (int i = 0; i < w->m * w->m; i++) values[i] += block->bias;
  float *to = tile.first + block->first;
  if (tile.height == w->m && tile.width == w->m) {
    if (output->moments.means) take_moments(block, w->m * w->m, values);
    UNROLL
    for (int i = 0; i < w->m; i++) {
      UNROLL
      for (int j = 0; j < w->m; j++)
        put(output, to + i * tile.row + j * tile.column, block->count, values[i * w->m + j]);
    }
    return;
  }
  vfloat inside[MOST_POINTS];
  ptrdiff_t count = 0;
  for (ptrdiff_t i = 0; i < tile.height; i++)
    for (ptrdiff_t j = 0; j < tile.width; j++) {
      inside[count] = values[i * w->m + j];
      put(output, to + i * tile.row + j * tile.column, block->count, inside[count++]);
    }
  if (output->moments.means) take_moments(block, count, inside);
}

/// A tile's pixels lie too far apart for the processor to foresee them.
INLINE void prefetch_winograd(const struct winograd *w, const struct product *p, const struct conv_output *output,
                              ptrdiff_t row, struct ck_range columns) {
  struct tiling tiles = tiles_of(&p->y, &p->x, w->m);
  struct output_tile to = output_tile(w, p, output, place_of(row, tiles.rows, tiles.columns));
  const float *first = to.first + p->out_first + columns.start;
  for (ptrdiff_t i = 0; i < to.height; i++)
    for (ptrdiff_t j = 0; j < to.width; j++)
      ck_prefetch_for_write(first + i * to.row + j * to.column, columns.count);
}

INLINE void write_winograd(const struct winograd *w, const struct product *p,
                           const struct conv_output *output, struct ck_range rows, struct ck_range columns,
                           ptrdiff_t part, const float *products, ptrdiff_t plane) {
  ptrdiff_t vectors = ck_quotient_up(columns.count, WIDTH);
  struct channel_block blocks[TILE_VECTORS];
  for (ptrdiff_t v = 0; v < vectors; v++)
    blocks[v] = begin_channels(output, p->out_first + columns.start + v * WIDTH,
                               ck_lower(WIDTH, columns.count - v * WIDTH));
  struct tiling tiles = tiles_of(&p->y, &p->x, w->m);
  struct place tile = place_of(rows.start, tiles.rows, tiles.columns);
  for (ptrdiff_t r = 0; r < rows.count; r++) {
    struct output_tile to = output_tile(w, p, output, tile);
    for (ptrdiff_t v = 0; v < vectors; v++)
      write_tile(w, output, &blocks[v], products + (r * vectors + v) * WIDTH, plane, to);
    next_place(&tile, tiles.rows, tiles.columns);
  }
  for (ptrdiff_t v = 0; v < vectors; v++) end_channels(output, &blocks[v], part);
}

/// The elements of up to WIDTH kernels, `stride` floats apart: values [element][kernel], in whole vectors.
INLINE void load_kernels(const float *from, ptrdiff_t elements, ptrdiff_t kernels, ptrdiff_t stride,
                         float *values) {
  for (ptrdiff_t first = 0; first < elements; first += WIDTH) {
    ptrdiff_t count = ck_lower(WIDTH, elements - first);
    vfloat rows[WIDTH];
    load_transposed(from + first, count, kernels, stride, rows);
    UNROLL
    for (int i = 0; i < WIDTH; i++) store(values + (first + i) * WIDTH, rows[i]);
  }
}

/// The numbers of the kernel's elements that are the r × r taps of a phase; MOST_KERNEL_TAPS where a phase
/// has fewer.
INLINE void find_taps(const struct winograd *w, const struct ck_conv_axis *y, const struct ck_conv_axis *x,
                      ptrdiff_t phases, ptrdiff_t phase, ptrdiff_t kernel_width, ptrdiff_t *elements) {
  for (int i = 0; i < w->r; i++)
    for (int j = 0; j < w->r; j++) {
      ptrdiff_t tap_y = i * phases + phase / phases, tap_x = j * phases + phase % phases;
      bool is_there = tap_y < y->taps && tap_x < x->taps;
      elements[i * w->r + j] =
          is_there ? (y->tap + tap_y * y->tap_step) * kernel_width + x->tap + tap_x * x->tap_step
                   : MOST_KERNEL_TAPS;
    }
}

/// The kernels of some input channels and all columns: [channel][vector][element], and behind the elements the
/// zero that stands for taps which a phase does not have.
INLINE void load_block(const struct product *p, const float *weight, struct ck_range channels,
                       struct ck_range columns, float *kernels) {
  const float *first = weight + p->weight_first + columns.start * p->column_stride;
  for (ptrdiff_t c = channels.start; c < channels.start + channels.count; c++)
    for (ptrdiff_t v = 0; v < columns.count; v += WIDTH, kernels += p->packed_taps * WIDTH) {
      const float *from = first + c * p->channel_stride + v * p->column_stride;
      ptrdiff_t ahead = c + KERNELS_AHEAD < p->channels ? ck_lower(WIDTH, columns.count - v) : 0;
      for (ptrdiff_t i = 0; i < ahead; i++)
        __builtin_prefetch(from + KERNELS_AHEAD * p->channel_stride + i * p->column_stride, 0, 3);
      load_kernels(from, p->kernel_elements, c < p->channels ? columns.count - v : 0, p->column_stride, kernels);
      store(kernels + (p->packed_taps - 1) * WIDTH, splat(0));
    }
}

/// Transforms loaded kernels for one product, phase by phase. `prepared` begins with those of channel 0.
INLINE void transform_block(const struct winograd *w, const struct product *p, struct ck_range channels,
                            ptrdiff_t vectors, const float *kernels, float *prepared, ptrdiff_t plane) {
  ptrdiff_t phases = p->phases * p->phases;
  for (ptrdiff_t phase = 0; phase < phases; phase++) {
    ptrdiff_t places[MOST_POINTS];
    find_taps(w, &p->y, &p->x, p->phases, phase, p->kernel_width, places);
    for (int i = 0; i < w->r * w->r; i++) places[i] = ck_lower(places[i], p->packed_taps - 1) * WIDTH;
    const float *kernel = kernels;
    for (ptrdiff_t i = 0; i < channels.count * vectors; i++, kernel += p->packed_taps * WIDTH) {
      ptrdiff_t k = winograd_depth(channels.start + i / vectors, phase, phases);
      float *to = depth_row(prepared, k, vectors * WIDTH) + i % vectors * WIDTH;
      vfloat taps[MOST_POINTS], points[MOST_POINTS];
      UNROLL
      for (int tap = 0; tap < w->r * w->r; tap++) {
        taps[tap] = load(kernel + places[tap]);
        __builtin_prefetch(kernel + KERNELS_AHEAD * p->packed_taps * WIDTH + places[tap], 0, 3);
      }
      transform_kernel(w, taps, points);
      UNROLL
      for (int point = 0; point < w->n * w->n; point++) store_in_row(to + point * plane, k, points[point]);
    }
  }
}

INLINE void prepare_winograd(const struct winograd *w, const struct product *products, ptrdiff_t count,
                             const float *weight, struct ck_range columns, float *const *prepared,
                             ptrdiff_t const *planes) {
  ptrdiff_t vectors = ck_quotient_up(columns.count, WIDTH), padded = conv_round_up(products->channels, WIDTH);
  ptrdiff_t block = KERNEL_FLOATS / (vectors * products->packed_taps * WIDTH);
  for (ptrdiff_t c = 0; c < padded; c += block) {
    struct ck_range channels = {c, ck_lower(block, padded - c)};
    _Alignas(64) float kernels[KERNEL_FLOATS];
    load_block(products, weight, channels, columns, kernels);
    for (ptrdiff_t i = 0; i < count; i++)
      transform_block(w, &products[i], channels, vectors, kernels, prepared[i], planes[i]);
  }
}

static void pack_winograd(const struct product *p, const float *weight, struct ck_range columns,
                          float *packed) {
  load_block(p, weight, (struct ck_range){0, conv_round_up(p->channels, WIDTH)}, columns, packed);
}

#define WINOGRAD_FUNCTIONS(NAME)                                                                             \
  static void gather_##NAME(const struct product *p, struct ck_range rows, float *panels, ptrdiff_t plane,   \
                            float *scratch) {                                                                \
    gather_winograd(&NAME, p, rows, panels, plane, scratch);                                                 \
  }                                                                                                          \
  static void write_##NAME(const struct product *p, const struct conv_output *output, struct ck_range rows,  \
                           struct ck_range columns, ptrdiff_t part, const float *products,                   \
                           ptrdiff_t plane) {                                                                \
    write_winograd(&NAME, p, output, rows, columns, part, products, plane);                                  \
  }                                                                                                          \
  static void prefetch_##NAME(const struct product *p, const struct conv_output *output, ptrdiff_t row,      \
                              struct ck_range columns) {                                                     \
    prefetch_winograd(&NAME, p, output, row, columns);                                                       \
  }                                                                                                          \
  static void prepare_##NAME(const struct product *products, ptrdiff_t count, const float *weight,           \
                             struct ck_range columns, float *const *prepared, ptrdiff_t const *planes) {     \
    prepare_winograd(&NAME, products, count, weight, columns, prepared, planes);                             \
  }                                                                                                          \
  static void transform_##NAME(const struct product *p, const float *packed, ptrdiff_t channels,             \
                               ptrdiff_t vectors, float *prepared, ptrdiff_t plane) {                        \
    transform_block(&NAME, p, (struct ck_range){0, channels}, vectors, packed, prepared, plane);             \
  }

WINOGRAD_FUNCTIONS(winograd_2_2)
WINOGRAD_FUNCTIONS(winograd_4_2)
WINOGRAD_FUNCTIONS(winograd_2_3)
WINOGRAD_FUNCTIONS(winograd_4_3)
WINOGRAD_FUNCTIONS(winograd_2_4)
WINOGRAD_FUNCTIONS(winograd_3_4)

/// What computes a product with one transform.
struct winograd_functions {
  const struct winograd *transform;
  product_gather gather;
  product_write write;
  product_prefetch prefetch;
  product_prepare prepare;
  product_transform prepare_packed;
};

#define WINOGRAD_ROW(NAME)                                                                                   \
  {&NAME, gather_##NAME, write_##NAME, prefetch_##NAME, prepare_##NAME, transform_##NAME}

/// By the size of the tiles, small or large, and by the taps, from `CK_CONV_LEAST_TAPS` on.
static const struct winograd_functions winograd_functions[2][CK_CONV_MOST_TAPS - CK_CONV_LEAST_TAPS + 1] = {
    {WINOGRAD_ROW(winograd_2_2), WINOGRAD_ROW(winograd_2_3), WINOGRAD_ROW(winograd_2_4)},
    {WINOGRAD_ROW(winograd_4_2), WINOGRAD_ROW(winograd_4_3), WINOGRAD_ROW(winograd_3_4)},
};

/// Rounded to bf16, what the transforms of four taps multiply would be as wrong as that of 4×4 tiles.
enum { MOST_TAPS = IS_BF16 ? 3 : CK_CONV_MOST_TAPS };

static bool winograd_supports(const ck_conv_shape *s) {
  ptrdiff_t taps = ck_conv_phase_taps(s);
  return s->stride_height == s->stride_width && s->stride_height <= 2 && s->dilation_height == 1 &&
         s->dilation_width == 1 && taps >= CK_CONV_LEAST_TAPS && taps <= MOST_TAPS &&
         ck_quotient_up(s->kernel_width, s->stride_width) == taps &&
         s->kernel_height * s->kernel_width <= MOST_KERNEL_TAPS;
}

static void describe_winograd(bool is_large, const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t phase,
                              ptrdiff_t group, struct product *p) {
  describe_images(s, direction, phase, group, p);
  const struct winograd_functions *f = &winograd_functions[is_large][ck_conv_phase_taps(s) - CK_CONV_LEAST_TAPS];
  struct tiling tiles = tiles_of(&p->y, &p->x, f->transform->m);
  p->rows = p->batch * tiles.rows * tiles.columns;
  p->points = f->transform->n * f->transform->n;
  if (direction == CK_CONV_FORWARD) p->phases = s->stride_height;
  p->depth = p->phases * p->phases * conv_round_up(p->channels, WIDTH);
  p->gather = f->gather, p->write = f->write, p->prefetch = f->prefetch, p->prepare = f->prepare;
  p->pack = pack_winograd, p->transform = f->prepare_packed;
  p->packed_taps = conv_round_up(p->kernel_elements, WIDTH) + 1;
}

static ptrdiff_t winograd_scratch_floats(const struct product *p) {
  return conv_round_up(p->channels, WIDTH);
}

#endif

// Convolutions of any shape: the pixels that an output reads, its patch, are a row of a matrix.
#ifndef VECTOR_CONV_PATCHES_H
#define VECTOR_CONV_PATCHES_H

#include "vector_conv_columns.h"
#include "vector_conv_gather.h"
#include "vector_conv_patches_weight.h"
#include "vector_conv_rows.h"
#include "vector_transpose.h"

/// Room for one patch, as `gather_patch` wants it.
static ptrdiff_t patch_scratch_floats(const struct product *p) { return padded_depth(p) + 2 * WIDTH; }

/// Whether patches are gathered straight into their places: whole rows of operands.
static bool has_whole_rows(const struct product *p) { return p->channels % ROW_ELEMENTS == 0; }

/// Where in a tile elements from `k` on of a row lie, for a multiple of ROW_ELEMENTS.
INLINE ptrdiff_t row_place(ptrdiff_t row, ptrdiff_t k) {
  return (k / ROW_ELEMENTS * TILE_ROWS + row) * ROW_WORDS;
}

/// Gathers a patch straight into its places in a tile, from `to` on.
static void gather_whole_rows(const struct patches *patches, struct place place, float *to) {
  // A copy that no store can change.
  const struct patches p = *patches;
  for (ptrdiff_t i = 0; i < p.y.taps; i++) {
    const float *row = tap_row(&p, place, i);
    for (ptrdiff_t j = 0; j < p.x.taps; j++) {
      const float *pixel = tap_pixel(&p, place, row, j);
      for (ptrdiff_t c = 0; c < p.channels; c += ROW_ELEMENTS, to += TILE_ROWS * ROW_WORDS)
        if (pixel)
          store_row(to, pixel + c);
        else
          clear_row(to);
    }
  }
}

/// Gathers up to TILE_ROWS rows; the places move on. A tile whose patches are not whole rows of operands is
/// gathered as a whole before it is read back: a load that spans two fresh stores would wait for both.
static void gather_tile(const struct product *p, const struct patches *patches, ptrdiff_t rows,
                        struct place *place, float *tile, float *scratch) {
  const ptrdiff_t patch = patch_scratch_floats(p);
  bool is_whole = has_whole_rows(p);
  for (ptrdiff_t row = 0; row < rows; row++) {
    if (is_whole)
      gather_whole_rows(patches, *place, tile + row * ROW_WORDS);
    else
      append_zeros(gather_patch(patches, *place, scratch + row * patch), padded_depth(p) - p->depth + 1);
    next_place(place, p->y.count, p->x.count);
  }
  if (is_whole) return;
  for (ptrdiff_t row = 0; row < rows; row++)
    for (ptrdiff_t k = 0; k < p->depth; k += ROW_ELEMENTS)
      store_row(tile + row_place(row, k), scratch + row * patch + k);
}

static void gather_patches(const struct product *p, struct ck_range rows, float *panels, ptrdiff_t plane,
                           float *scratch) {
  (void)plane;
  struct patches patches = {p->y, p->x, p->image, p->in_channels, p->in_first, p->channels};
  struct place place = place_of(rows.start, p->y.count, p->x.count);
  for (ptrdiff_t first = 0; first < rows.count; first += TILE_ROWS, panels += TILE_ROWS * row_words(p)) {
    ptrdiff_t count = ck_lower(TILE_ROWS, rows.count - first);
    gather_tile(p, &patches, count, &place, panels, scratch);
    for (ptrdiff_t row = count; row < conv_round_up(count, TILE_ROW_STEP); row++)
      for (ptrdiff_t k = 0; k < p->depth; k += ROW_ELEMENTS) clear_row(panels + row_place(row, k));
  }
}

INLINE void write_pixel_block(const struct product *p, const struct conv_output *output, int vectors,
                              struct ck_range rows, struct ck_range columns, ptrdiff_t part,
                              const float *products) {
  enum { PIXELS_AT_A_TIME = 16 };
  struct channel_block blocks[TILE_VECTORS];
  for (int v = 0; v < vectors; v++)
    blocks[v] = begin_channels(output, p->out_first + columns.start + v * WIDTH,
                               ck_lower(WIDTH, columns.count - v * WIDTH));
  struct place place = place_of(rows.start, p->y.count, p->x.count);
  for (ptrdiff_t first = 0; first < rows.count; first += PIXELS_AT_A_TIME) {
    ptrdiff_t count = ck_lower(PIXELS_AT_A_TIME, rows.count - first);
    vfloat values[TILE_VECTORS][PIXELS_AT_A_TIME];
    for (ptrdiff_t i = 0; i < count; i++) {
      ptrdiff_t y = p->y.start + place.y * p->y.step, x = p->x.start + place.x * p->x.step;
      float *pixel =
          output->image + ((place.image * output->height + y) * output->width + x) * output->channels;
      UNROLL
      for (int v = 0; v < vectors; v++) {
        values[v][i] = load(products + ((first + i) * vectors + v) * WIDTH) + blocks[v].bias;
        put(output, pixel + blocks[v].first, blocks[v].count, values[v][i]);
      }
      next_place(&place, p->y.count, p->x.count);
    }
    if (output->moments.means)
      for (int v = 0; v < vectors; v++) take_moments(&blocks[v], count, values[v]);
  }
  for (int v = 0; v < vectors; v++) end_channels(output, &blocks[v], part);
}

static void write_pixels(const struct product *p, const struct conv_output *output, struct ck_range rows,
                         struct ck_range columns, ptrdiff_t part, const float *products, ptrdiff_t plane) {
  (void)plane;
  if (columns.count > WIDTH)
    write_pixel_block(p, output, 2, rows, columns, part, products);
  else
    write_pixel_block(p, output, 1, rows, columns, part, products);
}

/// Which of a product's taps reads an element of the kernel; -1 where none does.
static ptrdiff_t tap_of(const struct product *p, ptrdiff_t element) {
  ptrdiff_t y = element / p->kernel_width - p->y.tap, x = element % p->kernel_width - p->x.tap;
  if (y % p->y.tap_step || x % p->x.tap_step) return -1;
  y /= p->y.tap_step, x /= p->x.tap_step;
  return y >= 0 && y < p->y.taps && x >= 0 && x < p->x.taps ? y * p->x.taps + x : -1;
}

enum {
  /// Elements of a kernel that are prepared for all channels before the next ones: whole lines of the cache.
  PREPARED_ELEMENTS = 64,
  /// How far ahead kernels are fetched, in channels: they lie so far apart that the processor does not foresee them.
  PREPARED_AHEAD = 4,
};

/// Some elements of the kernels, and for each of some products the taps that read them.
struct prepared_elements {
  struct ck_range elements;
  ptrdiff_t taps[PREPARED_PHASES][PREPARED_ELEMENTS];
};

/// A vector of columns each of some elements of a channel's kernels, from `first` on, for all products.
INLINE void prepare_elements(const struct product *products, ptrdiff_t count, ptrdiff_t channel,
                             const struct prepared_elements *all, ptrdiff_t first, const float *from,
                             struct ck_range columns, ptrdiff_t width, float *const *prepared) {
  const struct product *p = products;
  ptrdiff_t elements = ck_lower(WIDTH, all->elements.count - first);
  vfloat kernels[WIDTH], second[WIDTH];
  load_transposed(from, elements, columns.count, p->column_stride, kernels);
  // Pairs of channels, of which there is an even number then.
  if (IS_BF16) load_transposed(from + p->channel_stride, elements, columns.count, p->column_stride, second);
  for (ptrdiff_t e = 0; e < elements; e++) {
    vfloat word = IS_BF16 ? pairs_of(kernels[e], second[e]) : kernels[e];
    for (ptrdiff_t i = 0; i < count; i++) {
      ptrdiff_t tap = all->taps[i][first + e];
      if (tap >= 0) store(depth_row(prepared[i], tap * p->channels + channel, width) + columns.start, word);
    }
  }
}

/// Some elements of all channels' kernels, for all products.
static void prepare_channels(const struct product *products, ptrdiff_t count, const struct prepared_elements *all,
                             const float *from, ptrdiff_t columns, float *const *prepared) {
  const struct product *p = products;
  const ptrdiff_t floats_in_line = 16;
  ptrdiff_t width = conv_round_up(columns, WIDTH), ahead = PREPARED_AHEAD * WORD_ELEMENTS;
  for (ptrdiff_t c = 0; c < p->channels; c += WORD_ELEMENTS, from += WORD_ELEMENTS * p->channel_stride) {
    for (ptrdiff_t next = c + ahead; next < ck_lower(c + ahead + WORD_ELEMENTS, p->channels); next++)
      for (ptrdiff_t column = 0; column < columns; column++)
        for (ptrdiff_t e = 0; e < all->elements.count; e += floats_in_line)
          __builtin_prefetch(from + (next - c) * p->channel_stride + column * p->column_stride + e, 0, 3);
    for (ptrdiff_t e = 0; e < all->elements.count; e += WIDTH)
      for (ptrdiff_t v = 0; v < width; v += WIDTH)
        prepare_elements(products, count, c, all, e, from + v * p->column_stride + e,
                         (struct ck_range){v, columns - v}, width, prepared);
  }
}

/// Kernels of an odd number of channels, whose pairs reach from one tap into the next.
static void prepare_odd_channels(const struct product *p, const float *weight, struct ck_range columns,
                                 float *prepared) {
  ptrdiff_t width = conv_round_up(columns.count, WIDTH);
  const float *first = weight + p->weight_first + columns.start * p->column_stride;
  for (ptrdiff_t i = 0, k = 0; i < p->y.taps; i++)
    for (ptrdiff_t j = 0; j < p->x.taps; j++)
      for (ptrdiff_t c = 0; c < p->channels; c++, k++) {
        float values[TILE_COLUMNS];
        const float *from = first + c * p->channel_stride + (p->y.tap + i * p->y.tap_step) * p->kernel_width +
                            p->x.tap + j * p->x.tap_step;
        for (ptrdiff_t column = 0; column < width; column++)
          values[column] = column < columns.count ? from[column * p->column_stride] : 0;
        for (ptrdiff_t v = 0; v < width; v += WIDTH)
          store_in_row(depth_row(prepared, k, width) + v, k, load(values + v));
      }
}

static void prepare_patches(const struct product *products, ptrdiff_t count, const float *weight,
                            struct ck_range columns, float *const *prepared, ptrdiff_t const *planes) {
  (void)planes;
  const struct product *p = products;
  ptrdiff_t width = conv_round_up(columns.count, WIDTH);
  const float *first = weight + p->weight_first + columns.start * p->column_stride;
  if (p->channels % WORD_ELEMENTS)
    for (ptrdiff_t i = 0; i < count; i++) prepare_odd_channels(&products[i], weight, columns, prepared[i]);
  else
    for (ptrdiff_t e = 0; e < p->kernel_elements; e += PREPARED_ELEMENTS) {
      struct prepared_elements all = {.elements = {e, ck_lower(PREPARED_ELEMENTS, p->kernel_elements - e)}};
      for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t j = 0; j < all.elements.count; j++) all.taps[i][j] = tap_of(&products[i], e + j);
      prepare_channels(products, count, &all, first + e, columns.count, prepared);
    }
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t word = ck_quotient_up(products[i].depth, WORD_ELEMENTS); word < words(products[i].depth); word++)
      for (ptrdiff_t v = 0; v < width; v += WIDTH) store(prepared[i] + word * width + v, splat(0));
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

static ptrdiff_t patches_scratch_floats(const struct product *p) {
  return has_whole_rows(p) ? 0 : TILE_ROWS * patch_scratch_floats(p);
}

static const struct rows_method patches_method = {describe_patches, patches_scratch_floats, false};

/// A data gradient of many phases goes by columns, which are floats.
static bool patches_supports(const ck_conv_shape *shape, ck_conv_direction direction) {
  return !IS_BF16 || direction != CK_CONV_DATA_GRADIENT || ck_conv_has_few_phases(shape);
}

static bool is_by_columns(const ck_conv_shape *shape, ck_conv_direction direction) {
  if (IS_BF16 || direction != CK_CONV_DATA_GRADIENT) return false;
  return !ck_conv_has_few_phases(shape) || prefers_columns(shape);
}

static size_t patches_prepared_floats(const ck_conv_shape *shape, ck_conv_direction direction) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return 0;
  if (is_by_columns(shape, direction)) return columns_prepared_floats(shape);
  return (size_t)rows_sizes(&patches_method, shape, direction).weights;
}

static void patches_prepare(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                            const float *weight, float *prepared) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return;
  if (is_by_columns(shape, direction))
    prepare_columns(pool, shape, weight, prepared);
  else
    prepare_rows(&patches_method, pool, shape, direction, weight, prepared);
}

static size_t patches_workspace_bytes(const ck_conv_shape *shape, ck_conv_direction direction, int lanes) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return patches_weight_workspace_bytes(shape, lanes);
  if (is_by_columns(shape, direction)) return columns_workspace_bytes(shape, lanes);
  return rows_workspace_bytes(&patches_method, shape, direction, lanes);
}

static void patches_run(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                        const float *first, const float *second, float *result,
                        const ck_conv_epilogue *epilogue, void *workspace) {
  if (direction == CK_CONV_WEIGHT_GRADIENT)
    run_patches_weight(pool, shape, first, second, result, epilogue->accumulate, workspace);
  else if (is_by_columns(shape, direction))
    run_columns(pool, shape, first, second, result, epilogue, workspace);
  else
    run_rows(&patches_method, pool, shape, direction, first, second, result, epilogue, workspace);
}

#endif

// The data gradient by columns: each pixel of the small image times all taps of the weight, and what falls on
// a pixel of the large image added up. Where the large image has few channels, or the small one is tiny, this
// wastes nothing.
#ifndef VECTOR_CONV_COLUMNS_H
#define VECTOR_CONV_COLUMNS_H

#include "conv_axis.h"
#include "vector_conv_output.h"
#include "vector_conv_tile.h"
#include "vector_transpose.h"

#include <string.h>

enum {
  /// Floats of the products that a lane has at a time.
  COLUMN_FLOATS = 1 << 17,
  /// Channels of the large image that a task takes: all of them, or vectors with about so many columns.
  BLOCK_COLUMNS = 512,
  MOST_BLOCK_CHANNELS = 128,
  MOST_CHANNEL_VECTORS = MOST_BLOCK_CHANNELS / WIDTH,
  LEAST_COLUMN_TASKS = 16,
  /// Where whole images would make fewer tasks than this, they are cut into parts of so many rows of the small
  /// image, although neighbours compute some rows twice.
  FEW_COLUMN_TASKS = 4,
  FEW_COLUMN_ROWS = 8,
  COLUMN_PIXELS_AT_A_TIME = 16,
};

/// The data gradient of a group, cut by channels and by images, or by rows of one image.
struct columns {
  const ck_conv_shape *shape;
  struct ck_conv_dimension y, x;
  ptrdiff_t taps;
  /// Channels of a group: of the large image, in blocks, and of the small one, the depth.
  ptrdiff_t channels, block_channels, blocks, depth;
  /// A part is a number of whole images, or of rows of the large image.
  ptrdiff_t part_images, part_rows, image_parts, parts;
  /// The most rows of the small image that a part needs, over all its images.
  ptrdiff_t small_rows;
  /// Pixels of a row of the large image with all that the taps reach beside it, from -padding on.
  ptrdiff_t line_pixels;
};

/// The rows of the small image whose taps fall on rows of the large one.
static struct ck_range small_rows_of(const struct columns *k, struct ck_range rows) {
  if (k->image_parts == 1) return (struct ck_range){0, k->y.small};
  ptrdiff_t reach = (k->y.kernel - 1) * k->y.dilation, end = rows.start + rows.count;
  ptrdiff_t first = ck_higher(conv_ceil_div(rows.start + k->y.padding - reach, k->y.stride), 0);
  ptrdiff_t last = ck_lower(conv_floor_div(end - 1 + k->y.padding, k->y.stride), k->y.small - 1);
  return (struct ck_range){first, ck_higher(last - first + 1, 0)};
}

static ptrdiff_t block_columns(const struct columns *k) {
  return conv_round_up(k->taps * k->block_channels, WIDTH);
}

static struct columns describe_columns(const ck_conv_shape *s) {
  struct columns k = {.shape = s,
                      .y = ck_conv_rows_of(s),
                      .x = ck_conv_columns_of(s),
                      .taps = s->kernel_height * s->kernel_width,
                      .channels = s->large_channels / s->groups,
                      .depth = s->small_channels / s->groups};
  bool is_whole = k.channels <= MOST_BLOCK_CHANNELS && k.taps * k.channels <= BLOCK_COLUMNS;
  ptrdiff_t channels = ck_lower(BLOCK_COLUMNS / k.taps, MOST_BLOCK_CHANNELS) / WIDTH * WIDTH;
  k.block_channels = is_whole ? k.channels : ck_lower(ck_higher(channels, WIDTH), k.channels);
  k.blocks = ck_quotient_up(k.channels, k.block_channels);
  k.line_pixels =
      ck_higher((k.x.small - 1) * k.x.stride + (k.x.kernel - 1) * k.x.dilation + 1, k.x.large + k.x.padding);

  ptrdiff_t rows = COLUMN_FLOATS / (block_columns(&k) * k.x.small);
  ptrdiff_t beside = ck_quotient_up((k.y.kernel - 1) * k.y.dilation, k.y.stride) + 1;
  if (s->batch * k.blocks * s->groups < FEW_COLUMN_TASKS && k.y.small >= 2 * FEW_COLUMN_ROWS)
    rows = ck_lower(rows, FEW_COLUMN_ROWS + beside);
  if (rows >= k.y.small) {
    ptrdiff_t parts = ck_quotient_up(LEAST_COLUMN_TASKS, k.blocks * s->groups);
    k.part_images = ck_lower(rows / k.y.small, ck_quotient_up(s->batch, parts));
    k.part_rows = k.y.large;
    k.image_parts = 1;
    k.parts = ck_quotient_up(s->batch, k.part_images);
    k.small_rows = k.part_images * k.y.small;
  } else {
    k.part_images = 1;
    k.part_rows = ck_higher(rows - beside, 1) * k.y.stride;
    k.image_parts = ck_quotient_up(k.y.large, k.part_rows);
    k.parts = s->batch * k.image_parts;
    // A part that is a whole image multiplies all rows, also those that lie beside the large image.
    k.small_rows =
        k.image_parts == 1 ? k.y.small : ck_lower(k.part_rows / k.y.stride + beside, k.y.small);
  }
  return k;
}

/// Whether this takes fewer operations than `CK_CONV_PATCHES` a phase of the stride after the other.
static bool prefers_columns(const ck_conv_shape *s) {
  // Adding up an element costs about as much as so many multiplications in a tile.
  const ptrdiff_t addition = 8;
  ptrdiff_t channels = s->large_channels / s->groups, depth = s->small_channels / s->groups;
  ptrdiff_t columns = s->kernel_height * s->kernel_width * channels;
  ptrdiff_t taps = ck_conv_gradient_taps(ck_conv_rows_of(s)) * ck_conv_gradient_taps(ck_conv_columns_of(s));
  ptrdiff_t by_phases = taps * depth * conv_round_up(channels, WIDTH);
  ptrdiff_t by_columns =
      s->small_height * s->small_width * (depth * conv_round_up(columns, WIDTH) + addition * columns);
  return by_columns < by_phases;
}

/// Floats of a group's prepared weights: [block][panel][depth][column].
static ptrdiff_t group_weights(const struct columns *k) {
  struct ck_range last = ck_part(k->channels, k->block_channels, k->blocks - 1);
  return k->depth * ((k->blocks - 1) * block_columns(k) + conv_round_up(k->taps * last.count, WIDTH));
}

/// Floats of a part's products; tiles are whole.
static ptrdiff_t column_products_floats(const struct columns *k) {
  return conv_round_up(k->small_rows * k->x.small, OUTER_ROWS) * block_columns(k);
}

struct columns_run {
  struct columns columns;
  const float *small, *prepared;
  struct conv_output output;
  float *lanes;
  ptrdiff_t lane_floats;
};

/// products [pixel][column] of the small image's pixels from `first` on with a block of the weight. `scratch`
/// has room for OUTER_ROWS pixels.
static void multiply_columns(const struct columns *k, const float *first, ptrdiff_t pixels,
                             const float *weights, ptrdiff_t columns, float *products, float *scratch) {
  ptrdiff_t stride = k->shape->small_channels, taken;
  for (ptrdiff_t v = 0; v < columns / WIDTH; v += taken) {
    taken = outer_vectors(columns / WIDTH - v);
    const float *b = weights + v * WIDTH * k->depth;
    ptrdiff_t pixel = 0;
    for (; pixel + OUTER_ROWS <= pixels; pixel += OUTER_ROWS)
      multiply_pixels(taken, k->depth, first + pixel * stride, stride, b,
                      products + pixel * columns + v * WIDTH, columns, false);
    if (pixel == pixels) continue;
    memset(scratch, 0, (size_t)(OUTER_ROWS * k->depth) * sizeof(float));
    for (ptrdiff_t i = 0; pixel + i < pixels; i++)
      memcpy(scratch + i * k->depth, first + (pixel + i) * stride, (size_t)k->depth * sizeof(float));
    multiply_pixels(taken, k->depth, scratch, k->depth, b, products + pixel * columns + v * WIDTH, columns,
                    false);
  }
}

INLINE void add_run(ptrdiff_t count, const float *from, float *to) {
  FOR_VECTORS(count, i, n, { store_some(to + i, n, load_some(to + i, n) + load_some(from + i, n)); });
}

/// line [pixel][channel] += what a row of the small image has for a row of the large one. Windows whose
/// vectors overlap take turns, so that no addition waits for the one before.
static void add_row(const struct columns *k, const float *products, ptrdiff_t columns, ptrdiff_t channels,
                    float *line) {
  ptrdiff_t window = ((k->x.kernel - 1) * k->x.dilation + 1) * channels;
  ptrdiff_t turns = ck_quotient_up(conv_round_up(window, WIDTH), k->x.stride * channels);
  for (ptrdiff_t turn = 0; turn < turns; turn++)
    for (ptrdiff_t x = turn; x < k->x.small; x += turns) {
      const float *from = products + x * columns;
      float *to = line + x * k->x.stride * channels;
      if (k->x.dilation == 1)
        add_run(k->x.kernel * channels, from, to);
      else
        for (ptrdiff_t tap = 0; tap < k->x.kernel; tap++)
          add_run(channels, from + tap * channels, to + tap * k->x.dilation * channels);
    }
}

static void begin_line(const float *bias, ptrdiff_t pixels, ptrdiff_t channels, float *line) {
  if (!bias) {
    memset(line, 0, (size_t)(pixels * channels) * sizeof(float));
    return;
  }
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, line += channels)
    memcpy(line, bias, (size_t)channels * sizeof(float));
}

/// Takes a finished line's moments and writes it.
static void end_line(const struct conv_output *output, ptrdiff_t pixels, ptrdiff_t channels,
                     const float *line, struct channel_block *blocks, float *row) {
  if (output->moments.means)
    for (ptrdiff_t c = 0; c < channels; c += WIDTH)
      for (ptrdiff_t first = 0; first < pixels; first += COLUMN_PIXELS_AT_A_TIME) {
        vfloat values[COLUMN_PIXELS_AT_A_TIME];
        ptrdiff_t count = ck_lower(COLUMN_PIXELS_AT_A_TIME, pixels - first);
        for (ptrdiff_t i = 0; i < count; i++)
          values[i] = load_some(line + (first + i) * channels + c, channels - c);
        take_moments(&blocks[c / WIDTH], count, values);
      }
  // A row of whole pixels is one run.
  bool is_run = channels == output->channels;
  ptrdiff_t runs = is_run ? 1 : pixels, count = is_run ? pixels * channels : channels;
  float *to = row + blocks[0].first;
  for (ptrdiff_t i = 0; i < runs; i++, line += channels, to += output->channels)
    for (ptrdiff_t c = 0; c < count; c += WIDTH)
      put(output, to + c, ck_lower(WIDTH, count - c), load_some(line + c, count - c));
}

static void columns_task(void *context, int task, int lane) {
  const struct columns_run *run = context;
  const struct columns *k = &run->columns;
  const ck_conv_shape *s = k->shape;
  ptrdiff_t part = task / (k->blocks * s->groups), block = task % k->blocks,
            group = task / k->blocks % s->groups;
  struct ck_range images = ck_part(s->batch, k->part_images, part / k->image_parts);
  struct ck_range rows = ck_part(s->large_height, k->part_rows, part % k->image_parts);
  struct ck_range channels = ck_part(k->channels, k->block_channels, block);
  struct ck_range small_rows = small_rows_of(k, rows);
  ptrdiff_t columns = conv_round_up(k->taps * channels.count, WIDTH);
  float *products = run->lanes + lane * run->lane_floats;
  float *line = products + column_products_floats(k);
  float *scratch = line + conv_round_up(k->line_pixels * k->block_channels, WIDTH);

  const float *weights = run->prepared + group * group_weights(k) + block * k->depth * block_columns(k);
  ptrdiff_t first_row = images.start * s->small_height + small_rows.start;
  const float *first = run->small + first_row * s->small_width * s->small_channels + group * k->depth;
  multiply_columns(k, first, images.count * small_rows.count * s->small_width, weights, columns, products,
                   scratch);

  struct channel_block blocks[MOST_CHANNEL_VECTORS + 1];
  ptrdiff_t first_channel = group * k->channels + channels.start;
  for (ptrdiff_t c = 0; c < channels.count; c += WIDTH)
    blocks[c / WIDTH] = begin_channels(&run->output, first_channel + c, ck_lower(WIDTH, channels.count - c));
  const float *bias = run->output.bias ? run->output.bias + first_channel : NULL;
  for (ptrdiff_t image = 0; image < images.count; image++)
    for (ptrdiff_t y = rows.start; y < rows.start + rows.count; y++) {
      begin_line(bias, k->line_pixels, channels.count, line);
      for (ptrdiff_t tap = 0; tap < s->kernel_height; tap++) {
        ptrdiff_t row = y + s->padding_height - tap * s->dilation_height;
        if (row < 0 || row % s->stride_height || row / s->stride_height >= s->small_height) continue;
        ptrdiff_t from = image * small_rows.count + row / s->stride_height - small_rows.start;
        add_row(k, products + from * s->small_width * columns + tap * s->kernel_width * channels.count,
                columns, channels.count, line);
      }
      float *row = run->output.image +
                   ((images.start + image) * s->large_height + y) * s->large_width * s->large_channels;
      end_line(&run->output, s->large_width, channels.count, line + s->padding_width * channels.count, blocks,
               row);
    }
  for (ptrdiff_t c = 0; c < channels.count; c += WIDTH) end_channels(&run->output, &blocks[c / WIDTH], part);
}

static size_t columns_prepared_floats(const ck_conv_shape *s) {
  struct columns k = describe_columns(s);
  return (size_t)(s->groups * group_weights(&k));
}

struct columns_preparation {
  struct columns columns;
  const float *weight;
  float *prepared;
};

/// Where a vector of columns lies in a block's weights, and how far its rows are apart: [panel][depth][column],
/// panels of up to OUTER_VECTORS vectors.
struct column_vector {
  float *first;
  ptrdiff_t row;
};

static struct column_vector column_vector(const struct columns *k, ptrdiff_t vectors, ptrdiff_t vector,
                                          float *block) {
  ptrdiff_t panel = 0, taken = outer_vectors(vectors);
  for (; vector >= panel + taken; taken = outer_vectors(vectors - panel)) panel += taken;
  return (struct column_vector){block + (panel * k->depth + vector - panel) * WIDTH, taken * WIDTH};
}

/// The weights of whole vectors of channels: a few taps of each are transposed at a time.
static void transpose_columns(const struct columns *k, const float *from, struct ck_range channels,
                              float *block) {
  ptrdiff_t filter = k->channels * k->taps, tap_vectors = channels.count / WIDTH, vectors = k->taps * tap_vectors;
  for (ptrdiff_t first = 0; first < k->taps; first += WIDTH)
    for (ptrdiff_t v = 0; v < tap_vectors; v++) {
      ptrdiff_t count = ck_lower(WIDTH, k->taps - first);
      struct column_vector to[WIDTH];
      for (ptrdiff_t i = 0; i < count; i++)
        to[i] = column_vector(k, vectors, (first + i) * tap_vectors + v, block);
      for (ptrdiff_t f = 0; f < k->depth; f++) {
        vfloat rows[WIDTH];
        for (ptrdiff_t i = 0; i < WIDTH; i++)
          rows[i] = load_some(from + f * filter + (v * WIDTH + i) * k->taps + first, count);
        transpose_vectors(rows);
        for (ptrdiff_t i = 0; i < count; i++) store(to[i].first + f * to[i].row, rows[i]);
      }
    }
}

/// A block's weights element by element.
static void copy_columns(const struct columns *k, const float *from, struct ck_range channels, float *block) {
  ptrdiff_t filter = k->channels * k->taps, columns = k->taps * channels.count, taken;
  ptrdiff_t vectors = ck_quotient_up(columns, WIDTH);
  for (ptrdiff_t v = 0; v < vectors; v += taken) {
    taken = outer_vectors(vectors - v);
    ptrdiff_t sources[OUTER_VECTORS * WIDTH];
    ptrdiff_t width = taken * WIDTH, used = ck_lower(width, columns - v * WIDTH);
    for (ptrdiff_t i = 0; i < used; i++) {
      ptrdiff_t column = v * WIDTH + i;
      sources[i] = column % channels.count * k->taps + column / channels.count;
    }
    for (ptrdiff_t f = 0; f < k->depth; f++, block += width)
      for (ptrdiff_t i = 0; i < width; i++) block[i] = i < used ? from[f * filter + sources[i]] : 0;
  }
}

static void prepare_columns_task(void *context, int task, int lane) {
  const struct columns_preparation *run = context;
  const struct columns *k = &run->columns;
  (void)lane;
  ptrdiff_t group = task / k->blocks, block = task % k->blocks;
  struct ck_range channels = ck_part(k->channels, k->block_channels, block);
  const float *from = run->weight + (group * k->depth * k->channels + channels.start) * k->taps;
  float *to = run->prepared + group * group_weights(k) + block * k->depth * block_columns(k);
  if (channels.count % WIDTH == 0)
    transpose_columns(k, from, channels, to);
  else
    copy_columns(k, from, channels, to);
}

static void prepare_columns(ck_pool *pool, const ck_conv_shape *s, const float *weight, float *prepared) {
  struct columns_preparation run = {describe_columns(s), weight, prepared};
  ck_pool_run_flushing(pool, (int)(s->groups * run.columns.blocks), prepare_columns_task, &run);
}

static ptrdiff_t columns_lane_floats(const struct columns *k) {
  ptrdiff_t line = conv_round_up(k->line_pixels * k->block_channels, WIDTH);
  return conv_round_up(column_products_floats(k) + line + OUTER_ROWS * k->depth, 16);
}

static size_t columns_workspace_bytes(const ck_conv_shape *s, int lanes) {
  struct columns k = describe_columns(s);
  return ck_conv_moments_bytes(k.parts, s->large_channels) +
         (size_t)(lanes * columns_lane_floats(&k)) * sizeof(float);
}

static void run_columns(ck_pool *pool, const ck_conv_shape *s, const float *small, const float *prepared,
                        float *large, const ck_conv_epilogue *epilogue, void *workspace) {
  struct columns_run run = {
      .columns = describe_columns(s),
      .small = small,
      .prepared = prepared,
      .output = conv_output_of(s, CK_CONV_DATA_GRADIENT, large, epilogue)};
  ptrdiff_t parts = run.columns.parts;
  run.lanes = (float *)((char *)workspace + ck_conv_moments_bytes(parts, s->large_channels));
  run.lane_floats = columns_lane_floats(&run.columns);
  if (epilogue->mean) run.output.moments = ck_conv_moments_begin(parts, s->large_channels, workspace);
  ck_pool_run_flushing(pool, (int)(parts * s->groups * run.columns.blocks), columns_task, &run);
  if (epilogue->mean) ck_conv_moments_combine(&run.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &run.output, conv_large_count(s), epilogue);
}

#endif

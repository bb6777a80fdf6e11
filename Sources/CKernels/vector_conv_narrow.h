// Convolutions between an image of few channels and one of many, such as a discriminator's last layer: vectors
// run over the many channels, where they lie. Matrix products would fill their vectors with the few.
#ifndef VECTOR_CONV_NARROW_H
#define VECTOR_CONV_NARROW_H

#include "conv_axis.h"
#include "vector_conv_narrow_weight.h"
#include "vector_conv_output.h"

enum {
  /// Multiplications of a task, and the most parts that a result's pixels are cut into.
  NARROW_TASK = 1 << 15,
  NARROW_PARTS = 64,
  /// Vectors of channels that are computed together.
  NARROW_VECTORS = 4,
  /// Pixels whose moments are taken together.
  NARROW_PIXELS = 8,
};

static bool narrow_supports(const ck_conv_shape *s, ck_conv_direction direction) {
  (void)direction;
  return s->groups == 1 && s->small_channels <= MOST_NARROW_FILTERS;
}

/// Prepared weights are [tap][filter][channel], in whole vectors of channels.
static ptrdiff_t narrow_stride(const ck_conv_shape *s) { return conv_round_up(s->large_channels, WIDTH); }

static size_t narrow_prepared_floats(const ck_conv_shape *s, ck_conv_direction direction) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return 0;
  return (size_t)(narrow_taps(s) * s->small_channels * narrow_stride(s));
}

static void narrow_prepare(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                           const float *weight, float *prepared) {
  (void)pool;
  if (direction == CK_CONV_WEIGHT_GRADIENT) return;
  ptrdiff_t taps = narrow_taps(s), stride = narrow_stride(s), channels = s->large_channels;
  for (ptrdiff_t tap = 0; tap < taps; tap++)
    for (ptrdiff_t filter = 0; filter < s->small_channels; filter++, prepared += stride)
      for (ptrdiff_t c = 0; c < stride; c++)
        prepared[c] = c < channels ? weight[(filter * channels + c) * taps + tap] : 0;
}

/// The taps of an output along an axis that lie in the image.
static struct ck_range inner_taps(const struct ck_conv_axis *axis, ptrdiff_t output) {
  ptrdiff_t first = output * axis->in_step + axis->offset;
  ptrdiff_t start = ck_lower(ck_higher(conv_ceil_div(-first, axis->offset_step), 0), axis->taps);
  ptrdiff_t end = ck_lower(conv_ceil_div(axis->in_size - first, axis->offset_step), axis->taps);
  return (struct ck_range){start, ck_higher(end - start, 0)};
}

/// Forward or data gradient; a part is some pixels of the result in one phase of the stride.
struct narrow_run {
  const ck_conv_shape *shape;
  ck_conv_direction direction;
  const float *image, *weights;
  struct conv_output output;
  /// Each lane's, of the large image's channels.
  struct channel_block *blocks;
};

static ptrdiff_t narrow_blocks(const ck_conv_shape *s) { return narrow_stride(s) / WIDTH; }

/// The parts of each phase.
static ptrdiff_t narrow_parts(const ck_conv_shape *s, ck_conv_direction direction) {
  ptrdiff_t products =
      s->batch * s->small_height * s->small_width * narrow_taps(s) * s->small_channels * narrow_stride(s);
  ptrdiff_t parts = products / ck_conv_phases(s, direction) / NARROW_TASK;
  return ck_higher(ck_lower(parts, NARROW_PARTS), 1);
}

/// A part's outputs, and what its phase reads for them.
struct narrow_part {
  struct ck_conv_axis y, x;
  struct ck_range pixels;
  ptrdiff_t number;
};

static struct narrow_part narrow_part_of(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t task) {
  ptrdiff_t parts = narrow_parts(s, direction);
  struct ck_conv_axes axes = ck_conv_axes_of(s, direction, task / parts);
  struct narrow_part part = {.y = axes.y, .x = axes.x, .number = task};
  ptrdiff_t pixels = s->batch * part.y.count * part.x.count;
  part.pixels = ck_part(pixels, ck_quotient_up(pixels, parts), task % parts);
  part.pixels.count = ck_higher(part.pixels.count, 0);
  return part;
}

/// Where an output's taps begin in the image and in the weights, and how many there are.
struct narrow_window {
  const float *inputs, *weights;
  ptrdiff_t rows, columns, input_row, input_step, weight_row, weight_step;
};

static struct narrow_window narrow_window_of(const struct narrow_run *run, const struct narrow_part *part,
                                             struct place place, ptrdiff_t channels) {
  const ck_conv_shape *s = run->shape;
  const struct ck_conv_axis *y = &part->y, *x = &part->x;
  struct ck_range rows = inner_taps(y, place.y), columns = inner_taps(x, place.x);
  if (rows.count == 0 || columns.count == 0) return (struct narrow_window){0};
  ptrdiff_t tap = s->small_channels * narrow_stride(s);
  ptrdiff_t in_y = place.y * y->in_step + y->offset + rows.start * y->offset_step;
  ptrdiff_t in_x = place.x * x->in_step + x->offset + columns.start * x->offset_step;
  ptrdiff_t tap_y = y->tap + rows.start * y->tap_step, tap_x = x->tap + columns.start * x->tap_step;
  return (struct narrow_window){
      .inputs = run->image + ((place.image * y->in_size + in_y) * x->in_size + in_x) * channels,
      .weights = run->weights + (tap_y * s->kernel_width + tap_x) * tap,
      .rows = rows.count,
      .columns = columns.count,
      .input_row = y->offset_step * x->in_size * channels,
      .input_step = x->offset_step * channels,
      .weight_row = y->tap_step * s->kernel_width * tap,
      .weight_step = x->tap_step * tap,
  };
}

static float *narrow_output(const struct narrow_run *run, const struct narrow_part *part, struct place place) {
  const struct conv_output *output = &run->output;
  ptrdiff_t y = part->y.start + place.y * part->y.step, x = part->x.start + place.x * part->x.step;
  return output->image + ((place.image * output->height + y) * output->width + x) * output->channels;
}

INLINE float sum_of_elements(vfloat x) {
  float elements[WIDTH];
  store(elements, x);
  for (int half = WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) elements[i] += elements[i + half];
  return elements[0];
}

/// One output pixel of all filters: sums over the taps and, in `turns` sums that take turns, the channels.
INLINE vfloat narrow_pixel(int filters, int turns, const struct narrow_window *window, ptrdiff_t channels,
                           ptrdiff_t stride) {
  vfloat sums[MOST_NARROW_FILTERS * MOST_NARROW_FILTERS];
  UNROLL
  for (int i = 0; i < filters * turns; i++) sums[i] = splat(0);
  for (ptrdiff_t row = 0; row < window->rows; row++)
    for (ptrdiff_t column = 0; column < window->columns; column++) {
      const float *input = window->inputs + row * window->input_row + column * window->input_step;
      const float *weight = window->weights + row * window->weight_row + column * window->weight_step;
      ptrdiff_t c = 0;
      for (; c + turns * WIDTH <= channels; c += turns * WIDTH) {
        UNROLL
        for (int turn = 0; turn < turns; turn++) {
          vfloat x = load(input + c + turn * WIDTH);
          UNROLL
          for (int f = 0; f < filters; f++)
            sums[f * turns + turn] += x * load(weight + f * stride + c + turn * WIDTH);
        }
      }
      for (; c < channels; c += WIDTH) {
        vfloat x = load_some(input + c, channels - c);
        UNROLL
        for (int f = 0; f < filters; f++) sums[f * turns] += x * load(weight + f * stride + c);
      }
    }
  vfloat pixel = splat(0);
  UNROLL
  for (int f = 0; f < filters; f++) {
    vfloat sum = sums[f * turns];
    UNROLL
    for (int turn = 1; turn < turns; turn++) sum += sums[f * turns + turn];
    pixel[f] = sum_of_elements(sum);
  }
  return pixel;
}

INLINE void narrow_forward(int filters, const struct narrow_run *run, const struct narrow_part *part) {
  const ck_conv_shape *s = run->shape;
  const int turns = MOST_NARROW_FILTERS / filters;
  struct channel_block block = begin_channels(&run->output, 0, filters);
  struct place place = place_of(part->pixels.start, part->y.count, part->x.count);
  for (ptrdiff_t first = 0; first < part->pixels.count; first += NARROW_PIXELS) {
    ptrdiff_t count = ck_lower(NARROW_PIXELS, part->pixels.count - first);
    vfloat values[NARROW_PIXELS];
    for (ptrdiff_t i = 0; i < count; i++) {
      struct narrow_window window = narrow_window_of(run, part, place, s->large_channels);
      values[i] = narrow_pixel(filters, turns, &window, s->large_channels, narrow_stride(s)) + block.bias;
      put(&run->output, narrow_output(run, part, place), filters, values[i]);
      next_place(&place, part->y.count, part->x.count);
    }
    if (run->output.moments.means) take_moments(&block, count, values);
  }
  end_channels(&run->output, &block, part->number);
}

/// Some pixels of the large image, whose windows are `windows`: `vectors` vectors of channels from `first` on,
/// of which the last has `last` elements.
INLINE void narrow_channels(int filters, int vectors, const struct narrow_run *run,
                            const struct narrow_window *windows, float *const *pixels, ptrdiff_t count,
                            ptrdiff_t first, ptrdiff_t last, struct channel_block *blocks) {
  ptrdiff_t stride = narrow_stride(run->shape);
  vfloat values[NARROW_VECTORS][NARROW_PIXELS];
  for (ptrdiff_t i = 0; i < count; i++) {
    const struct narrow_window *window = &windows[i];
    vfloat sums[NARROW_VECTORS];
    UNROLL
    for (int v = 0; v < vectors; v++) sums[v] = blocks[v].bias;
    for (ptrdiff_t row = 0; row < window->rows; row++)
      for (ptrdiff_t column = 0; column < window->columns; column++) {
        const float *input = window->inputs + row * window->input_row + column * window->input_step;
        const float *weight =
            window->weights + row * window->weight_row + column * window->weight_step + first;
        UNROLL
        for (int f = 0; f < filters; f++) {
          UNROLL
          for (int v = 0; v < vectors; v++) sums[v] += load(weight + f * stride + v * WIDTH) * input[f];
        }
      }
    UNROLL
    for (int v = 0; v < vectors; v++) {
      values[v][i] = sums[v];
      put(&run->output, pixels[i] + first + v * WIDTH, v == vectors - 1 ? last : WIDTH, sums[v]);
    }
  }
  if (run->output.moments.means)
    for (int v = 0; v < vectors; v++) take_moments(&blocks[v], count, values[v]);
}

INLINE void narrow_data(int filters, const struct narrow_run *run, const struct narrow_part *part,
                        struct channel_block *blocks) {
  ptrdiff_t channels = run->shape->large_channels;
  for (ptrdiff_t c = 0; c < channels; c += WIDTH)
    blocks[c / WIDTH] = begin_channels(&run->output, c, ck_lower(WIDTH, channels - c));
  struct place place = place_of(part->pixels.start, part->y.count, part->x.count);
  for (ptrdiff_t pixel = 0; pixel < part->pixels.count; pixel += NARROW_PIXELS) {
    ptrdiff_t count = ck_lower(NARROW_PIXELS, part->pixels.count - pixel), c = 0;
    struct narrow_window windows[NARROW_PIXELS];
    float *pixels[NARROW_PIXELS];
    for (ptrdiff_t i = 0; i < count; i++) {
      windows[i] = narrow_window_of(run, part, place, filters);
      pixels[i] = narrow_output(run, part, place);
      next_place(&place, part->y.count, part->x.count);
    }
    for (; c + NARROW_VECTORS * WIDTH <= channels; c += NARROW_VECTORS * WIDTH)
      narrow_channels(filters, NARROW_VECTORS, run, windows, pixels, count, c, WIDTH, blocks + c / WIDTH);
    for (; c < channels; c += WIDTH)
      narrow_channels(filters, 1, run, windows, pixels, count, c, ck_lower(WIDTH, channels - c),
                      blocks + c / WIDTH);
  }
  for (ptrdiff_t c = 0; c < channels; c += WIDTH)
    end_channels(&run->output, &blocks[c / WIDTH], part->number);
}

static void narrow_task(void *context, int task, int lane) {
  const struct narrow_run *run = context;
  struct channel_block *blocks = run->blocks + lane * narrow_blocks(run->shape);
  struct narrow_part part = narrow_part_of(run->shape, run->direction, task);
  if (part.pixels.count == 0) return;
#define FORWARD(FILTERS) narrow_forward(FILTERS, run, &part)
#define DATA(FILTERS) narrow_data(FILTERS, run, &part, blocks)
  if (run->direction == CK_CONV_FORWARD) {
    FOR_NARROW_FILTERS(run->shape->small_channels, FORWARD)
  } else {
    FOR_NARROW_FILTERS(run->shape->small_channels, DATA)
  }
#undef FORWARD
#undef DATA
}

static void narrow_run_image(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction,
                             const float *image, const float *weights, float *result,
                             const ck_conv_epilogue *epilogue, void *workspace) {
  ptrdiff_t channels = conv_result_channels(s, direction);
  ptrdiff_t tasks = ck_conv_phases(s, direction) * narrow_parts(s, direction);
  struct narrow_run run = {
      .shape = s,
      .direction = direction,
      .image = image,
      .weights = weights,
      .output = conv_output_of(s, direction, result, epilogue),
      .blocks = (struct channel_block *)((char *)workspace + ck_conv_moments_bytes(tasks, channels)),
  };
  if (epilogue->mean) run.output.moments = ck_conv_moments_begin(tasks, channels, workspace);
  ck_pool_run_flushing(pool, (int)tasks, narrow_task, &run);
  if (epilogue->mean) ck_conv_moments_combine(&run.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &run.output, conv_result_count(s, direction), epilogue);
}

static void narrow_run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction, const float *first,
                       const float *second, float *result, const ck_conv_epilogue *epilogue,
                       void *workspace) {
  if (direction != CK_CONV_WEIGHT_GRADIENT) {
    narrow_run_image(pool, s, direction, first, second, result, epilogue, workspace);
    return;
  }
  struct narrow_weight_run run = {s, first, second, result, workspace, epilogue->accumulate};
  ck_pool_run_flushing(pool, (int)ck_quotient_up(s->large_channels, NARROW_LINE_VECTORS * WIDTH), narrow_weight_task,
              &run);
}

static size_t narrow_workspace_bytes(const ck_conv_shape *s, ck_conv_direction direction, int lanes) {
  if (direction == CK_CONV_WEIGHT_GRADIENT) return (size_t)(lanes * narrow_sums(s)) * sizeof(float);
  return ck_conv_moments_bytes(ck_conv_phases(s, direction) * narrow_parts(s, direction),
                               conv_result_channels(s, direction)) +
         (size_t)(lanes * narrow_blocks(s)) * sizeof(struct channel_block);
}

#endif

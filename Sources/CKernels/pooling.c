// Pooling and nearest-neighbour resizing: forward kernels go by rows of the output, adjoints by image and
// block of channels, whose windows may overlap.

#include "ckernels_pooling.h"
#include "ckernels_layout.h"
#include "loops.h"

#include <string.h>

enum {
  /// Channels of a task of an adjoint.
  ADJOINT_CHANNELS = 64
};

struct pooling {
  ck_pooling shape;
  const struct ck_loops *loops;
  /// The image, and what a second operand reads at the image's places or at the output's.
  const float *x, *second;
  float *y;
  /// Does what the kernel does to one window, in a range of channels; `image` is the offset of the window's
  /// first pixel, `output` that of its output pixel.
  void (*visit)(const struct pooling *k, const struct ck_window *window, struct ck_range channels,
                ptrdiff_t image, ptrdiff_t output);
  ptrdiff_t rows_of_task;
};

static void visit_window(const struct pooling *k, ptrdiff_t n, ptrdiff_t oh, ptrdiff_t ow,
                         struct ck_range channels) {
  const ck_pooling *s = &k->shape;
  ptrdiff_t top = oh * s->stride_height - s->padding_height, left = ow * s->stride_width - s->padding_width;
  ptrdiff_t bottom = ck_lower(top + s->kernel_height, s->height);
  ptrdiff_t right = ck_lower(left + s->kernel_width, s->width);
  top = ck_higher(top, 0);
  left = ck_higher(left, 0);
  struct ck_window window = {bottom - top, right - left, s->width * s->channels, s->channels};
  ptrdiff_t image = ((n * s->height + top) * s->width + left) * s->channels + channels.start;
  ptrdiff_t output = ((n * s->out_height + oh) * s->out_width + ow) * s->channels + channels.start;
  k->visit(k, &window, channels, image, output);
}

static void run_rows(void *context, int task, int lane) {
  (void)lane;
  const struct pooling *k = context;
  const ck_pooling *s = &k->shape;
  struct ck_range rows = ck_part(s->batch * s->out_height, k->rows_of_task, task);
  for (ptrdiff_t row = rows.start; row < rows.start + rows.count; row++)
    for (ptrdiff_t ow = 0; ow < s->out_width; ow++)
      visit_window(k, row / s->out_height, row % s->out_height, ow, (struct ck_range){0, s->channels});
}

/// Runs a kernel whose results are the output's elements.
static void run_forward(ck_pool *pool, struct pooling k) {
  const ck_pooling *s = &k.shape;
  k.rows_of_task = ck_higher(1, CK_CHUNK / ck_higher(1, s->out_width * s->channels));
  ck_pool_run(pool, (int)ck_quotient_up(s->batch * s->out_height, k.rows_of_task), run_rows, &k);
}

static void run_image(void *context, int task, int lane) {
  (void)lane;
  const struct pooling *k = context;
  const ck_pooling *s = &k->shape;
  ptrdiff_t blocks = ck_quotient_up(s->channels, ADJOINT_CHANNELS), n = task / blocks;
  struct ck_range channels = ck_part(s->channels, ADJOINT_CHANNELS, task % blocks);
  float *image = k->y + n * s->height * s->width * s->channels + channels.start;
  for (ptrdiff_t pixel = 0; pixel < s->height * s->width; pixel++)
    memset(image + pixel * s->channels, 0, (size_t)channels.count * sizeof(float));
  for (ptrdiff_t oh = 0; oh < s->out_height; oh++)
    for (ptrdiff_t ow = 0; ow < s->out_width; ow++) visit_window(k, n, oh, ow, channels);
}

/// Runs a kernel that adds to the image's elements.
static void run_adjoint(ck_pool *pool, struct pooling k) {
  ptrdiff_t blocks = ck_quotient_up(k.shape.channels, ADJOINT_CHANNELS);
  ck_pool_run(pool, (int)(k.shape.batch * blocks), run_image, &k);
}

/// What an average multiplies a window's sum by.
static float weight_of(const ck_pooling *shape, const struct ck_window *window) {
  ptrdiff_t whole = shape->kernel_height * shape->kernel_width, inside = window->rows * window->columns;
  return 1 / (float)(shape->count_include_pad ? whole : inside);
}

static void average(const struct pooling *k, const struct ck_window *window, struct ck_range channels,
                    ptrdiff_t image, ptrdiff_t output) {
  k->loops->window_sum(window, channels.count, weight_of(&k->shape, window), k->x + image, k->y + output);
}

static void spread(const struct pooling *k, const struct ck_window *window, struct ck_range channels,
                   ptrdiff_t image, ptrdiff_t output) {
  float weight = weight_of(&k->shape, window);
  k->loops->window_spread(window, channels.count, weight, k->second + output, k->y + image);
}

static void maximum(const struct pooling *k, const struct ck_window *window, struct ck_range channels,
                    ptrdiff_t image, ptrdiff_t output) {
  k->loops->window_max(window, channels.count, k->x + image, k->y + output);
}

static void scatter(const struct pooling *k, const struct ck_window *window, struct ck_range channels,
                    ptrdiff_t image, ptrdiff_t output) {
  k->loops->window_max_scatter(window, channels.count, k->x + image, k->second + output, k->y + image);
}

static void gather(const struct pooling *k, const struct ck_window *window, struct ck_range channels,
                   ptrdiff_t image, ptrdiff_t output) {
  k->loops->window_max_gather(window, channels.count, k->x + image, k->second + image, k->y + output);
}

void ck_avg_pool2d(ck_pool *pool, const ck_pooling *shape, const float *x, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_avg_pool2d_reference(shape, x, y);
    return;
  }
  run_forward(pool, (struct pooling){.shape = *shape, .loops = loops, .x = x, .y = y, .visit = average});
}

void ck_avg_pool2d_adjoint(ck_pool *pool, const ck_pooling *shape, const float *dy, float *dx) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_avg_pool2d_adjoint_reference(shape, dy, dx);
    return;
  }
  run_adjoint(pool, (struct pooling){.shape = *shape, .loops = loops, .second = dy, .y = dx, .visit = spread});
}

void ck_max_pool2d(ck_pool *pool, const ck_pooling *shape, const float *x, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_max_pool2d_reference(shape, x, y);
    return;
  }
  run_forward(pool, (struct pooling){.shape = *shape, .loops = loops, .x = x, .y = y, .visit = maximum});
}

void ck_max_pool2d_gradient(ck_pool *pool, const ck_pooling *shape, const float *x, const float *dy,
                            float *dx) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_max_pool2d_gradient_reference(shape, x, dy, dx);
    return;
  }
  run_adjoint(
      pool, (struct pooling){.shape = *shape, .loops = loops, .x = x, .second = dy, .y = dx, .visit = scatter});
}

void ck_max_pool2d_gather(ck_pool *pool, const ck_pooling *shape, const float *x, const float *t, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_max_pool2d_gather_reference(shape, x, t, y);
    return;
  }
  run_forward(
      pool, (struct pooling){.shape = *shape, .loops = loops, .x = x, .second = t, .y = y, .visit = gather});
}

void ck_upsample_nearest2d(ck_pool *pool, ptrdiff_t batch, ptrdiff_t height, ptrdiff_t width,
                           ptrdiff_t channels, ptrdiff_t scale_height, ptrdiff_t scale_width, const float *x,
                           float *y) {
  ptrdiff_t x_row = width * channels, y_row = x_row * scale_width;
  ck_strided_copy(pool, 5, (ptrdiff_t[]){batch * height, scale_height, width, scale_width, channels}, x,
                  (ptrdiff_t[]){x_row, 0, channels, 0, 1}, y,
                  (ptrdiff_t[]){scale_height * y_row, y_row, scale_width * channels, channels, 1});
}

// Normalisation over groups of channels, image by image, with the loops of batch normalisation: an image's rows
// are its pixels, and what differs from channel to channel there differs from group to group here.

#include "ckernels_group_norm.h"
#include "loops.h"

#include <math.h>
#include <string.h>

struct group_norm {
  const struct ck_loops *loops;
  ck_group_norm shape;
  const float *x, *dy;
  /// y or dx.
  float *y;
  /// [images, groups]; what the forward kernel writes and the backward one reads.
  float *mean, *variance;
  /// For each lane two sums a group.
  double *sums;
};

typedef void (*norm_loop)(const struct ck_batch_norm_block *block);

static ptrdiff_t lane_sums(const ck_group_norm *s) { return 2 * ck_quotient_up(s->groups, 8) * 8; }

size_t ck_group_norm_workspace_bytes(const ck_group_norm *shape, int lanes) {
  return (size_t)(lane_sums(shape) * lanes) * sizeof(double);
}

/// The number of the group that a channel belongs to.
static ptrdiff_t group_of(const ck_group_norm *s, ptrdiff_t channel) { return channel / (s->channels / s->groups); }

/// A block of an image's pixels in a panel of its channels.
static struct ck_batch_norm_block block_of(const struct group_norm *k, ptrdiff_t image, struct ck_range pixels,
                                           struct ck_range channels, const struct ck_batch_norm_panel *panel) {
  const ck_group_norm *s = &k->shape;
  ptrdiff_t at = (image * s->pixels + pixels.start) * s->channels + channels.start;
  return (struct ck_batch_norm_block){.rows = pixels.count,
                                      .width = channels.count,
                                      .stride = s->channels,
                                      .x = k->x + at,
                                      .dy = k->dy ? k->dy + at : NULL,
                                      .y = k->y + at,
                                      .panel = panel,
                                      .activation = {CK_ACT_NONE, 0, 0}};
}

/// Adds up what a reduction finds in each group of an image, about `mean` of the groups or about zero.
static void sum_image(const struct group_norm *k, ptrdiff_t image, norm_loop loop, const float *mean, double *first,
                      double *second) {
  const ck_group_norm *s = &k->shape;
  struct ck_batch_norm_panel panel;
  float sum[CK_PANEL], product[CK_PANEL];
  memset(first, 0, (size_t)s->groups * sizeof(double));
  memset(second, 0, (size_t)s->groups * sizeof(double));
  memset(&panel, 0, sizeof panel);
  for (ptrdiff_t start = 0; start < s->channels; start += CK_PANEL) {
    struct ck_range channels = {start, ck_lower(CK_PANEL, s->channels - start)};
    for (ptrdiff_t j = 0; j < channels.count; j++) panel.mean[j] = mean ? mean[group_of(s, start + j)] : 0;
    for (ptrdiff_t pixel = 0; pixel < s->pixels; pixel += CK_DRAIN) {
      struct ck_range pixels = {pixel, ck_lower(CK_DRAIN, s->pixels - pixel)};
      struct ck_batch_norm_block block = block_of(k, image, pixels, channels, &panel);
      memset(sum, 0, sizeof sum);
      memset(product, 0, sizeof product);
      block.sum = sum;
      block.product = product;
      loop(&block);
      for (ptrdiff_t j = 0; j < channels.count; j++) {
        first[group_of(s, start + j)] += (double)sum[j];
        second[group_of(s, start + j)] += (double)product[j];
      }
    }
  }
}

/// Runs an element-wise loop over an image. The offsets and slopes of the groups are those of the backward pass,
/// or NULL.
static void map_image(const struct group_norm *k, ptrdiff_t image, norm_loop loop, const double *offsets,
                      const double *slopes) {
  const ck_group_norm *s = &k->shape;
  const float *mean = k->mean + image * s->groups, *variance = k->variance + image * s->groups;
  struct ck_batch_norm_panel panel;
  memset(&panel, 0, sizeof panel);
  for (ptrdiff_t start = 0; start < s->channels; start += CK_PANEL) {
    struct ck_range channels = {start, ck_lower(CK_PANEL, s->channels - start)};
    for (ptrdiff_t j = 0; j < channels.count; j++) {
      ptrdiff_t group = group_of(s, start + j);
      panel.mean[j] = mean[group];
      panel.scale[j] = 1 / sqrtf(variance[group] + s->eps);
      panel.offset[j] = offsets ? (float)offsets[group] : 0;
      panel.slope[j] = slopes ? (float)slopes[group] : 0;
    }
    struct ck_batch_norm_block block = block_of(k, image, (struct ck_range){0, s->pixels}, channels, &panel);
    loop(&block);
  }
}

static void forward_image(void *context, int task, int lane) {
  const struct group_norm *k = context;
  const ck_group_norm *s = &k->shape;
  double *first = k->sums + lane * lane_sums(s), *second = first + lane_sums(s) / 2;
  float *mean = k->mean + task * s->groups, *variance = k->variance + task * s->groups;
  double count = (double)(s->channels / s->groups * s->pixels);
  sum_image(k, task, k->loops->batch_norm_moments, NULL, first, second);
  for (ptrdiff_t group = 0; group < s->groups; group++) mean[group] = (float)(first[group] / count);
  // Once more about the mean, where squares lose nothing.
  sum_image(k, task, k->loops->batch_norm_moments, mean, first, second);
  for (ptrdiff_t group = 0; group < s->groups; group++) {
    double shift = first[group] / count, square = second[group] / count - shift * shift;
    mean[group] = (float)((double)mean[group] + shift);
    variance[group] = (float)(square > 0 ? square : 0 * square);
  }
  map_image(k, task, k->loops->batch_norm_normalize, NULL, NULL);
}

void ck_group_norm_forward(ck_pool *pool, const ck_group_norm *shape, const float *x, float *y, float *mean,
                           float *variance, void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_group_norm_forward_reference(shape, x, y, mean, variance);
    return;
  }
  struct group_norm k = {loops, *shape, x, NULL, y, mean, variance, workspace};
  ck_pool_run_flushing(pool, (int)shape->images, forward_image, &k);
}

static void backward_image(void *context, int task, int lane) {
  const struct group_norm *k = context;
  const ck_group_norm *s = &k->shape;
  double *first = k->sums + lane * lane_sums(s), *second = first + lane_sums(s) / 2;
  const float *mean = k->mean + task * s->groups, *variance = k->variance + task * s->groups;
  double count = (double)(s->channels / s->groups * s->pixels);
  sum_image(k, task, k->loops->batch_norm_backward_reduce, mean, first, second);
  for (ptrdiff_t group = 0; group < s->groups; group++) {
    first[group] /= count;
    second[group] /= count * ((double)variance[group] + (double)s->eps);
  }
  map_image(k, task, k->loops->batch_norm_backward_apply, first, second);
}

void ck_group_norm_backward(ck_pool *pool, const ck_group_norm *shape, const float *dy, const float *x,
                            const float *mean, const float *variance, float *dx, void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_group_norm_backward_reference(shape, dy, x, mean, variance, dx);
    return;
  }
  struct group_norm k = {loops, *shape, x, dy, dx, (float *)mean, (float *)variance, workspace};
  ck_pool_run_flushing(pool, (int)shape->images, backward_image, &k);
}

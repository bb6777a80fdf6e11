// Batch normalisation: one pass over the data for each kernel.

#include "ckernels_batch_norm.h"
#include "loops.h"

#include <math.h>
#include <string.h>

/// A kernel's operands; what a kernel does not have is NULL.
struct batch_norm {
  struct ck_columns columns;
  void (*loop)(const struct ck_batch_norm_block *block);
  ptrdiff_t rows;
  const float *x, *dy, *mean, *variance, *weight, *bias;
  float eps;
  ck_activation activation;
  const float *dbias, *dweight;
  /// y or dx.
  float *y;
  /// What the reductions end in: mean and variance, or dbias and dweight.
  float *first, *second;
  /// [shard][2][width]
  double *shards;
};

static struct batch_norm operands(ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *mean,
                                  const float *variance, const float *weight, const float *bias, float eps,
                                  ck_activation activation) {
  return (struct batch_norm){.columns = ck_columns_of(rows, channels),
                             .rows = rows,
                             .x = x,
                             .mean = mean,
                             .variance = variance,
                             .weight = weight,
                             .bias = bias,
                             .eps = eps,
                             .activation = activation};
}

/// Fills in the constants that an element-wise kernel or the backward reduction reads.
static void read_panel(const struct batch_norm *k, struct ck_range columns, struct ck_batch_norm_panel *panel) {
  memset(panel, 0, sizeof *panel);
  float inverse[CK_PANEL] = {0};
  ck_columns_repeat(&k->columns, k->mean, columns, panel->mean);
  ck_columns_repeat(&k->columns, k->variance, columns, inverse);
  if (k->weight) ck_columns_repeat(&k->columns, k->weight, columns, panel->scale);
  if (k->bias) ck_columns_repeat(&k->columns, k->bias, columns, panel->bias);
  for (ptrdiff_t j = 0; j < columns.count; j++) inverse[j] = 1 / sqrtf(inverse[j] + k->eps);
  for (ptrdiff_t j = 0; j < columns.count; j++)
    panel->scale[j] = k->weight ? panel->scale[j] * inverse[j] : inverse[j];
  if (!k->dbias) return;
  float reciprocal = 1 / (float)k->rows;
  ck_columns_repeat(&k->columns, k->dbias, columns, panel->offset);
  ck_columns_repeat(&k->columns, k->dweight, columns, panel->slope);
  for (ptrdiff_t j = 0; j < columns.count; j++) panel->offset[j] *= reciprocal;
  for (ptrdiff_t j = 0; j < columns.count; j++) panel->slope[j] *= reciprocal * inverse[j];
}

/// Runs the kernel's loop over a panel's part of some rows.
static void run_loop(const struct batch_norm *k, struct ck_range rows, ptrdiff_t panel_index,
                     const struct ck_batch_norm_panel *panel, float *sum, float *product) {
  struct ck_block blocks[2];
  int count = ck_columns_blocks(&k->columns, rows, panel_index, blocks);
  for (int i = 0; i < count; i++) {
    ptrdiff_t at = blocks[i].offset;
    k->loop(&(struct ck_batch_norm_block){blocks[i].rows, blocks[i].width, k->columns.width, k->x + at,
                                          k->dy ? k->dy + at : NULL, k->y ? k->y + at : NULL, panel,
                                          k->activation, sum, product});
  }
}

static void map_chunk(void *context, int task, int lane) {
  (void)lane;
  const struct batch_norm *k = context;
  ptrdiff_t panel_index = task % k->columns.panels;
  struct ck_range rows = ck_part(k->columns.rows, ck_columns_chunk(&k->columns), task / k->columns.panels);
  struct ck_batch_norm_panel panel;
  read_panel(k, ck_columns_panel(&k->columns, panel_index), &panel);
  run_loop(k, rows, panel_index, &panel, NULL, NULL);
}

/// Runs an element-wise kernel.
static void map(ck_pool *pool, struct batch_norm *k) {
  ptrdiff_t chunks = ck_quotient_up(k->columns.rows, ck_columns_chunk(&k->columns));
  ck_pool_run_flushing(pool, (int)(chunks * k->columns.panels), map_chunk, k);
}

/// A panel's sums over a shard's rows: float sums of a few rows at a time, drained into doubles.
struct panel_sums {
  double first[CK_PANEL], second[CK_PANEL];
};

static void sum_rows(const struct batch_norm *k, struct ck_range rows, ptrdiff_t panel_index,
                     const struct ck_batch_norm_panel *panel, struct panel_sums *sums) {
  ptrdiff_t width = ck_columns_panel(&k->columns, panel_index).count;
  size_t used = (size_t)ck_quotient_up(width, CK_WIDEST_VECTOR) * CK_WIDEST_VECTOR * sizeof(float);
  float sum[CK_PANEL], product[CK_PANEL];
  memset(sums, 0, sizeof *sums);
  for (ptrdiff_t row = 0; row < rows.count; row += CK_DRAIN) {
    memset(sum, 0, used);
    memset(product, 0, used);
    struct ck_range some = {rows.start + row, ck_lower(CK_DRAIN, rows.count - row)};
    run_loop(k, some, panel_index, panel, sum, product);
    for (ptrdiff_t j = 0; j < width; j++) {
      sums->first[j] += (double)sum[j];
      sums->second[j] += (double)product[j];
    }
  }
}

/// Where a shard's result for a column goes: the first sum there, the second `width` further on.
static double *shard_result(const struct batch_norm *k, ptrdiff_t shard, ptrdiff_t column) {
  return k->shards + 2 * shard * k->columns.width + column;
}

static struct ck_range shard_rows(const struct batch_norm *k, ptrdiff_t shard) {
  return ck_part(k->columns.rows, ck_columns_shard(&k->columns), shard);
}

// Rows whose mean stands in for a shard's while deviations are summed.
enum { CENTER_ROWS = 16 };

/// Mean and Σ(x - mean)² of a shard's columns. Deviations are taken from the mean of the first rows. That is
/// as good as the shard's own: where those rows lie far off, they make the variance itself large.
static void moments_of_shard(void *context, int task, int lane) {
  (void)lane;
  const struct batch_norm *k = context;
  ptrdiff_t panel_index = task % k->columns.panels, shard = task / k->columns.panels;
  struct ck_range rows = shard_rows(k, shard), columns = ck_columns_panel(&k->columns, panel_index);
  struct ck_batch_norm_panel center;
  struct panel_sums sums;
  memset(center.mean, 0, sizeof center.mean);
  struct ck_range first_rows = {rows.start, ck_lower(CENTER_ROWS, rows.count)};
  sum_rows(k, first_rows, panel_index, &center, &sums);
  for (ptrdiff_t j = 0; j < columns.count; j++) {
    ptrdiff_t n = ck_columns_rows_with(&k->columns, first_rows, columns.start + j);
    center.mean[j] = n == 0 ? 0 : (float)(sums.first[j] / (double)n);
  }
  sum_rows(k, rows, panel_index, &center, &sums);
  double *result = shard_result(k, shard, columns.start);
  for (ptrdiff_t j = 0; j < columns.count; j++) {
    ptrdiff_t n = ck_columns_rows_with(&k->columns, rows, columns.start + j);
    double shift = n == 0 ? 0 : sums.first[j] / (double)n;
    result[j] = (double)center.mean[j] + shift;
    double squares = sums.second[j] - sums.first[j] * shift;
    result[k->columns.width + j] = squares < 0 ? 0 : squares;
  }
}

/// Combines the shards' moments, for a part of the channels.
static void combine_moments(void *context, int task, int lane) {
  (void)lane;
  const struct batch_norm *k = context;
  struct ck_range channels = ck_part(k->columns.channels, CK_PANEL, task);
  ptrdiff_t shards = ck_columns_shards(&k->columns), copies = k->columns.fold;
  double mean[CK_PANEL] = {0}, squares[CK_PANEL] = {0};
  for (ptrdiff_t part = 0; part < shards * copies; part++) {
    ptrdiff_t column = part % copies * k->columns.channels + channels.start;
    const double *result = shard_result(k, part / copies, column);
    double n = (double)ck_columns_rows_with(&k->columns, shard_rows(k, part / copies), column);
    for (ptrdiff_t c = 0; c < channels.count; c++) mean[c] += result[c] * (n / (double)k->rows);
  }
  for (ptrdiff_t part = 0; part < shards * copies; part++) {
    ptrdiff_t column = part % copies * k->columns.channels + channels.start;
    const double *result = shard_result(k, part / copies, column);
    double n = (double)ck_columns_rows_with(&k->columns, shard_rows(k, part / copies), column);
    for (ptrdiff_t c = 0; c < channels.count; c++) {
      double shift = result[c] - mean[c];
      squares[c] += result[k->columns.width + c] + n * shift * shift;
    }
  }
  for (ptrdiff_t c = 0; c < channels.count; c++) {
    k->first[channels.start + c] = (float)mean[c];
    k->second[channels.start + c] = (float)(squares[c] / (double)k->rows);
  }
}

size_t ck_batch_norm_workspace_bytes(ptrdiff_t rows, ptrdiff_t channels) {
  struct ck_columns columns = ck_columns_of(rows, channels);
  return (size_t)(ck_columns_shards(&columns) * columns.width) * 2 * sizeof(double);
}

static void reduce(ck_pool *pool, struct batch_norm *k, ck_task shard_task, ck_task combine_task) {
  ck_pool_run_flushing(pool, (int)(ck_columns_shards(&k->columns) * k->columns.panels), shard_task, k);
  ck_pool_run_flushing(pool, (int)ck_quotient_up(k->columns.channels, CK_PANEL), combine_task, k);
}

void ck_batch_norm_statistics(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x, float *mean,
                              float *variance, void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_batch_norm_statistics_reference(rows, channels, x, mean, variance);
    return;
  }
  struct batch_norm k = {.columns = ck_columns_of(rows, channels),
                         .loop = loops->batch_norm_moments,
                         .rows = rows,
                         .x = x,
                         .first = mean,
                         .second = variance,
                         .shards = workspace};
  reduce(pool, &k, moments_of_shard, combine_moments);
}

static void backward_sums_of_shard(void *context, int task, int lane) {
  (void)lane;
  const struct batch_norm *k = context;
  ptrdiff_t panel_index = task % k->columns.panels, shard = task / k->columns.panels;
  struct ck_range columns = ck_columns_panel(&k->columns, panel_index);
  struct ck_batch_norm_panel panel;
  struct panel_sums sums;
  read_panel(k, columns, &panel);
  sum_rows(k, shard_rows(k, shard), panel_index, &panel, &sums);
  double *result = shard_result(k, shard, columns.start);
  memcpy(result, sums.first, (size_t)columns.count * sizeof(double));
  memcpy(result + k->columns.width, sums.second, (size_t)columns.count * sizeof(double));
}

static void combine_backward_sums(void *context, int task, int lane) {
  (void)lane;
  const struct batch_norm *k = context;
  struct ck_range channels = ck_part(k->columns.channels, CK_PANEL, task);
  ptrdiff_t shards = ck_columns_shards(&k->columns), copies = k->columns.fold;
  double sum[CK_PANEL] = {0}, product[CK_PANEL] = {0};
  for (ptrdiff_t part = 0; part < shards * copies; part++) {
    const double *result =
        shard_result(k, part / copies, part % copies * k->columns.channels + channels.start);
    for (ptrdiff_t c = 0; c < channels.count; c++) {
      sum[c] += result[c];
      product[c] += result[k->columns.width + c];
    }
  }
  for (ptrdiff_t c = 0; c < channels.count; c++) {
    ptrdiff_t channel = channels.start + c;
    k->first[channel] = (float)sum[c];
    k->second[channel] = (float)(product[c] / sqrt((double)k->variance[channel] + (double)k->eps));
  }
}

void ck_batch_norm_normalize(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x,
                             const float *mean, const float *variance, const float *weight,
                             const float *bias, float eps, ck_activation activation, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_batch_norm_normalize_reference(rows, channels, x, mean, variance, weight, bias, eps, activation, y);
    return;
  }
  struct batch_norm k = operands(rows, channels, x, mean, variance, weight, bias, eps, activation);
  k.loop = loops->batch_norm_normalize;
  k.y = y;
  map(pool, &k);
}

void ck_batch_norm_backward_reduce(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                   const float *x, const float *mean, const float *variance,
                                   const float *weight, const float *bias, float eps,
                                   ck_activation activation, float *dbias, float *dweight, void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_batch_norm_backward_reduce_reference(rows, channels, dy, x, mean, variance, weight, bias, eps,
                                            activation, dbias, dweight);
    return;
  }
  struct batch_norm k = operands(rows, channels, x, mean, variance, weight, bias, eps, activation);
  k.loop = loops->batch_norm_backward_reduce;
  k.dy = dy;
  k.first = dbias;
  k.second = dweight;
  k.shards = workspace;
  reduce(pool, &k, backward_sums_of_shard, combine_backward_sums);
}

void ck_batch_norm_backward_apply(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                  const float *x, const float *mean, const float *variance,
                                  const float *weight, const float *bias, float eps,
                                  ck_activation activation, const float *dbias, const float *dweight,
                                  float *dx) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_batch_norm_backward_apply_reference(rows, channels, dy, x, mean, variance, weight, bias, eps, activation,
                                           dbias, dweight, dx);
    return;
  }
  struct batch_norm k = operands(rows, channels, x, mean, variance, weight, bias, eps, activation);
  k.loop = loops->batch_norm_backward_apply;
  k.dy = dy;
  k.dbias = dbias;
  k.dweight = dweight;
  k.y = dx;
  map(pool, &k);
}

void ck_batch_norm_update_running(ptrdiff_t rows, ptrdiff_t channels, float momentum, const float *mean,
                                  const float *variance, float *running_mean, float *running_variance) {
  float unbiased = (float)((double)rows / (double)(rows - 1));
  for (ptrdiff_t c = 0; c < channels; c++) {
    running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean[c];
    running_variance[c] = (1 - momentum) * running_variance[c] + momentum * (variance[c] * unbiased);
  }
}

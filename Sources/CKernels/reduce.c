// Sums over rows, columns and any axes.

#include "ckernels_reduce.h"
#include "axes.h"
#include "ckernels_layout.h"
#include "loops.h"

#include <string.h>

/// The sum over the rows of a matrix.
struct row_sum {
  const struct ck_loops *loops;
  struct ck_columns columns;
  float scale;
  const float *x;
  float *y;
  /// The sums of shards and of joined rows, [shard][width]; NULL when there is one of either, whose sums are
  /// the result.
  double *shards;
};

/// totals[j] += the sum over the rows of a block of column j. Float sums of a few rows at a time are drained
/// into the doubles.
static void add_block(const struct ck_loops *loops, struct ck_block block, ptrdiff_t stride, const float *x,
                      double *totals) {
  float sums[CK_PANEL];
  ptrdiff_t vectors = ck_quotient_up(block.width, CK_WIDEST_VECTOR);
  for (ptrdiff_t row = 0; row < block.rows; row += CK_DRAIN) {
    memset(sums, 0, (size_t)(vectors * CK_WIDEST_VECTOR) * sizeof(float));
    loops->column_sums(ck_lower(CK_DRAIN, block.rows - row), block.width, stride,
                       x + block.offset + row * stride, sums);
    for (ptrdiff_t j = 0; j < block.width; j++) totals[j] += (double)sums[j];
  }
}

static void sum_shard(void *context, int task, int lane) {
  (void)lane;
  const struct row_sum *k = context;
  ptrdiff_t panel = task % k->columns.panels, shard = task / k->columns.panels;
  struct ck_range rows = ck_part(k->columns.rows, ck_columns_shard(&k->columns), shard);
  struct ck_range columns = ck_columns_panel(&k->columns, panel);
  double totals[CK_PANEL] = {0};
  struct ck_block blocks[2];
  int count = ck_columns_blocks(&k->columns, rows, panel, blocks);
  for (int i = 0; i < count; i++) add_block(k->loops, blocks[i], k->columns.width, k->x, totals);
  if (k->shards)
    memcpy(k->shards + shard * k->columns.width + columns.start, totals,
           (size_t)columns.count * sizeof(double));
  else
    for (ptrdiff_t j = 0; j < columns.count; j++)
      k->y[columns.start + j] = (float)((double)k->scale * totals[j]);
}

static void combine_sums(void *context, int task, int lane) {
  (void)lane;
  const struct row_sum *k = context;
  struct ck_range channels = ck_part(k->columns.channels, CK_PANEL, task);
  ptrdiff_t parts = ck_columns_shards(&k->columns) * k->columns.fold;
  double totals[CK_PANEL] = {0};
  for (ptrdiff_t part = 0; part < parts; part++) {
    const double *sums = k->shards + part * k->columns.channels + channels.start;
    for (ptrdiff_t c = 0; c < channels.count; c++) totals[c] += sums[c];
  }
  for (ptrdiff_t c = 0; c < channels.count; c++)
    k->y[channels.start + c] = (float)((double)k->scale * totals[c]);
}

// A reduction with more than one shard has at least CK_DRAIN rows, and a shard's sums are one row.
size_t ck_reduce_workspace_bytes(ptrdiff_t count, ptrdiff_t columns) {
  (void)columns;
  ptrdiff_t joined_row = CK_NARROW * CK_WIDEST_VECTOR;
  ptrdiff_t doubles = ck_lower(CK_SHARDS * CK_PANEL, 2 * count / CK_DRAIN + joined_row);
  return (size_t)ck_higher(doubles, joined_row) * sizeof(double);
}

void ck_sum_rows(ck_pool *pool, ptrdiff_t rows, ptrdiff_t columns, float scale, const float *x, float *y,
                 void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_reduce_sum_reference(2, (ptrdiff_t[]){rows, columns}, scale, x, (ptrdiff_t[]){columns, 1}, y,
                            (ptrdiff_t[]){0, 1});
    return;
  }
  struct row_sum k = {loops, ck_columns_of(rows, columns), scale, x, y, workspace};
  ptrdiff_t shards = ck_columns_shards(&k.columns);
  if (shards == 1 && k.columns.fold == 1) k.shards = NULL;
  ck_pool_run(pool, (int)(shards * k.columns.panels), sum_shard, &k);
  if (k.shards) ck_pool_run(pool, (int)ck_quotient_up(columns, CK_PANEL), combine_sums, &k);
}

void ck_sum_all(ck_pool *pool, ptrdiff_t count, float scale, const float *x, float *result, void *workspace) {
  ck_sum_rows(pool, count, 1, scale, x, result, workspace);
}

/// The general sum, as `outputs` sums over an index space of their own. Where x's innermost axis is kept, an
/// output is a run of elements, `run` long; else it is one element.
struct reduction {
  const struct ck_loops *loops;
  float scale;
  const float *x;
  float *y;
  int kept_rank, reduced_rank;
  struct ck_axis kept[CK_MAX_RANK + 1], reduced[CK_MAX_RANK + 1];
  /// The innermost axis: of the run that is kept, or of the run that is added up.
  struct ck_axis run;
  bool run_is_kept;
  ptrdiff_t outputs, outputs_of_task;
  /// Runs that are added up for an output: the index space of the reduced axes but the run.
  ptrdiff_t terms;
};

static double sum_run(const struct reduction *k, const float *x) {
  if (k->run.x == 1) return k->loops->sum(k->run.count, x);
  double sum = 0;
  for (ptrdiff_t i = 0; i < k->run.count; i++) sum += (double)x[i * k->run.x];
  return sum;
}

static void reduce_to_element(const struct reduction *k, const float *x, float *y) {
  struct ck_odometer term = ck_odometer_at(k->reduced_rank, k->reduced, 0);
  double sum = 0;
  for (ptrdiff_t i = 0; i < k->terms; i++, ck_odometer_advance(&term)) sum += sum_run(k, x + term.x);
  *y = (float)((double)k->scale * sum);
}

static void reduce_to_run(const struct reduction *k, const float *x, float *y) {
  // The innermost of the reduced axes are the rows of a block.
  struct ck_axis rows = k->reduced_rank > 0 ? k->reduced[k->reduced_rank - 1] : (struct ck_axis){1, 0, 0};
  int outer_rank = k->reduced_rank > 0 ? k->reduced_rank - 1 : 0;
  ptrdiff_t blocks = ck_axes_count(outer_rank, k->reduced);
  for (ptrdiff_t start = 0; start < k->run.count; start += CK_PANEL) {
    ptrdiff_t width = ck_lower(CK_PANEL, k->run.count - start);
    double totals[CK_PANEL] = {0};
    struct ck_odometer outer = ck_odometer_at(outer_rank, k->reduced, 0);
    for (ptrdiff_t i = 0; i < blocks; i++, ck_odometer_advance(&outer))
      add_block(k->loops, (struct ck_block){outer.x + start, rows.count, width}, rows.x, x, totals);
    for (ptrdiff_t j = 0; j < width; j++)
      y[(start + j) * k->run.y] = (float)((double)k->scale * totals[j]);
  }
}

static void reduce_outputs(void *context, int task, int lane) {
  (void)lane;
  const struct reduction *k = context;
  struct ck_range part = ck_part(k->outputs, k->outputs_of_task, task);
  struct ck_odometer output = ck_odometer_at(k->kept_rank, k->kept, part.start);
  for (ptrdiff_t i = 0; i < part.count; i++, ck_odometer_advance(&output))
    (k->run_is_kept ? reduce_to_run : reduce_to_element)(k, k->x + output.x, k->y + output.y);
}

static void reduce(ck_pool *pool, struct reduction *k) {
  k->outputs = ck_axes_count(k->kept_rank, k->kept);
  k->terms = ck_axes_count(k->reduced_rank, k->reduced);
  k->outputs_of_task = ck_higher(1, CK_CHUNK / ck_higher(1, k->terms * k->run.count));
  ck_pool_run(pool, (int)ck_quotient_up(k->outputs, k->outputs_of_task), reduce_outputs, k);
}

void ck_reduce_sum(ck_pool *pool, int rank, const ptrdiff_t *dims, float scale, const float *x,
                   const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides, void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_reduce_sum_reference(rank, dims, scale, x, x_strides, y, y_strides);
    return;
  }
  struct ck_axis axes[CK_MAX_RANK];
  int count = ck_axes_simplify(rank, dims, x_strides, y_strides, false, axes);
  if (count == 1 && axes[0].y == 0 && axes[0].x == 1) {
    ck_sum_all(pool, axes[0].count, scale, x, y, workspace);
    return;
  }
  if (count == 2 && axes[0].y == 0 && axes[0].x == axes[1].count && axes[1].x == 1 && axes[1].y == 1) {
    ck_sum_rows(pool, axes[0].count, axes[1].count, scale, x, y, workspace);
    return;
  }
  struct reduction k = {.loops = loops, .scale = scale, .x = x, .y = y, .run = {1, 1, 0}};
  // A kept axis can be a run only where it lies together in x.
  if (count > 0 && (axes[count - 1].y == 0 || axes[count - 1].x == 1)) k.run = axes[--count];
  k.run_is_kept = k.run.y != 0;
  for (int i = 0; i < count; i++)
    if (axes[i].y != 0)
      k.kept[k.kept_rank++] = axes[i];
    else
      k.reduced[k.reduced_rank++] = axes[i];
  reduce(pool, &k);
}

void ck_broadcast(ck_pool *pool, int rank, const ptrdiff_t *dims, const float *x, const ptrdiff_t *x_strides,
                  float *y, const ptrdiff_t *y_strides) {
  ck_strided_copy(pool, rank, dims, x, x_strides, y, y_strides);
}

struct bias_add {
  const struct ck_loops *loops;
  struct ck_columns columns;
  const float *x, *bias;
  ck_activation activation;
  float *y;
};

static void add_bias(void *context, int task, int lane) {
  (void)lane;
  const struct bias_add *k = context;
  ptrdiff_t panel = task % k->columns.panels;
  struct ck_range rows = ck_part(k->columns.rows, ck_columns_chunk(&k->columns), task / k->columns.panels);
  float bias[CK_PANEL] = {0};
  ck_columns_repeat(&k->columns, k->bias, ck_columns_panel(&k->columns, panel), bias);
  struct ck_block blocks[2];
  int count = ck_columns_blocks(&k->columns, rows, panel, blocks);
  for (int i = 0; i < count; i++)
    k->loops->bias_add(blocks[i].rows, blocks[i].width, k->columns.width, k->x + blocks[i].offset, bias,
                       k->activation, k->y + blocks[i].offset);
}

void ck_bias_add(ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *bias,
                 ck_activation activation, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_bias_add_reference(rows, channels, x, bias, activation, y);
    return;
  }
  struct bias_add k = {loops, ck_columns_of(rows, channels), x, bias, activation, y};
  ptrdiff_t chunks = ck_quotient_up(k.columns.rows, ck_columns_chunk(&k.columns));
  ck_pool_run(pool, (int)(chunks * k.columns.panels), add_bias, &k);
}

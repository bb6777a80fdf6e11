// Matrix multiplication after Goto and van de Geijn ("Anatomy of high-performance matrix multiplication",
// TOMS 2008): a task computes a block of C in scratch memory of its lane, from blocks of A and B that it packs
// into panels itself.

#include "ckernels_matmul.h"
#include "loops.h"

#include <string.h>

enum {
  /// The largest block of C, and the depth of the blocks of A and B. All three stay in the second-level cache.
  BLOCK_ROWS = 96,
  BLOCK_COLUMNS = 256,
  BLOCK_DEPTH = 256,
  /// What every target's tile divides: blocks are multiples of it.
  UNIT_ROWS = 12,
  UNIT_COLUMNS = 32,
  /// Blocks are cut smaller for more tasks than this, as long as each has work for some microseconds.
  WANTED_TASKS = 32,
  LEAST_WORK = 1 << 18,
  /// C with fewer columns than this is computed transposed, so that tiles are full.
  FEW_COLUMNS = 16,
  /// Rows of a transposed C that are turned back at a time.
  TURNED_ROWS = 64,
};

/// A matrix by its element's distance to the next row's and the next column's, one of which is 1.
struct matrix {
  const float *data;
  ptrdiff_t row_stride, column_stride;
};

static struct matrix transposed(struct matrix m) {
  return (struct matrix){m.data, m.column_stride, m.row_stride};
}

/// op(A)·op(B) as blocks of C; `turned` when it is the transpose of the caller's product.
struct product {
  const struct ck_loops *loops;
  struct matrix a, b;
  ptrdiff_t rows, columns, depth;
  bool turned;
  ptrdiff_t block_rows, block_columns;
  float *c;
  ptrdiff_t ldc;
  bool accumulate;
  const float *bias;
  ck_activation activation;
  float *workspace;
};

static ptrdiff_t round_up(ptrdiff_t count, ptrdiff_t unit) { return ck_quotient_up(count, unit) * unit; }

static bool is_turned(const ck_matmul_shape *shape) {
  return shape->columns < FEW_COLUMNS && shape->rows > shape->columns;
}

/// The size of the blocks. It depends on the shape alone.
static void cut_blocks(struct product *k) {
  k->block_rows = ck_lower(BLOCK_ROWS, round_up(k->rows, UNIT_ROWS));
  k->block_columns = ck_lower(BLOCK_COLUMNS, round_up(k->columns, UNIT_COLUMNS));
  double work = (double)k->rows * (double)k->columns * (double)k->depth;
  for (;;) {
    ptrdiff_t tasks = ck_quotient_up(k->rows, k->block_rows) * ck_quotient_up(k->columns, k->block_columns);
    if (tasks >= WANTED_TASKS || work / (double)(2 * tasks) < (double)LEAST_WORK) return;
    if (k->block_columns > UNIT_COLUMNS)
      k->block_columns = round_up(k->block_columns / 2, UNIT_COLUMNS);
    else if (k->block_rows > 2 * UNIT_ROWS)
      k->block_rows = round_up(k->block_rows / 2, UNIT_ROWS);
    else
      return;
  }
}

/// The floats of a lane's scratch memory: a block of C, of A and of B.
struct scratch {
  ptrdiff_t c, a, b;
};

static struct scratch scratch_of(const struct product *k) {
  ptrdiff_t depth = ck_lower(BLOCK_DEPTH, k->depth);
  return (struct scratch){k->block_rows * k->block_columns, round_up(k->block_rows * depth, 16),
                          k->block_columns * depth};
}

static struct product product_of(const ck_matmul_shape *shape, const float *a, const float *b) {
  struct matrix left = {a, shape->transpose_a ? 1 : shape->lda, shape->transpose_a ? shape->lda : 1};
  struct matrix right = {b, shape->transpose_b ? 1 : shape->ldb, shape->transpose_b ? shape->ldb : 1};
  struct product k = {.a = left, .b = right, .rows = shape->rows, .columns = shape->columns};
  if (is_turned(shape))
    k = (struct product){.a = transposed(right),
                         .b = transposed(left),
                         .rows = shape->columns,
                         .columns = shape->rows,
                         .turned = true};
  k.depth = shape->depth;
  k.ldc = shape->ldc;
  k.accumulate = shape->accumulate;
  cut_blocks(&k);
  return k;
}

size_t ck_matmul_workspace_bytes(const ck_matmul_shape *shape, int lanes) {
  struct product k = product_of(shape, NULL, NULL);
  struct scratch scratch = scratch_of(&k);
  return (size_t)(scratch.c + scratch.a + scratch.b) * (size_t)lanes * sizeof(float);
}

/// Packs `count` of the lines of a matrix, from line `first` on, into panels of `width` lines.
static void pack(const struct product *k, const float *data, ptrdiff_t stride, ptrdiff_t depth_stride,
                 struct ck_range lines, struct ck_range depths, ptrdiff_t width, float *to) {
  data += lines.start * stride + depths.start * depth_stride;
  for (ptrdiff_t i = 0; i < lines.count; i += width, to += width * depths.count)
    k->loops->matmul_pack(ck_lower(width, lines.count - i), depths.count, data + i * stride, stride,
                          depth_stride, width, to);
}

/// Adds the product of a block of A and a block of B to a block of C.
static void multiply_block(const struct product *k, struct ck_range rows, struct ck_range columns,
                           struct ck_range depths, float *c, float *a, float *b) {
  const ptrdiff_t height = k->loops->matmul_tile_rows, width = k->loops->matmul_tile_columns;
  pack(k, k->a.data, k->a.row_stride, k->a.column_stride, rows, depths, height, a);
  pack(k, k->b.data, k->b.column_stride, k->b.row_stride, columns, depths, width, b);
  for (ptrdiff_t j = 0; j < columns.count; j += width)
    for (ptrdiff_t i = 0; i < rows.count; i += height)
      k->loops->matmul_tile(ck_lower(height, rows.count - i), depths.count, a + i * depths.count,
                            b + j * depths.count, c + i * k->block_columns + j, k->block_columns);
}

/// Writes a block of C.
static void finish_block(const struct product *k, struct ck_range rows, struct ck_range columns,
                         const float *sums) {
  struct ck_matmul_finish finish = {.accumulate = k->accumulate, .activation = k->activation};
  finish.c_stride = k->ldc;
  if (!k->turned) {
    finish.rows = rows.count;
    finish.columns = columns.count;
    finish.sums = sums;
    finish.sums_stride = k->block_columns;
    finish.c = k->c + rows.start * k->ldc + columns.start;
    finish.bias = k->bias ? k->bias + columns.start : NULL;
    k->loops->matmul_finish(&finish);
    return;
  }
  float turned[TURNED_ROWS * FEW_COLUMNS];
  for (ptrdiff_t j = 0; j < columns.count; j += TURNED_ROWS) {
    finish.rows = ck_lower(TURNED_ROWS, columns.count - j);
    finish.columns = rows.count;
    k->loops->transpose(rows.count, finish.rows, sums + j, k->block_columns, turned, rows.count);
    finish.sums = turned;
    finish.sums_stride = rows.count;
    finish.c = k->c + (columns.start + j) * k->ldc + rows.start;
    finish.bias = k->bias ? k->bias + rows.start : NULL;
    k->loops->matmul_finish(&finish);
  }
}

static void run_block(void *context, int task, int lane) {
  const struct product *k = context;
  ptrdiff_t across = ck_quotient_up(k->columns, k->block_columns);
  struct ck_range rows = ck_part(k->rows, k->block_rows, task / across);
  struct ck_range columns = ck_part(k->columns, k->block_columns, task % across);
  struct scratch scratch = scratch_of(k);
  float *c = k->workspace + lane * (scratch.c + scratch.a + scratch.b), *a = c + scratch.c, *b = a + scratch.a;
  memset(c, 0, (size_t)scratch.c * sizeof(float));
  for (ptrdiff_t start = 0; start < k->depth; start += BLOCK_DEPTH) {
    struct ck_range depths = {start, ck_lower(BLOCK_DEPTH, k->depth - start)};
    multiply_block(k, rows, columns, depths, c, a, b);
  }
  finish_block(k, rows, columns, c);
}

void ck_matmul(ck_pool *pool, const ck_matmul_shape *shape, const float *a, const float *b, float *c,
               const float *bias, ck_activation activation, void *workspace) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_matmul_reference(shape, a, b, c, bias, activation);
    return;
  }
  if (shape->rows == 0 || shape->columns == 0) return;
  struct product k = product_of(shape, a, b);
  k.loops = loops;
  k.c = c;
  k.bias = bias;
  k.activation = activation;
  k.workspace = workspace;
  ptrdiff_t tasks = ck_quotient_up(k.rows, k.block_rows) * ck_quotient_up(k.columns, k.block_columns);
  ck_pool_run_flushing(pool, (int)tasks, run_block, &k);
}

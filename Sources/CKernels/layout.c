// Strided copies: contiguous runs, fills and transpositions wherever the strides allow them.

#include "ckernels_layout.h"
#include "axes.h"
#include "chunks.h"
#include "loops.h"

#include <string.h>

enum {
  /// Elements of a run that are worth a call of memcpy.
  LONG_RUN = 32,
  /// Columns of y that a transposition writes before it goes on to the next rows of x.
  TRANSPOSED_COLUMNS = 256,
};

/// A copy as a walk over sheets: the last two axes of the index space. Sheets are cut into pieces, and a task
/// copies some pieces that follow each other.
struct copy {
  const struct ck_loops *loops;
  const float *x;
  float *y;
  int outer_rank;
  struct ck_axis axes[CK_MAX_RANK + 1];
  bool transposed;
  ptrdiff_t sheets, pieces_of_sheet, pieces_of_task;
  /// The extent of a piece, and how many of them are side by side.
  ptrdiff_t piece_rows, piece_columns, pieces_across;
};

static void copy_row(ptrdiff_t count, const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride) {
  if (x_stride == 1 && y_stride == 1 && count >= LONG_RUN)
    memcpy(y, x, (size_t)count * sizeof(float));
  else if (x_stride == 1 && y_stride == 1)
    for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i];
  else if (x_stride == 0 && y_stride == 1)
    for (ptrdiff_t i = 0; i < count; i++) y[i] = *x;
  else
    for (ptrdiff_t i = 0; i < count; i++) y[i * y_stride] = x[i * x_stride];
}

/// Copies a piece of the sheet that starts at x and y.
static void copy_piece(const struct copy *k, ptrdiff_t piece, const float *x, float *y) {
  const struct ck_axis *outer = &k->axes[k->outer_rank], *inner = outer + 1;
  struct ck_range rows = ck_part(outer->count, k->piece_rows, piece / k->pieces_across);
  struct ck_range columns = ck_part(inner->count, k->piece_columns, piece % k->pieces_across);
  x += rows.start * outer->x + columns.start * inner->x;
  y += rows.start * outer->y + columns.start * inner->y;
  if (k->transposed)
    k->loops->transpose(columns.count, rows.count, x, inner->x, y, outer->y);
  else
    for (ptrdiff_t r = 0; r < rows.count; r++)
      copy_row(columns.count, x + r * outer->x, inner->x, y + r * outer->y, inner->y);
}

static void copy_pieces(void *context, int task, int lane) {
  (void)lane;
  const struct copy *k = context;
  struct ck_range pieces = ck_part(k->sheets * k->pieces_of_sheet, k->pieces_of_task, task);
  struct ck_odometer sheet = ck_odometer_at(k->outer_rank, k->axes, pieces.start / k->pieces_of_sheet);
  ptrdiff_t piece = pieces.start % k->pieces_of_sheet;
  for (ptrdiff_t i = 0; i < pieces.count; i++) {
    copy_piece(k, piece, k->x + sheet.x, k->y + sheet.y);
    if (++piece == k->pieces_of_sheet) {
      piece = 0;
      ck_odometer_advance(&sheet);
    }
  }
}

/// Where y's innermost axis is not x's, makes x's innermost the other axis of the sheets.
static bool make_transposed(int rank, struct ck_axis *axes) {
  if (axes[rank - 1].y != 1 || axes[rank - 1].x == 1) return false;
  int unit = rank - 2;
  while (unit >= 0 && axes[unit].x != 1) unit--;
  if (unit < 0) return false;
  struct ck_axis axis = axes[unit];
  memmove(axes + unit, axes + unit + 1, (size_t)(rank - 2 - unit) * sizeof *axes);
  axes[rank - 2] = axis;
  return true;
}

void ck_strided_copy(ck_pool *pool, int rank, const ptrdiff_t *dims, const float *x,
                     const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_strided_copy_reference(rank, dims, x, x_strides, y, y_strides);
    return;
  }
  struct copy k = {.loops = loops, .x = x, .y = y};
  int axes = ck_axes_simplify(rank, dims, x_strides, y_strides, true, k.axes);
  k.transposed = make_transposed(axes, k.axes);
  for (; axes < 2; axes++) {
    memmove(k.axes + 1, k.axes, (size_t)axes * sizeof *k.axes);
    k.axes[0] = (struct ck_axis){1, 0, 0};
  }
  k.outer_rank = axes - 2;
  k.sheets = ck_axes_count(k.outer_rank, k.axes);
  ptrdiff_t rows = k.axes[axes - 2].count, columns = k.axes[axes - 1].count;
  if (rows * columns == 0) return;
  k.piece_columns = ck_lower(columns, k.transposed ? TRANSPOSED_COLUMNS : CK_CHUNK);
  k.piece_rows = ck_lower(rows, CK_CHUNK / k.piece_columns);
  k.pieces_across = ck_quotient_up(columns, k.piece_columns);
  k.pieces_of_sheet = k.pieces_across * ck_quotient_up(rows, k.piece_rows);
  k.pieces_of_task = ck_higher(1, CK_CHUNK / (k.piece_rows * k.piece_columns));
  ck_pool_run(pool, (int)ck_quotient_up(k.sheets * k.pieces_of_sheet, k.pieces_of_task), copy_pieces, &k);
}

void ck_nchw_to_nhwc(ck_pool *pool, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t pixels, const float *x,
                     float *y) {
  const ptrdiff_t image = channels * pixels;
  ck_strided_copy(pool, 3, (ptrdiff_t[]){batch, pixels, channels}, x, (ptrdiff_t[]){image, 1, pixels}, y,
                  (ptrdiff_t[]){image, channels, 1});
}

void ck_nhwc_to_nchw(ck_pool *pool, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t pixels, const float *x,
                     float *y) {
  const ptrdiff_t image = channels * pixels;
  ck_strided_copy(pool, 3, (ptrdiff_t[]){batch, channels, pixels}, x, (ptrdiff_t[]){image, 1, channels}, y,
                  (ptrdiff_t[]){image, pixels, 1});
}

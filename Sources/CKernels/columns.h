// The geometry of kernels that work column by column on a matrix [rows, channels]: panels of columns, whose
// per-channel constants or sums fit on the stack, and shards of rows, whose sums are combined in order.
#ifndef COLUMNS_H
#define COLUMNS_H

#include "chunks.h"

#include <string.h>

enum {
  /// Columns of a panel.
  CK_PANEL = 512,
  /// Rows that a column's float accumulator takes in before it is drained into a double.
  CK_DRAIN = 64,
  /// The most shards that a reduction is cut into, whatever the number of threads.
  CK_SHARDS = 64,
  /// Rows narrower than this are joined.
  CK_NARROW = 64,
  /// Columns of a joined row are a multiple of this, the widest vector.
  CK_WIDEST_VECTOR = 16,
};

/// The matrix as the kernels see it: `fold` narrow rows joined to a wide one, so that vectors are full.
struct ck_columns {
  ptrdiff_t channels, fold;
  /// Columns of a wide row: channels · fold.
  ptrdiff_t width;
  /// Wide rows; the last has `last_width` columns, fewer than `width` where `fold` does not divide the rows.
  ptrdiff_t rows, last_width;
  ptrdiff_t panels;
};

static inline struct ck_columns ck_columns_of(ptrdiff_t rows, ptrdiff_t channels) {
  ptrdiff_t fold = 1;
  if (0 < channels && channels < CK_NARROW)
    while (channels * fold < CK_NARROW || channels * fold % CK_WIDEST_VECTOR != 0) fold++;
  ptrdiff_t width = channels * fold, wide_rows = ck_quotient_up(rows, fold);
  return (struct ck_columns){channels, fold, width, wide_rows, rows * channels - (wide_rows - 1) * width,
                             ck_quotient_up(width, CK_PANEL)};
}

/// A rectangle of full rows: `offset` is its first element's, and `width` its columns.
struct ck_block {
  ptrdiff_t offset, rows, width;
};

/// How many rows of `rows` have column number `column`.
static inline ptrdiff_t ck_columns_rows_with(const struct ck_columns *k, struct ck_range rows, ptrdiff_t column) {
  return rows.count - (rows.start + rows.count == k->rows && column >= k->last_width);
}

static inline struct ck_range ck_columns_panel(const struct ck_columns *k, ptrdiff_t panel) {
  return ck_part(k->width, CK_PANEL, panel);
}

/// The values of a panel's columns: to[j] = from[(start + j) mod channels].
static inline void ck_columns_repeat(const struct ck_columns *k, const float *from, struct ck_range columns,
                                     float *to) {
  ptrdiff_t c = columns.start % k->channels;
  for (ptrdiff_t j = 0; j < columns.count; c = 0) {
    ptrdiff_t run = ck_lower(k->channels - c, columns.count - j);
    memcpy(to + j, from + c, (size_t)run * sizeof(float));
    j += run;
  }
}

/// The rectangles that `rows` has in a panel: one, or two where the last row is short. Returns their number.
static inline int ck_columns_blocks(const struct ck_columns *k, struct ck_range rows, ptrdiff_t panel,
                                    struct ck_block blocks[2]) {
  struct ck_range columns = ck_columns_panel(k, panel);
  ptrdiff_t offset = rows.start * k->width + columns.start;
  ptrdiff_t last_columns = ck_lower(k->last_width - columns.start, columns.count);
  if (rows.start + rows.count < k->rows || last_columns == columns.count) {
    blocks[0] = (struct ck_block){offset, rows.count, columns.count};
    return 1;
  }
  int count = 0;
  if (rows.count > 1) blocks[count++] = (struct ck_block){offset, rows.count - 1, columns.count};
  if (last_columns > 0)
    blocks[count++] = (struct ck_block){offset + (rows.count - 1) * k->width, 1, last_columns};
  return count;
}

/// Rows of a task of an element-wise kernel: enough to be worth the constants of its panel.
static inline ptrdiff_t ck_columns_chunk(const struct ck_columns *k) {
  return 2 * CK_CHUNK / ck_lower(ck_higher(k->width, 1), CK_PANEL);
}

/// Rows of a shard of a reduction: a multiple of what is drained at a time. There are at most CK_SHARDS shards,
/// and CK_SHARDS parts of shards where a row has several panels.
static inline ptrdiff_t ck_columns_shard(const struct ck_columns *k) {
  ptrdiff_t most = ck_higher(1, CK_SHARDS / ck_higher(1, k->panels));
  ptrdiff_t least = ck_higher(CK_DRAIN, CK_CHUNK / 2 / ck_higher(k->width, 1));
  ptrdiff_t rows = ck_higher(least, ck_quotient_up(k->rows, most));
  return ck_quotient_up(rows, CK_DRAIN) * CK_DRAIN;
}

static inline ptrdiff_t ck_columns_shards(const struct ck_columns *k) {
  return ck_quotient_up(k->rows, ck_columns_shard(k));
}

#endif

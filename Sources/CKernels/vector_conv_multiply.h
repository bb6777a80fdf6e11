// The products of a chunk's gathered rows with panels of weights, prepared or packed.
#ifndef VECTOR_CONV_MULTIPLY_H
#define VECTOR_CONV_MULTIPLY_H

#include "lookahead.h"
#include "vector_conv_product.h"

#include <string.h>

/// What the next chunk reads of the image, about, for so many calls.
static struct lookahead next_chunk(const struct product *p, struct ck_range rows, ptrdiff_t calls) {
  ptrdiff_t pixels = p->batch * p->y.in_size * p->x.in_size;
  // A small image stays in the cache.
  if (pixels * p->in_channels <= 2 * CHUNK_FLOATS) return (struct lookahead){0};
  ptrdiff_t first = rows.start + rows.count, end = ck_lower(first + p->chunk_rows, p->rows);
  return ck_look_ahead(p->image, p->in_channels, pixels * first / p->rows, pixels * end / p->rows,
                       (struct ck_range){p->in_first, p->channels}, calls);
}

/// Calls of `multiply_rows` for one panel of columns.
static ptrdiff_t panel_calls(const struct product *p, ptrdiff_t rows) {
  return p->points * ck_quotient_up(words(p->depth), DEPTH_BLOCK) * ck_quotient_up(rows, TILE_ROWS);
}

static ptrdiff_t packed_step(const struct product *p) {
  return ck_higher(PACKED_DEPTH / (p->phases * p->phases) / WIDTH, 1) * WIDTH;
}

static ptrdiff_t packed_calls(const struct product *p, ptrdiff_t rows) {
  ptrdiff_t blocks = ck_quotient_up(conv_round_up(p->channels, WIDTH), packed_step(p));
  return blocks * p->points * ck_quotient_up(rows, TILE_ROWS);
}

/// What is fetched while products are computed: pixels for the next chunk, and where these products' rows will be
/// written.
struct prefetches {
  struct lookahead next;
  const struct conv_output *output;
  /// None where the result is not worth fetching; and those of them that are left for the panels at hand.
  struct ck_range rows, left;
};

/// The last calls fetch a row each of what will be written, or more where there are more rows than calls.
static void prefetch_meanwhile(const struct product *p, struct ck_range panels, struct prefetches *prefetches,
                               ptrdiff_t calls_left) {
  ck_prefetch_some(&prefetches->next);
  struct ck_range *left = &prefetches->left;
  if (calls_left > left->count || !p->prefetch) return;
  for (ptrdiff_t end = left->count - ck_quotient_up(left->count, calls_left); left->count > end;
       left->start++, left->count--)
    for (ptrdiff_t i = 0; i < panels.count; i++)
      p->prefetch(p, prefetches->output, left->start, panel_columns(p, panels.start + i));
}

/// products [panel][point][row][column] of gathered rows with the columns of a few panels.
static void multiply_panels(const struct product *p, ptrdiff_t rows, struct ck_range panels,
                            const float *gathered, const float *weights, float *products,
                            struct prefetches *prefetches) {
  ptrdiff_t plane = product_plane(p), panel_products = p->points * plane;
  if (p->depth == 0) memset(products, 0, (size_t)(panels.count * panel_products) * sizeof(float));
  ptrdiff_t depth = words(p->depth), blocks = ck_quotient_up(depth, DEPTH_BLOCK);
  ptrdiff_t block = conv_round_up(ck_quotient_up(depth, ck_higher(blocks, 1)), WIDTH);
  ptrdiff_t calls = panels.count * panel_calls(p, rows);
  prefetches->left = prefetches->rows;
  for (ptrdiff_t point = 0; point < p->points; point++)
    for (ptrdiff_t k = 0; k < depth; k += block)
      for (ptrdiff_t i = 0; i < panels.count; i++) {
        ptrdiff_t panel = panels.start + i, width = panel_width(p, panel);
        const float *a = gathered + point * gathered_plane(p) + k * TILE_ROWS;
        const float *b = weights + panel * p->points * weight_plane(p, TILE_COLUMNS) +
                         point * weight_plane(p, width) + k * width;
        float *c = products + i * panel_products + point * plane;
        for (ptrdiff_t row = 0; row < rows; row += TILE_ROWS, a += TILE_ROWS * row_words(p)) {
          prefetch_meanwhile(p, panels, prefetches, calls--);
          multiply_rows(ck_lower(TILE_ROWS, conv_round_up(rows - row, TILE_ROW_STEP)), width / WIDTH,
                        ck_lower(block, depth - k), a, b, c + row * width, k > 0);
        }
      }
}

/// products [panel][point][row][column] of gathered rows with a few panels of packed weights.
static void multiply_packed_panels(const struct product *p, ptrdiff_t rows, struct ck_range panels,
                                   const float *gathered, const float *weights, float *block, float *products,
                                   struct prefetches *prefetches) {
  ptrdiff_t phases = p->phases * p->phases, padded = conv_round_up(p->channels, WIDTH);
  ptrdiff_t step = packed_step(p), calls = packed_calls(p, rows);
  ptrdiff_t plane = block_plane(), panel_block = p->points * plane;
  prefetches->left = prefetches->rows;
  for (ptrdiff_t c = 0; c < padded; c += step) {
    ptrdiff_t channels = ck_lower(step, padded - c);
    for (ptrdiff_t i = 0; i < panels.count; i++) {
      ptrdiff_t width = panel_width(p, panels.start + i);
      const float *packed =
          weights + (panels.start + i) * panel_floats(p, TILE_COLUMNS) + c * width * p->packed_taps;
      p->transform(p, packed, channels, width / WIDTH, block + i * panel_block, plane);
    }
    ptrdiff_t k = words(c * phases), depth = words(channels * phases);
    for (ptrdiff_t point = 0; point < p->points; point++) {
      const float *a = gathered + point * gathered_plane(p) + k * TILE_ROWS;
      for (ptrdiff_t row = 0; row < rows; row += TILE_ROWS, a += TILE_ROWS * row_words(p)) {
        prefetch_meanwhile(p, panels, prefetches, calls--);
        for (ptrdiff_t i = 0; i < panels.count; i++) {
          ptrdiff_t width = panel_width(p, panels.start + i);
          multiply_rows(ck_lower(TILE_ROWS, conv_round_up(rows - row, TILE_ROW_STEP)), width / WIDTH, depth, a,
                        block + i * panel_block + point * plane,
                        products + (i * p->points + point) * product_plane(p) + row * width, c > 0);
        }
      }
    }
  }
}

#endif

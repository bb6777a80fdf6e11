// The tiles of the convolutions' matrix products in AMX's registers: squares of 16 × 16 words, of which a
// product adds 16 × 16 × 32 multiplications of bf16 to 16 × 16 floats. Included by vector_conv_tile.h.
#ifndef VECTOR_CONV_AMX_H
#define VECTOR_CONV_AMX_H

#include "vector_conv_pairs.h"

/// What `_tile_loadconfig` reads.
struct amx_configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

enum {
  AMX_TILES = 8,
  AMX_ROWS = 16,
  AMX_ROW_BYTES = 64,
  /// Words of a square whose rows lie side by side.
  SQUARE_WORDS = AMX_ROWS * WIDTH,
};

/// Makes all registers of this thread whole squares, until `end_products`.
static void begin_products(void) {
  _Alignas(64) struct amx_configuration configuration = {.palette = 1};
  for (int tile = 0; tile < AMX_TILES; tile++) {
    configuration.row_bytes[tile] = AMX_ROW_BYTES;
    configuration.rows[tile] = AMX_ROWS;
  }
  _tile_loadconfig(&configuration);
}

/// Leaves nothing that would have to be saved when the thread is interrupted.
INLINE void end_products(void) { _tile_release(); }

// Registers are named by constants: sums come first, then squares of the left operand, then of the right one.
#define BEGIN_SUM(SUM, FROM, BYTES)                                                                            \
  do {                                                                                                         \
    if (accumulates)                                                                                           \
      _tile_loadd(SUM, FROM, BYTES);                                                                           \
    else                                                                                                       \
      _tile_zero(SUM);                                                                                         \
  } while (0)

/// c [rows][vectors·WIDTH] (+)= a · b for a as [depth/ROW_WORDS][TILE_ROWS][ROW_WORDS], b as
/// [depth][vectors·WIDTH], the depth in words, 16 or 32 rows and 1 or 2 vectors.
static void multiply_rows(ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t depth, const float *a, const float *b,
                          float *c, bool accumulates) {
  const ptrdiff_t b_bytes = vectors * AMX_ROW_BYTES, a_step = 2 * SQUARE_WORDS, b_step = vectors * SQUARE_WORDS;
  const bool is_tall = rows > AMX_ROWS, is_wide = vectors > 1;
  float *lower = c + AMX_ROWS * vectors * WIDTH;
  BEGIN_SUM(0, c, b_bytes);
  if (is_wide) BEGIN_SUM(1, c + WIDTH, b_bytes);
  if (is_tall) BEGIN_SUM(2, lower, b_bytes);
  if (is_tall && is_wide) BEGIN_SUM(3, lower + WIDTH, b_bytes);
  for (ptrdiff_t k = 0; k < depth; k += ROW_WORDS, a += a_step, b += b_step) {
    _tile_loadd(4, a, AMX_ROW_BYTES);
    _tile_loadd(6, b, b_bytes);
    _tile_dpbf16ps(0, 4, 6);
    if (is_wide) {
      _tile_loadd(7, b + WIDTH, b_bytes);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (is_tall) {
      _tile_loadd(5, a + SQUARE_WORDS, AMX_ROW_BYTES);
      _tile_dpbf16ps(2, 5, 6);
      if (is_wide) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, c, b_bytes);
  if (is_wide) _tile_stored(1, c + WIDTH, b_bytes);
  if (is_tall) _tile_stored(2, lower, b_bytes);
  if (is_tall && is_wide) _tile_stored(3, lower + WIDTH, b_bytes);
}

/// c [16][vectors·WIDTH], rows `c_row` apart, (+)= a · b for a as squares [depth/ROW_WORDS][16][ROW_WORDS] and up
/// to 3 vectors of b: words of the depth are `b_step` apart, vectors `b_vector`.
static void multiply_outer(ptrdiff_t vectors, ptrdiff_t depth, const float *a, ptrdiff_t a_step,
                           const float *b, ptrdiff_t b_vector, ptrdiff_t b_step, float *c, ptrdiff_t c_row,
                           bool accumulates) {
  const ptrdiff_t b_bytes = b_step * (ptrdiff_t)sizeof(float), c_bytes = c_row * (ptrdiff_t)sizeof(float);
  BEGIN_SUM(0, c, c_bytes);
  if (vectors > 1) BEGIN_SUM(1, c + WIDTH, c_bytes);
  if (vectors > 2) BEGIN_SUM(2, c + 2 * WIDTH, c_bytes);
  for (ptrdiff_t k = 0; k < depth; k += ROW_WORDS, a += ROW_WORDS * a_step, b += ROW_WORDS * b_step) {
    _tile_loadd(4, a, AMX_ROW_BYTES);
    _tile_loadd(5, b, b_bytes);
    _tile_dpbf16ps(0, 4, 5);
    if (vectors > 1) {
      _tile_loadd(6, b + b_vector, b_bytes);
      _tile_dpbf16ps(1, 4, 6);
    }
    if (vectors > 2) {
      _tile_loadd(7, b + 2 * b_vector, b_bytes);
      _tile_dpbf16ps(2, 4, 7);
    }
  }
  _tile_stored(0, c, c_bytes);
  if (vectors > 1) _tile_stored(1, c + WIDTH, c_bytes);
  if (vectors > 2) _tile_stored(2, c + 2 * WIDTH, c_bytes);
}

#undef BEGIN_SUM

#endif

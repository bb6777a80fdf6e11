// Register tiles of the convolutions' matrix products.
#ifndef VECTOR_CONV_TILE_H
#define VECTOR_CONV_TILE_H

#include "vector_conv_pairs.h"

#define UNROLL _Pragma("clang loop unroll(full)")
#define ONE_AT_A_TIME _Pragma("clang loop unroll(disable)")

enum {
  /// A tile of TILE_ROWS × TILE_VECTORS vectors fills the registers, with room for an operand.
  TILE_ROWS = HAS_AMX ? 32 : WIDTH == 16 ? 12 : 6,
  TILE_VECTORS = 2,
  TILE_COLUMNS = TILE_VECTORS * WIDTH,
  /// Tiles with fewer rows have a multiple of these.
  TILE_ROW_STEP = HAS_AMX ? TILE_ROWS / 2 : TILE_ROWS / 3,
  /// A tile whose rows, too, lie side by side in vectors, or wherever they are. With three vectors, AVX2
  /// would have no register to spare.
  OUTER_ROWS = HAS_AMX ? 16 : WIDTH == 16 ? 8 : 4,
  OUTER_VECTORS = WIDTH == 8 ? 2 : 3,
  MOST_ACCUMULATORS = OUTER_ROWS * OUTER_VECTORS > 24 ? OUTER_ROWS * OUTER_VECTORS : 24,
  /// Words of the depth that are multiplied at a time.
  DEPTH_STEP = ROW_WORDS < 4 ? ROW_WORDS : 4,
  /// How far ahead operands are fetched into the first level cache, in steps of the depth.
  STEPS_AHEAD = 16,
  LINE_WORDS = 16,
};

/// Fetches words that a tile will multiply. Intel's processors themselves fetch them too late to keep their two units
/// of AVX-512 busy; narrower vectors need them at half the rate.
INLINE void fetch_words(const float *from, ptrdiff_t count) {
  if (WIDTH < 16) return;
  UNROLL
  for (ptrdiff_t i = 0; i < count; i += LINE_WORDS) __builtin_prefetch(from + i, 0, 3);
}

/// One step of the depth, a word of it: accumulators [row][vector] += a[row·a_row] · b[vector·b_vector …].
INLINE void multiply_step(int rows, int vectors, const float *a, ptrdiff_t a_row, const float *b,
                          ptrdiff_t b_vector, vfloat *accumulators) {
  vfloat x[OUTER_VECTORS];
  UNROLL
  for (int v = 0; v < vectors; v++) x[v] = load(b + v * b_vector);
  UNROLL
  for (int r = 0; r < rows; r++) {
    float y = a[r * a_row];
    UNROLL
    for (int v = 0; v < vectors; v++) {
      vfloat *sum = &accumulators[r * vectors + v];
      *sum = multiply_words(*sum, x[v], y);
    }
  }
}

INLINE void begin_tile(int rows, int vectors, const float *c, ptrdiff_t c_row, bool accumulates,
                       vfloat *accumulators) {
  UNROLL
  for (int r = 0; r < rows; r++) {
    UNROLL
    for (int v = 0; v < vectors; v++)
      accumulators[r * vectors + v] = accumulates ? load(c + r * c_row + v * WIDTH) : splat(0);
  }
}

INLINE void end_tile(int rows, int vectors, float *c, ptrdiff_t c_row, const vfloat *accumulators) {
  UNROLL
  for (int r = 0; r < rows; r++) {
    UNROLL
    for (int v = 0; v < vectors; v++) store(c + r * c_row + v * WIDTH, accumulators[r * vectors + v]);
  }
}

/// c [rows][vectors·WIDTH] (+)= a · b for a as [depth/ROW_WORDS][TILE_ROWS][ROW_WORDS], b as
/// [depth][vectors·WIDTH], the depth in words.
INLINE void multiply_tile(int rows, int vectors, ptrdiff_t depth, const float *a, const float *b, float *c,
                          bool accumulates) {
  vfloat accumulators[MOST_ACCUMULATORS];
  const ptrdiff_t b_step = vectors * WIDTH;
  begin_tile(rows, vectors, c, b_step, accumulates, accumulators);
  ptrdiff_t k = 0;
  for (; k + ROW_WORDS <= depth; k += ROW_WORDS, a += TILE_ROWS * ROW_WORDS)
    for (int i = 0; i < ROW_WORDS; i += DEPTH_STEP) {
      fetch_words(a + (STEPS_AHEAD + i) * TILE_ROWS, DEPTH_STEP * TILE_ROWS);
      UNROLL
      for (int j = 0; j < DEPTH_STEP; j++, b += b_step) {
        fetch_words(b + STEPS_AHEAD * b_step, b_step);
        multiply_step(rows, vectors, a + i + j, ROW_WORDS, b, WIDTH, accumulators);
      }
    }
  for (; k < depth; k++, a++, b += b_step)
    multiply_step(rows, vectors, a, ROW_WORDS, b, WIDTH, accumulators);
  end_tile(rows, vectors, c, b_step, accumulators);
}

/// Runs `DO(rows, vectors)` with constants, for a multiple of TILE_ROW_STEP rows up to TILE_ROWS and 1 or 2 vectors.
#define FOR_TILE(ROWS, VECTORS, DO)                                                                          \
  switch ((VECTORS) * 4 + (ROWS) / TILE_ROW_STEP) {                                                          \
  case 4 + 1: DO(TILE_ROW_STEP, 1); break;                                                                   \
  case 4 + 2: DO(2 * TILE_ROW_STEP, 1); break;                                                               \
  case 4 + 3: DO(TILE_ROWS, 1); break;                                                                       \
  case 8 + 1: DO(TILE_ROW_STEP, 2); break;                                                                   \
  case 8 + 2: DO(2 * TILE_ROW_STEP, 2); break;                                                               \
  case 8 + 3: DO(TILE_ROWS, 2); break;                                                                       \
  }

#ifdef AMX_INSTRUCTIONS
#include "vector_conv_amx.h"
#else

INLINE void begin_products(void) {}
INLINE void end_products(void) {}

/// c [rows][vectors·WIDTH] (+)= a · b for the operands of `multiply_tile`.
static void multiply_rows(ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t depth, const float *a, const float *b,
                          float *c, bool accumulates) {
#define ROWS_TILE(ROWS, VECTORS) multiply_tile(ROWS, VECTORS, depth, a, b, c, accumulates)
  FOR_TILE(rows, vectors, ROWS_TILE)
#undef ROWS_TILE
}

#endif

/// Runs `DO(vectors)` with a constant from 1 to OUTER_VECTORS.
#define FOR_OUTER_VECTORS(VECTORS, DO)                                                                       \
  if ((VECTORS) == OUTER_VECTORS)                                                                            \
    DO(OUTER_VECTORS);                                                                                       \
  else if ((VECTORS) == 2)                                                                                   \
    DO(2);                                                                                                   \
  else                                                                                                       \
    DO(1);

/// c [OUTER_ROWS][vectors·WIDTH], rows `c_row` apart, (+)= a · b: words k of the depth are a_step apart in a
/// and b_step in b, rows a_row, vectors b_vector.
INLINE void multiply_outer_tile(int vectors, ptrdiff_t depth, const float *a, ptrdiff_t a_row,
                                ptrdiff_t a_step, const float *b, ptrdiff_t b_vector, ptrdiff_t b_step,
                                float *c, ptrdiff_t c_row, bool accumulates) {
  vfloat accumulators[MOST_ACCUMULATORS];
  begin_tile(OUTER_ROWS, vectors, c, c_row, accumulates, accumulators);
  // One step at a time: the compiler would load the operands of several at once, and run out of registers.
  ONE_AT_A_TIME
  for (ptrdiff_t k = 0; k < depth; k++, a += a_step, b += b_step) {
    // Rows that are pixels lie too far apart.
    if (a_row == 1) fetch_words(a + STEPS_AHEAD * a_step, 1);
    UNROLL
    for (int v = 0; v < vectors; v++) fetch_words(b + v * b_vector + STEPS_AHEAD * b_step, WIDTH);
    multiply_step(OUTER_ROWS, vectors, a, a_row, b, b_vector, accumulators);
  }
  end_tile(OUTER_ROWS, vectors, c, c_row, accumulators);
}

#ifndef AMX_INSTRUCTIONS

/// The tile for up to OUTER_VECTORS vectors and rows that lie side by side: both operands are channels.
static void multiply_outer(ptrdiff_t vectors, ptrdiff_t depth, const float *a, ptrdiff_t a_step,
                           const float *b, ptrdiff_t b_vector, ptrdiff_t b_step, float *c, ptrdiff_t c_row,
                           bool accumulates) {
#define OUTER_TILE(VECTORS)                                                                                  \
  multiply_outer_tile(VECTORS, depth, a, 1, a_step, b, b_vector, b_step, c, c_row, accumulates)
  FOR_OUTER_VECTORS(vectors, OUTER_TILE)
#undef OUTER_TILE
}

#endif

/// The tile for up to OUTER_VECTORS vectors and rows that are pixels, `a_row` apart; b is a panel
/// [depth][vectors·WIDTH].
static void multiply_pixels(ptrdiff_t vectors, ptrdiff_t depth, const float *a, ptrdiff_t a_row,
                            const float *b, float *c, ptrdiff_t c_row, bool accumulates){
#define PIXEL_TILE(VECTORS)                                                                                  \
  multiply_outer_tile(VECTORS, depth, a, a_row, 1, b, WIDTH, VECTORS *WIDTH, c, c_row, accumulates)
    FOR_OUTER_VECTORS(vectors, PIXEL_TILE)
#undef PIXEL_TILE
}

/// How many of `vectors` the next tile takes, so that none of the last two is left with one of many.
INLINE ptrdiff_t outer_vectors(ptrdiff_t vectors) {
  return vectors == OUTER_VECTORS + 1 ? 2 : ck_lower(vectors, OUTER_VECTORS);
}

#endif

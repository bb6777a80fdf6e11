// Transposing a square of vectors.
#ifndef VECTOR_TRANSPOSE_H
#define VECTOR_TRANSPOSE_H

#include "vector.h"

/// Rows a and b that are S apart exchange the half of their elements that is off the diagonal: element j of
/// the first becomes b[j - S] where j has the bit S, and of the second a[j + S] where it has not.
#if WIDTH == 16
#define EACH_LANE(F, S)                                                                                      \
  F(0, S), F(1, S), F(2, S), F(3, S), F(4, S), F(5, S), F(6, S), F(7, S), F(8, S), F(9, S), F(10, S),        \
      F(11, S), F(12, S), F(13, S), F(14, S), F(15, S)
#elif WIDTH == 8
#define EACH_LANE(F, S) F(0, S), F(1, S), F(2, S), F(3, S), F(4, S), F(5, S), F(6, S), F(7, S)
#else
#define EACH_LANE(F, S) F(0, S), F(1, S), F(2, S), F(3, S)
#endif

#define FIRST_SOURCE(J, S) ((J) & (S) ? WIDTH + (J) - (S) : (J))
#define SECOND_SOURCE(J, S) ((J) & (S) ? WIDTH + (J) : (J) + (S))

#define EXCHANGE(S)                                                                                          \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < WIDTH; i++) if (!(i & (S))) {                       \
    vfloat a = rows[i], b = rows[i + (S)];                                                                   \
    rows[i] = __builtin_shufflevector(a, b, EACH_LANE(FIRST_SOURCE, S));                                     \
    rows[i + (S)] = __builtin_shufflevector(a, b, EACH_LANE(SECOND_SOURCE, S));                              \
  }

/// rows[i][j] ↔ rows[j][i].
INLINE void transpose(vfloat rows[WIDTH]) {
#if WIDTH == 16
  EXCHANGE(8)
#endif
#if WIDTH >= 8
  EXCHANGE(4)
#endif
  EXCHANGE(2)
  EXCHANGE(1)
}

#undef EXCHANGE
#undef FIRST_SOURCE
#undef SECOND_SOURCE
#undef EACH_LANE

#endif

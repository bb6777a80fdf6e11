// What a convolution multiplies: operands of floats or, in the targets that define BF16_OPERANDS, of bf16
// values. Two bf16 values that are neighbours in the depth, the dimension that is summed, make a word of 32
// bits, a pair. Layouts are the same in words; the depth has half as many of them. Sums are floats always. AMX
// multiplies squares of 16 × 16 words: rows of an operand are twice as long then, and the depth is filled up.
#ifndef VECTOR_CONV_PAIRS_H
#define VECTOR_CONV_PAIRS_H

#include "chunks.h"
#include "vector.h"

#include <stdbool.h>

#ifdef BF16_OPERANDS
enum { IS_BF16 = 1 };
#else
enum { IS_BF16 = 0 };
#endif
#ifdef AMX_INSTRUCTIONS
enum { HAS_AMX = 1 };
#else
enum { HAS_AMX = 0 };
#endif

enum {
  /// Elements of the depth in a word of an operand.
  WORD_ELEMENTS = IS_BF16 ? 2 : 1,
  /// Elements and words of the depth that lie side by side in a row of an operand.
  ROW_ELEMENTS = HAS_AMX ? 2 * WIDTH : WIDTH,
  ROW_WORDS = ROW_ELEMENTS / WORD_ELEMENTS,
  /// Words that a vector of floats becomes.
  VECTOR_WORDS = WIDTH / WORD_ELEMENTS,
  /// What AMX multiplies at a time of the depth, which is filled up with zeros; elsewhere a word.
  DEPTH_GRANULE = HAS_AMX ? ROW_ELEMENTS : WORD_ELEMENTS,
};

typedef uint32_t vword __attribute__((ext_vector_type(WIDTH)));
typedef uint16_t vnarrow __attribute__((ext_vector_type(WIDTH)));

/// Words that so many elements of the depth take.
INLINE ptrdiff_t words(ptrdiff_t elements) {
  return ck_quotient_up(elements, DEPTH_GRANULE) * (DEPTH_GRANULE / WORD_ELEMENTS);
}

// The processors' own instructions take denormals for zero whatever the thread's mode; so does everything else
// while a convolution runs.
#ifdef BF16_INSTRUCTIONS

INLINE vnarrow round_to_bf16(vfloat x) { return (vnarrow)_mm512_cvtneps_pbh((__m512)x); }

/// A vector of pairs.
INLINE vfloat pairs_of(vfloat low, vfloat high) {
  const __m512i in_turn = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7,
                                           22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  __m512i both = (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
  return (vfloat)_mm512_permutexvar_epi16(in_turn, both);
}

/// sum + the products of both halves of pairs.
INLINE vfloat multiply_pairs(vfloat sum, vfloat a, vfloat b) {
  return (vfloat)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

#else

/// Rounds to the nearest bf16, ties to even: the upper halves of words whose lower ones mean nothing.
INLINE vword upper_halves(vfloat x) {
  vword bits = (vword)x, rounded = bits + 0x7fff + ((bits >> 16) & 1);
  // Rounding could carry a NaN's bits into another number's; a quiet one stays NaN without its lower bits.
  vint is_number = x == x;
  return (rounded & (vword)is_number) | ((bits | 0x400000) & ~(vword)is_number);
}

INLINE vnarrow round_to_bf16(vfloat x) { return __builtin_convertvector(upper_halves(x) >> 16, vnarrow); }

/// A vector of pairs.
INLINE vfloat pairs_of(vfloat low, vfloat high) {
  return (vfloat)((upper_halves(low) >> 16) | (upper_halves(high) & 0xffff0000));
}

/// sum + the products of both halves of pairs.
INLINE vfloat multiply_pairs(vfloat sum, vfloat a, vfloat b) {
  sum += (vfloat)((vword)a & 0xffff0000) * (vfloat)((vword)b & 0xffff0000);
  return sum + (vfloat)((vword)a << 16) * (vfloat)((vword)b << 16);
}

#endif

/// sum + a word of each operand multiplied.
INLINE vfloat multiply_words(vfloat sum, vfloat x, float y) {
  return IS_BF16 ? multiply_pairs(sum, x, splat(y)) : sum + x * y;
}

// Operands whose vectors run along the depth.

/// The place of element `index`.
INLINE float *element(float *operand, ptrdiff_t index) {
  return IS_BF16 ? (float *)((uint16_t *)operand + index) : operand + index;
}

/// Stores WIDTH elements.
INLINE void store_elements(float *to, vfloat values) {
  if (IS_BF16) {
    vnarrow narrow = round_to_bf16(values);
    __builtin_memcpy(to, &narrow, sizeof narrow);
  } else {
    store(to, values);
  }
}

/// Stores a row of ROW_ELEMENTS elements.
INLINE void store_row(float *to, const float *values) {
#ifdef AMX_INSTRUCTIONS
  store(to, (vfloat)_mm512_cvtne2ps_pbh((__m512)load(values + WIDTH), (__m512)load(values)));
#else
  store_elements(to, load(values));
#endif
}

INLINE void clear_row(float *to) {
  for (ptrdiff_t i = 0; i < ROW_WORDS; i += VECTOR_WORDS) store_elements(to + i, splat(0));
}

// Operands whose vectors run along columns: rows of words for one element of the depth after the other.

/// The place of element `k` of the depth, where rows of words are `width` long.
INLINE float *depth_row(float *operand, ptrdiff_t k, ptrdiff_t width) {
  return operand + k / WORD_ELEMENTS * width;
}

/// Stores a vector of element `k` of the depth in its row; an odd one after the even one before it.
INLINE void store_in_row(float *to, ptrdiff_t k, vfloat values) {
  if (!IS_BF16)
    store(to, values);
  else if (k % 2 == 0)
    store(to, pairs_of(values, splat(0)));
  else
    store(to, (vfloat)((vword)load(to) | (vword)pairs_of(splat(0), values)));
}

#endif

// The vectors of the target that is being compiled for. Included by target_*.c alone, each of which defines
// WIDTH (16, 8 or 4 floats) and sets the target's attributes.
#ifndef VECTOR_H
#define VECTOR_H

#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))
#define UNUSED __attribute__((unused))

typedef float vfloat __attribute__((ext_vector_type(WIDTH)));
typedef int32_t vint __attribute__((ext_vector_type(WIDTH)));

INLINE vfloat splat(float value) { return (vfloat)(value); }

INLINE vfloat load(const float *from) {
  vfloat value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

INLINE void store(float *to, vfloat value) { __builtin_memcpy(to, &value, sizeof value); }

// The first `count` elements, 0 < count < WIDTH. A load's other elements are 0; memory beyond the count is
// neither read nor written.
#if WIDTH == 16

INLINE vfloat load_part(const float *from, ptrdiff_t count) {
  return (vfloat)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
}

INLINE void store_part(float *to, ptrdiff_t count, vfloat value) {
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)value);
}

#elif WIDTH == 8

INLINE __m256i first_elements(ptrdiff_t count) {
  const __m256i order = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), order);
}

INLINE vfloat load_part(const float *from, ptrdiff_t count) {
  return (vfloat)_mm256_maskload_ps(from, first_elements(count));
}

INLINE void store_part(float *to, ptrdiff_t count, vfloat value) {
  _mm256_maskstore_ps(to, first_elements(count), (__m256)value);
}

#else

INLINE vfloat load_part(const float *from, ptrdiff_t count) {
  vfloat value = 0;
  for (ptrdiff_t i = 0; i < count; i++) value[i] = from[i];
  return value;
}

INLINE void store_part(float *to, ptrdiff_t count, vfloat value) {
  for (ptrdiff_t i = 0; i < count; i++) to[i] = value[i];
}

#endif

/// `load` or `load_part`; with a constant count of WIDTH it is a plain load.
INLINE vfloat load_some(const float *from, ptrdiff_t count) {
  return count >= WIDTH ? load(from) : load_part(from, count);
}

INLINE void store_some(float *to, ptrdiff_t count, vfloat value) {
  if (count >= WIDTH)
    store(to, value);
  else
    store_part(to, count, value);
}

/// Runs the statements for each vector of COUNT elements: I is its first element's index, and N its number of
/// elements, the constant WIDTH but for a shorter last one.
#define FOR_VECTORS(COUNT, I, N, ...)                                                                          \
  do {                                                                                                         \
    ptrdiff_t I = 0;                                                                                           \
    for (; I + WIDTH <= (COUNT); I += WIDTH) {                                                                 \
      const ptrdiff_t N = WIDTH;                                                                               \
      __VA_ARGS__                                                                                              \
    }                                                                                                          \
    if (I < (COUNT)) {                                                                                         \
      const ptrdiff_t N = (COUNT)-I;                                                                           \
      __VA_ARGS__                                                                                              \
    }                                                                                                          \
  } while (0)

// The elements of two vectors in turn: those of their lower halves, and of their upper ones. The `LONG` ones
// take vectors of 64-bit lanes.
#define ZIP_LOW_2(A, B) __builtin_shufflevector(A, B, 0, 2)
#define ZIP_HIGH_2(A, B) __builtin_shufflevector(A, B, 1, 3)
#define ZIP_LOW_4(A, B) __builtin_shufflevector(A, B, 0, 4, 1, 5)
#define ZIP_HIGH_4(A, B) __builtin_shufflevector(A, B, 2, 6, 3, 7)
#define ZIP_LOW_8(A, B) __builtin_shufflevector(A, B, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH_8(A, B) __builtin_shufflevector(A, B, 4, 12, 5, 13, 6, 14, 7, 15)
#if WIDTH == 16
#define ZIP_LOW(A, B)                                                                                          \
  __builtin_shufflevector(A, B, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(A, B)                                                                                         \
  __builtin_shufflevector(A, B, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define ZIP_LOW_LONG ZIP_LOW_8
#define ZIP_HIGH_LONG ZIP_HIGH_8
#elif WIDTH == 8
#define ZIP_LOW ZIP_LOW_8
#define ZIP_HIGH ZIP_HIGH_8
#define ZIP_LOW_LONG ZIP_LOW_4
#define ZIP_HIGH_LONG ZIP_HIGH_4
#else
#define ZIP_LOW ZIP_LOW_4
#define ZIP_HIGH ZIP_HIGH_4
#define ZIP_LOW_LONG ZIP_LOW_2
#define ZIP_HIGH_LONG ZIP_HIGH_2
#endif

INLINE vint as_int(vfloat value) { return (vint)value; }
INLINE vfloat as_float(vint bits) { return (vfloat)bits; }

INLINE vfloat absolute(vfloat x) { return as_float(as_int(x) & 0x7fffffff); }
/// The magnitude of `x` with the sign of `sign`.
INLINE vfloat with_sign(vfloat x, vfloat sign) {
  return as_float((as_int(x) & 0x7fffffff) | (as_int(sign) & (int32_t)0x80000000));
}
// NaN in x stays NaN.
INLINE vfloat at_most(vfloat x, float bound) { return splat(bound) < x ? splat(bound) : x; }
INLINE vfloat at_least(vfloat x, float bound) { return splat(bound) > x ? splat(bound) : x; }
INLINE vfloat square_root(vfloat x) { return __builtin_elementwise_sqrt(x); }

#endif

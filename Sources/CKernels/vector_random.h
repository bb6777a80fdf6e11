// Philox4x32-10, and what is made of its words. The results have the same bits on every target: products are
// exact, or rounded together with the sum by an explicit fma.
#ifndef VECTOR_RANDOM_H
#define VECTOR_RANDOM_H

#include "vector.h"

enum {
  /// Counters that are encrypted at a time, one to a 64-bit lane, and the numbers that they yield.
  RANDOM_BLOCKS = WIDTH / 2,
  RANDOM_GROUP = 4 * RANDOM_BLOCKS,
};

typedef uint64_t vlong __attribute__((ext_vector_type(RANDOM_BLOCKS)));
typedef uint32_t vword __attribute__((ext_vector_type(WIDTH)));
typedef double vdouble __attribute__((ext_vector_type(RANDOM_BLOCKS)));

#define LOW_WORD 0xffffffffu

/// The four words of each block, in the low halves of the lanes; the high halves are 0.
struct random_words {
  vlong word[4];
};

INLINE struct random_words random_words_at(ck_random_source source, uint64_t block) {
  vlong number = 0;
  for (int lane = 0; lane < RANDOM_BLOCKS; lane++) number[lane] = block + (uint64_t)lane;
  vlong c0 = number & LOW_WORD, c1 = number >> 32, c2 = source.step, c3 = source.stream;
  uint32_t k0 = (uint32_t)source.seed, k1 = (uint32_t)(source.seed >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    vlong p0 = c0 * 0xD2511F53u, p1 = c2 * 0xCD9E8D57u;
    c0 = (p1 >> 32) ^ c1 ^ k0;
    c1 = p1 & LOW_WORD;
    c2 = (p0 >> 32) ^ c3 ^ k1;
    c3 = p0 & LOW_WORD;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (struct random_words){{c0, c1, c2, c3}};
}

/// Numbers of one kind, RANDOM_GROUP at a time.
typedef void (*random_group)(struct random_words words, float p0, float p1, float *y);

/// Fills y. Groups begin at a block's first word; what a group has before the first or after the last number
/// that is wanted is dropped.
INLINE void random_fill(random_group group, ck_random_source source, ptrdiff_t count, float p0, float p1,
                        float *y) {
  ptrdiff_t i = -(ptrdiff_t)(source.offset % 4);
  for (uint64_t block = source.offset / 4; i < count; i += RANDOM_GROUP, block += RANDOM_BLOCKS) {
    struct random_words words = random_words_at(source, block);
    if (i >= 0 && i + RANDOM_GROUP <= count) {
      group(words, p0, p1, y + i);
      continue;
    }
    float some[RANDOM_GROUP];
    group(words, p0, p1, some);
    for (ptrdiff_t j = 0; j < RANDOM_GROUP; j++)
      if (0 <= i + j && i + j < count) y[i + j] = some[j];
  }
}

/// The blocks' words in the order of the numbers.
INLINE void random_in_order(struct random_words words, vword *first, vword *second) {
  vlong pair01 = words.word[0] | words.word[1] << 32, pair23 = words.word[2] | words.word[3] << 32;
  *first = (vword)ZIP_LOW_LONG(pair01, pair23);
  *second = (vword)ZIP_HIGH_LONG(pair01, pair23);
}

/// y = 0 where the upper 24 bits are below p0, a whole number; else p1.
INLINE void dropout_group(struct random_words words, float p0, float p1, float *y) {
  vword first, second;
  random_in_order(words, &first, &second);
  vint bound = (vint)((int32_t)p0);
  store(y, (vint)(first >> 8) < bound ? splat(0) : splat(p1));
  store(y + WIDTH, (vint)(second >> 8) < bound ? splat(0) : splat(p1));
}

static void random_dropout(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y) {
  random_fill(dropout_group, source, count, p0, p1, y);
}

/// A lane's low word as a number: exact, by the bits of 2^52 + word.
INLINE vdouble word_as_double(vlong word) { return (vdouble)(word | 0x4330000000000000u) - 0x1p52; }

/// Writes one number of each block: `place` is its number in the block.
INLINE void store_lanes(vdouble value, int place, float *y) {
  for (int lane = 0; lane < RANDOM_BLOCKS; lane++) y[4 * lane + place] = (float)value[lane];
}

/// y = p0 + p1·u. The product of two floats is exact in double.
INLINE void uniform_group(struct random_words words, float p0, float p1, float *y) {
  for (int place = 0; place < 4; place++) {
    vdouble unit = word_as_double(words.word[place] >> 8) * 0x1p-24;
    store_lanes((double)p0 + (double)p1 * unit, place, y);
  }
}

static void random_uniform(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y) {
  random_fill(uniform_group, source, count, p0, p1, y);
}

INLINE vdouble fused(vdouble a, vdouble b, vdouble c) { return __builtin_elementwise_fma(a, b, c); }

/// Σ coefficients[i]·x^i for `count` coefficients.
INLINE vdouble polynomial(vdouble x, const double *coefficients, int count) {
  vdouble sum = coefficients[count - 1];
  for (int i = count - 2; i >= 0; i--) sum = fused(sum, x, (vdouble)(coefficients[i]));
  return sum;
}

/// log((word + 1)/2^32), by 2·artanh(f/(2 + f)) of the mantissa 1 + f in [sqrt(1/2), sqrt(2)).
INLINE vdouble log_of_word(vlong word) {
  static const double artanh[] = {2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15};
  const uint64_t root_half = 0x3fe6a09e667f3bcd;
  vlong bits = (vlong)(word_as_double(word) + 1) - root_half;
  // The exponent is within 0 ... 32, and 52 bits below.
  vdouble exponent = word_as_double(bits >> 52) - 32;
  vdouble f = (vdouble)((bits & 0xfffffffffffffu) + root_half) - 1;
  vdouble s = f / (f + 2), square = s * s;
  vdouble tail = square * s * polynomial(square, artanh, 7);
  return fused(exponent, (vdouble)(0x1.62e42fefa39efp-1), tail + (s + s));
}

struct angle {
  vdouble cosine, sine;
};

/// Cosine and sine of 2π·word/2^32: the nearest quarter turn, and Taylor polynomials for the rest.
INLINE struct angle angle_of_word(vlong word) {
  static const double sine[] = {-1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800};
  static const double cosine[] = {1,           -1.0 / 2,       1.0 / 24,         -1.0 / 720,
                                  1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600};
  const uint64_t eighth = 1u << 29;
  vlong quarter = (word + eighth) >> 30;
  vdouble rest = word_as_double((word + eighth) & (2 * eighth - 1)) - 0x1p29;
  vdouble x = rest * (0x1.921fb54442d18p2 * 0x1p-32), square = x * x;
  vdouble s = fused(square * x, polynomial(square, sine, 6), x), c = polynomial(square, cosine, 7);
  typedef int64_t vmask __attribute__((ext_vector_type(RANDOM_BLOCKS)));
  vmask odd = (vmask)((quarter & 1) != 0);
  vlong sine_sign = (quarter & 2) << 62, cosine_sign = ((quarter + 1) & 2) << 62;
  return (struct angle){(vdouble)((vlong)(odd ? s : c) ^ cosine_sign), (vdouble)((vlong)(odd ? c : s) ^ sine_sign)};
}

/// y = p0 + p1·z by Box and Muller's method: words 0 and 1 make numbers 0 and 1, words 2 and 3 the others.
INLINE void normal_group(struct random_words words, float p0, float p1, float *y) {
  for (int place = 0; place < 4; place += 2) {
    vdouble radius = __builtin_elementwise_sqrt(-2 * log_of_word(words.word[place]));
    struct angle angle = angle_of_word(words.word[place + 1]);
    vdouble scaled = (double)p1 * radius;
    store_lanes(fused(scaled, angle.cosine, (vdouble)((double)p0)), place, y);
    store_lanes(fused(scaled, angle.sine, (vdouble)((double)p0)), place + 1, y);
  }
}

static void random_normal(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y) {
  random_fill(normal_group, source, count, p0, p1, y);
}

#endif

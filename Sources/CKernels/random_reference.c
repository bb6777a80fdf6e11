// Random numbers one at a time, with the C library's functions.

#include "ckernels_random.h"

#include <math.h>

static void block_of(ck_random_source source, ptrdiff_t index, uint32_t words[4], int *word) {
  uint64_t position = source.offset + (uint64_t)index, block = position / 4;
  uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), source.step, source.stream};
  uint32_t key[2] = {(uint32_t)source.seed, (uint32_t)(source.seed >> 32)};
  ck_philox4x32_10(counter, key, words);
  *word = (int)(position % 4);
}

static double unit(ck_random_source source, ptrdiff_t index) {
  uint32_t words[4];
  int word;
  block_of(source, index, words, &word);
  return (double)(words[word] >> 8) * 0x1p-24;
}

void ck_random_uniform_reference(ck_random_source source, ptrdiff_t count, float low, float high, float *y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = (float)((double)low + (double)(high - low) * unit(source, i));
}

void ck_random_normal_reference(ck_random_source source, ptrdiff_t count, float mean, float deviation,
                                float *y) {
  for (ptrdiff_t i = 0; i < count; i++) {
    uint32_t words[4];
    int word;
    block_of(source, i, words, &word);
    // Words 0 and 1 make elements 0 and 1, words 2 and 3 the other two.
    double radius = sqrt(-2 * log(((double)words[word & 2] + 1) * 0x1p-32));
    double angle = 2 * M_PI * ((double)words[(word & 2) + 1] * 0x1p-32);
    y[i] = (float)((double)mean + (double)deviation * radius * (word & 1 ? sin(angle) : cos(angle)));
  }
}

void ck_random_dropout_mask_reference(ck_random_source source, ptrdiff_t count, float probability, float *y) {
  for (ptrdiff_t i = 0; i < count; i++)
    y[i] = unit(source, i) < (double)probability ? 0 : 1 / (1 - probability);
}

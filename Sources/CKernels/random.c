// Random numbers: chunks of the vector loops, which count from any position.

#include "ckernels_random.h"
#include "chunks.h"
#include "loops.h"

#include <math.h>

void ck_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t result[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = 0xD2511F53ULL * c0, p1 = 0xCD9E8D57ULL * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  result[0] = c0, result[1] = c1, result[2] = c2, result[3] = c3;
}

struct random_numbers {
  void (*loop)(ck_random_source source, ptrdiff_t count, float p0, float p1, float *y);
  ck_random_source source;
  ptrdiff_t count;
  float p0, p1;
  float *y;
};

static void draw_chunk(void *context, int task, int lane) {
  (void)lane;
  const struct random_numbers *k = context;
  struct ck_range part = ck_part(k->count, CK_CHUNK, task);
  ck_random_source source = k->source;
  source.offset += (uint64_t)part.start;
  k->loop(source, part.count, k->p0, k->p1, k->y + part.start);
}

static void draw(ck_pool *pool, struct random_numbers k) {
  ck_pool_run(pool, (int)ck_quotient_up(k.count, CK_CHUNK), draw_chunk, &k);
}

void ck_random_uniform(ck_pool *pool, ck_random_source source, ptrdiff_t count, float low, float high,
                       float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_random_uniform_reference(source, count, low, high, y);
    return;
  }
  draw(pool, (struct random_numbers){loops->random_uniform, source, count, low, high - low, y});
}

void ck_random_normal(ck_pool *pool, ck_random_source source, ptrdiff_t count, float mean, float deviation,
                      float *y) {
  const struct ck_loops *loops = ck_loops_current();
  // The scalar instruction set takes the portable loop: the C library rounds in ways of its own.
  if (!loops) loops = &ck_loops_portable;
  draw(pool, (struct random_numbers){loops->random_normal, source, count, mean, deviation, y});
}

void ck_random_dropout_mask(ck_pool *pool, ck_random_source source, ptrdiff_t count, float probability,
                            float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_random_dropout_mask_reference(source, count, probability, y);
    return;
  }
  // u < probability with u = k/2^24, as a comparison of whole numbers.
  float bound = (float)ceil((double)probability * 0x1p24);
  draw(pool, (struct random_numbers){loops->random_dropout, source, count, bound, 1 / (1 - probability), y});
}

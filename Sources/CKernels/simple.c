// Every kernel by its plain loop.

#include "ckernels.h"

#include <math.h>
#include <string.h>

#define U __attribute__((unused))

size_t ck_matmul_workspace_bytes(U const ck_matmul_shape *shape, U int lanes) { return 64; }
void ck_matmul(U ck_pool *pool, const ck_matmul_shape *shape, const float *a, const float *b, float *c,
               const float *bias, ck_activation activation, U void *workspace) {
  ck_matmul_reference(shape, a, b, c, bias, activation);
}
void ck_random_uniform(U ck_pool *pool, ck_random_source source, ptrdiff_t n, float low, float high, float *y) {
  ck_random_uniform_reference(source, n, low, high, y);
}
void ck_random_normal(U ck_pool *pool, ck_random_source source, ptrdiff_t n, float mean, float deviation,
                      float *y) {
  ck_random_normal_reference(source, n, mean, deviation, y);
}
void ck_random_dropout_mask(U ck_pool *pool, ck_random_source source, ptrdiff_t n, float probability,
                            float *y) {
  ck_random_dropout_mask_reference(source, n, probability, y);
}
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

// Every kernel by its plain loop.

#include "ckernels.h"

#include <math.h>
#include <string.h>

#define U __attribute__((unused))

size_t ck_reduce_workspace_bytes(U ptrdiff_t count, ptrdiff_t columns) {
  return ((size_t)columns * 64 + 64) * sizeof(double);
}
void ck_sum_all(U ck_pool *pool, ptrdiff_t n, float scale, const float *x, float *result, U void *workspace) {
  ptrdiff_t one = 1, zero = 0;
  ck_reduce_sum_reference(1, &n, scale, x, &one, result, &zero);
}
void ck_sum_rows(U ck_pool *pool, ptrdiff_t rows, ptrdiff_t columns, float scale, const float *x, float *y,
                 U void *workspace) {
  ck_reduce_sum_reference(2, (ptrdiff_t[]){rows, columns}, scale, x, (ptrdiff_t[]){columns, 1}, y,
                          (ptrdiff_t[]){0, 1});
}
void ck_sum_columns(U ck_pool *pool, ptrdiff_t rows, ptrdiff_t columns, float scale, const float *x, float *y) {
  ck_reduce_sum_reference(2, (ptrdiff_t[]){rows, columns}, scale, x, (ptrdiff_t[]){columns, 1}, y,
                          (ptrdiff_t[]){1, 0});
}
void ck_reduce_sum(U ck_pool *pool, int rank, const ptrdiff_t *dims, float scale, const float *x,
                   const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides, U void *workspace) {
  ck_reduce_sum_reference(rank, dims, scale, x, x_strides, y, y_strides);
}
void ck_broadcast(U ck_pool *pool, int rank, const ptrdiff_t *dims, const float *x, const ptrdiff_t *x_strides,
                  float *y, const ptrdiff_t *y_strides) {
  ck_strided_copy_reference(rank, dims, x, x_strides, y, y_strides);
}
void ck_bias_add(U ck_pool *pool, ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *bias,
                 ck_activation activation, float *y) {
  ck_bias_add_reference(rows, channels, x, bias, activation, y);
}
void ck_avg_pool2d(U ck_pool *pool, const ck_pooling *shape, const float *x, float *y) {
  ck_avg_pool2d_reference(shape, x, y);
}
void ck_avg_pool2d_adjoint(U ck_pool *pool, const ck_pooling *shape, const float *dy, float *dx) {
  ck_avg_pool2d_adjoint_reference(shape, dy, dx);
}
void ck_max_pool2d(U ck_pool *pool, const ck_pooling *shape, const float *x, float *y) {
  ck_max_pool2d_reference(shape, x, y);
}
void ck_max_pool2d_gradient(U ck_pool *pool, const ck_pooling *shape, const float *x, const float *dy,
                            float *dx) {
  ck_max_pool2d_gradient_reference(shape, x, dy, dx);
}
void ck_max_pool2d_gather(U ck_pool *pool, const ck_pooling *shape, const float *x, const float *t, float *y) {
  ck_max_pool2d_gather_reference(shape, x, t, y);
}
void ck_upsample_nearest2d_adjoint(U ck_pool *pool, ptrdiff_t batch, ptrdiff_t height, ptrdiff_t width,
                                   ptrdiff_t channels, ptrdiff_t scale_height, ptrdiff_t scale_width,
                                   const float *dy, float *dx) {
  ck_reduce_sum_reference(
      5, (ptrdiff_t[]){batch * height, scale_height, width, scale_width, channels}, 1, dy,
      (ptrdiff_t[]){scale_height * width * scale_width * channels, width * scale_width * channels,
                    scale_width * channels, channels, 1},
      dx, (ptrdiff_t[]){width * channels, 0, channels, 0, 1});
}
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

#ifndef CKERNELS_RANDOM_H
#define CKERNELS_RANDOM_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011). A value depends on the seed, the stream, the step and its position alone, and has the same bits
// on every instruction set: key = seed, counter = (position/4 as 64 bits, step, stream), and the element
// position mod 4 of the result.

/// Where a sequence of random values starts.
typedef struct {
  uint64_t seed;
  uint32_t stream;
  uint32_t step;
  /// The position of the first value.
  uint64_t offset;
} ck_random_source;

/// One block of Philox4x32 with ten rounds.
void ck_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t result[4]);

/// y = low + (high - low)·u, u uniform on [0, 1) with 24 bits.
void ck_random_uniform(ck_pool *pool, ck_random_source source, ptrdiff_t count, float low, float high,
                       float *y);
/// y = mean + deviation·z, z standard normal by Box and Muller's method.
void ck_random_normal(ck_pool *pool, ck_random_source source, ptrdiff_t count, float mean, float deviation,
                      float *y);
/// y = 0 with the given probability, else 1/(1 - probability).
void ck_random_dropout_mask(ck_pool *pool, ck_random_source source, ptrdiff_t count, float probability,
                            float *y);

// The plain loops that the fast kernels are tested against, with the C library's functions.
void ck_random_uniform_reference(ck_random_source source, ptrdiff_t count, float low, float high, float *y);
void ck_random_normal_reference(ck_random_source source, ptrdiff_t count, float mean, float deviation,
                                float *y);
void ck_random_dropout_mask_reference(ck_random_source source, ptrdiff_t count, float probability, float *y);

#endif

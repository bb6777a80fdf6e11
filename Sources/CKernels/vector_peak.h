// Multiply-adds that wait for nothing but the units that compute them.
#ifndef VECTOR_PEAK_H
#define VECTOR_PEAK_H

#include "vector.h"

enum {
  /// Chains of dependent multiply-adds: more than the latency times the units of any processor so far, in fewer
  /// registers than any has.
  PEAK_CHAINS = 12,
};

#if defined(__aarch64__)
#define VECTOR_REGISTER "w"
#else
#define VECTOR_REGISTER "v"
#endif

static void multiply_add_chains(ptrdiff_t rounds) {
  vfloat chains[PEAK_CHAINS];
  for (int i = 0; i < PEAK_CHAINS; i++) chains[i] = splat((float)i);
  for (ptrdiff_t round = 0; round < rounds; round++) {
    _Pragma("clang loop unroll(full)") for (int i = 0; i < PEAK_CHAINS; i++) {
      chains[i] = chains[i] * splat(0.999f) + splat(0.001f);
      // The value leaves the compiler's sight, which else might compute fewer rounds or chains.
      __asm__ volatile("" : "+" VECTOR_REGISTER(chains[i]));
    }
  }
}

#endif

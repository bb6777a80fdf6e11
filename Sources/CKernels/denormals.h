// Denormal numbers, those below 1.2e-38: processors take a hundred times as long for them, and a discriminator that
// has become sure of itself makes gradients of nothing else.
#ifndef DENORMALS_H
#define DENORMALS_H

#include <stdint.h>

/// What the processor does with denormal operands and results, and how it rounds.
typedef uint64_t ck_float_mode;

#if defined(__x86_64__)

#include <immintrin.h>

/// Makes this thread read and write denormals as zeros; returns what it did before.
static inline ck_float_mode ck_flush_denormals(void) {
  enum { DENORMALS_ARE_ZERO = 0x0040, FLUSH_TO_ZERO = 0x8000 };
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | DENORMALS_ARE_ZERO | FLUSH_TO_ZERO);
  return before;
}

static inline void ck_restore_float_mode(ck_float_mode mode) { _mm_setcsr((unsigned)mode); }

#elif defined(__aarch64__)

static inline ck_float_mode ck_flush_denormals(void) {
  const uint64_t flush_to_zero = 1u << 24;
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | flush_to_zero));
  return before;
}

static inline void ck_restore_float_mode(ck_float_mode mode) {
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}

#else

static inline ck_float_mode ck_flush_denormals(void) { return 0; }
static inline void ck_restore_float_mode(ck_float_mode mode) { (void)mode; }

#endif

#endif

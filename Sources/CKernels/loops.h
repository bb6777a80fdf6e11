// The inner loops that are compiled once for each instruction set. What stands around them, the chunks and
// the threads, is compiled once.
#ifndef LOOPS_H
#define LOOPS_H

#include "ckernels_elementwise.h"
#include "ckernels_isa.h"

/// A loop over `count` elements; a loop that has no use for p0, p1 or b ignores it. y may be a or b.
typedef void (*ck_loop)(ptrdiff_t count, float p0, float p1, const float *a, const float *b, float *y);

struct ck_loops {
  /// y = f(a).
  ck_loop unary[CK_UNARY_COUNT];
  /// y = a · f'(b), b the saved input or output.
  ck_loop unary_backward[CK_UNARY_COUNT];
  /// y = f(a, b).
  ck_loop binary[CK_BINARY_COUNT];
  /// y = p0·a + p1.
  ck_loop affine;
  /// y = p0.
  ck_loop fill;
  /// y = c + a·b.
  void (*multiply_add)(ptrdiff_t count, const float *a, const float *b, const float *c, float *y);
  /// Whether all elements are finite.
  bool (*all_finite)(ptrdiff_t count, const float *x);
};

extern const struct ck_loops ck_loops_portable;
#if defined(__x86_64__)
extern const struct ck_loops ck_loops_avx2, ck_loops_avx512;
#endif

/// The loops of the current instruction set; NULL for the scalar one, whose kernels are the reference loops.
const struct ck_loops *ck_loops_current(void);

#endif

// Element-wise kernels: chunks of the vector loops.

#include "ckernels_elementwise.h"
#include "chunks.h"
#include "loops.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

bool ck_unary_backward_reads_output(ck_unary function) {
  switch (function) {
  case CK_UNARY_RELU:
  case CK_UNARY_TANH:
  case CK_UNARY_SIGMOID:
  case CK_UNARY_ELU:
  case CK_UNARY_EXP:
  case CK_UNARY_SQRT:
  case CK_UNARY_RECIPROCAL:
  case CK_UNARY_RSQRT:
  case CK_UNARY_ROOT_OF_SQUARES: return true;
  default: return false;
  }
}

/// A loop over whole tensors.
struct elementwise {
  ck_loop loop;
  float p0, p1;
  ptrdiff_t count;
  const float *a, *b;
  float *y;
};

static void run_chunk(void *context, int task, int lane) {
  (void)lane;
  const struct elementwise *k = context;
  struct ck_range part = ck_part(k->count, CK_CHUNK, task);
  k->loop(part.count, k->p0, k->p1, k->a + part.start, k->b + part.start, k->y + part.start);
}

static void run(ck_pool *pool, struct elementwise k) {
  ck_pool_run(pool, (int)ck_quotient_up(k.count, CK_CHUNK), run_chunk, &k);
}

void ck_unary_forward(ck_pool *pool, ck_unary function, float p0, float p1, ptrdiff_t count, const float *x,
                      float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_unary_forward_reference(function, p0, p1, count, x, y);
    return;
  }
  run(pool, (struct elementwise){loops->unary[function], p0, p1, count, x, x, y});
}

void ck_unary_backward(ck_pool *pool, ck_unary function, float p0, float p1, ptrdiff_t count,
                       const float *saved, const float *dy, float *dx) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_unary_backward_reference(function, p0, p1, count, saved, dy, dx);
    return;
  }
  run(pool, (struct elementwise){loops->unary_backward[function], p0, p1, count, dy, saved, dx});
}

void ck_binary_forward(ck_pool *pool, ck_binary function, ptrdiff_t count, const float *a, const float *b,
                       float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_binary_forward_reference(function, count, a, b, y);
    return;
  }
  run(pool, (struct elementwise){loops->binary[function], 0, 0, count, a, b, y});
}

void ck_affine(ck_pool *pool, ptrdiff_t count, float scale, float offset, const float *x, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_affine_reference(count, scale, offset, x, y);
    return;
  }
  run(pool, (struct elementwise){loops->affine, scale, offset, count, x, x, y});
}

static void fill_loop(ptrdiff_t count, float p0, float p1, const float *a, const float *b, float *y) {
  (void)p1, (void)a, (void)b;
  for (ptrdiff_t i = 0; i < count; i++) y[i] = p0;
}

void ck_fill(ck_pool *pool, ptrdiff_t count, float value, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  run(pool, (struct elementwise){loops ? loops->fill : fill_loop, value, 0, count, y, y, y});
}

static void copy_loop(ptrdiff_t count, float p0, float p1, const float *a, const float *b, float *y) {
  (void)p0, (void)p1, (void)b;
  memcpy(y, a, (size_t)count * sizeof(float));
}

void ck_copy(ck_pool *pool, ptrdiff_t count, const float *x, float *y) {
  if (x != y) run(pool, (struct elementwise){copy_loop, 0, 0, count, x, x, y});
}

static bool all_finite_loop(ptrdiff_t count, const float *x) {
  for (ptrdiff_t i = 0; i < count; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

struct finite_search {
  bool (*all_finite)(ptrdiff_t count, const float *x);
  ptrdiff_t count;
  const float *x;
  /// The lowest index found so far; `count` when there is none.
  _Atomic ptrdiff_t first;
};

static void search_chunk(void *context, int task, int lane) {
  (void)lane;
  struct finite_search *k = context;
  struct ck_range part = ck_part(k->count, CK_CHUNK, task);
  ptrdiff_t found = atomic_load(&k->first);
  if (found < part.start || k->all_finite(part.count, k->x + part.start)) return;
  ptrdiff_t index = part.start;
  while (isfinite(k->x[index])) index++;
  while (index < found && !atomic_compare_exchange_weak(&k->first, &found, index)) {
  }
}

ptrdiff_t ck_first_nonfinite(ck_pool *pool, ptrdiff_t count, const float *x) {
  const struct ck_loops *loops = ck_loops_current();
  struct finite_search k = {loops ? loops->all_finite : all_finite_loop, count, x, count};
  ck_pool_run(pool, (int)ck_quotient_up(count, CK_CHUNK), search_chunk, &k);
  ptrdiff_t first = atomic_load(&k.first);
  return first < count ? first : -1;
}

// Optimiser steps: chunks of all parameters of a network as one list of tasks.

#include "ckernels_optimizer.h"
#include "loops.h"
#include "optimizer_constants.h"

struct update {
  void (*loop)(const void *constants, const ck_optimizer_segment *segment);
  const void *constants;
  const ck_optimizer_segment *segments;
};

static float *from(float *array, ptrdiff_t start) { return array ? array + start : NULL; }

static void update_chunk(void *context, int task, int lane) {
  (void)lane;
  const struct update *k = context;
  const ck_optimizer_segment *s = k->segments;
  ptrdiff_t chunk = task;
  for (; chunk >= ck_quotient_up(s->count, CK_CHUNK); s++) chunk -= ck_quotient_up(s->count, CK_CHUNK);
  struct ck_range part = ck_part(s->count, CK_CHUNK, chunk);
  k->loop(k->constants,
          &(ck_optimizer_segment){s->parameter + part.start, s->gradient + part.start,
                                  from(s->momentum, part.start), from(s->second_moment, part.start),
                                  from(s->mean_gradient, part.start), part.count});
}

static void run(ck_pool *pool, struct update k, ptrdiff_t segment_count) {
  ptrdiff_t chunks = 0;
  for (ptrdiff_t s = 0; s < segment_count; s++) chunks += ck_quotient_up(k.segments[s].count, CK_CHUNK);
  ck_pool_run_flushing(pool, (int)chunks, update_chunk, &k);
}

void ck_adam_step(ck_pool *pool, const ck_adam_options *options, const ck_optimizer_segment *segments,
                  ptrdiff_t segment_count, int64_t step) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_adam_step_reference(options, segments, segment_count, step);
    return;
  }
  struct ck_adam_constants constants = ck_adam_constants_at(options, step);
  run(pool, (struct update){loops->adam, &constants, segments}, segment_count);
}

void ck_sgd_step(ck_pool *pool, const ck_sgd_options *options, const ck_optimizer_segment *segments,
                 ptrdiff_t segment_count, int64_t step) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_sgd_step_reference(options, segments, segment_count, step);
    return;
  }
  struct ck_sgd_constants constants = ck_sgd_constants_at(options, step);
  run(pool, (struct update){loops->sgd, &constants, segments}, segment_count);
}

void ck_rmsprop_step(ck_pool *pool, const ck_rmsprop_options *options, const ck_optimizer_segment *segments,
                     ptrdiff_t segment_count) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_rmsprop_step_reference(options, segments, segment_count);
    return;
  }
  struct ck_rmsprop_constants constants = ck_rmsprop_constants_of(options);
  run(pool, (struct update){loops->rmsprop, &constants, segments}, segment_count);
}

// The processor's peak, to hold the kernels' rates against.

#include "ckernels_peak.h"
#include "loops.h"

struct peak {
  const struct ck_loops *loops;
  ptrdiff_t rounds;
};

static void run_chains(void *context, int task, int lane) {
  const struct peak *peak = context;
  (void)task, (void)lane;
  peak->loops->multiply_add_chains(peak->rounds);
}

double ck_peak_run(ck_pool *pool, ptrdiff_t rounds) {
  struct peak peak = {ck_loops_current(), rounds};
  if (!peak.loops) return 0;
  int lanes = ck_pool_lanes(pool);
  ck_pool_run(pool, lanes, run_chains, &peak);
  return (double)lanes * (double)rounds * (double)peak.loops->multiply_add_chains_flops;
}

#ifndef CKERNELS_PEAK_H
#define CKERNELS_PEAK_H

#include "ckernels_pool.h"

#include <stddef.h>

/// Keeps the multiply-add units of as many cores as the pool has threads busy with nothing else: `rounds` rounds
/// of independent fp32 multiply-adds on each. What there is to know is how long it takes.
///
/// Returns the number of multiplications and additions; 0 for the scalar instruction set.
double ck_peak_run(ck_pool *pool, ptrdiff_t rounds);

#endif

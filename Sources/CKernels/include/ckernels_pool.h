#ifndef CKERNELS_POOL_H
#define CKERNELS_POOL_H

/// A fixed set of threads that run numbered tasks. Waiting threads spin briefly, then park.
///
/// Results never depend on the number of threads as long as a task's result depends on its number
/// alone: which lane runs a task, and when, is free.
typedef struct ck_pool ck_pool;

/// A task: `task` counts from 0 to tasks-1, `lane` from 0 to lanes-1 and names the thread that runs it,
/// so that a task may use scratch memory of its lane.
typedef void (*ck_task)(void *context, int task, int lane);

/// Makes a pool of `lanes` threads, the caller's included; NULL where not all of them can be started.
ck_pool *ck_pool_create(int lanes);
void ck_pool_destroy(ck_pool *pool);
int ck_pool_lanes(const ck_pool *pool);

/// Runs tasks 0 ..< tasks and returns when all are done. One caller at a time; tasks must not nest.
/// A NULL pool runs them on the caller's thread, in order, as lane 0.
void ck_pool_run(ck_pool *pool, int tasks, ck_task task, void *context);

/// The same with numbers below 1.2e-38 taken for zero, for kernels whose results are sums: processors take a
/// hundred times as long for such numbers.
void ck_pool_run_flushing(ck_pool *pool, int tasks, ck_task task, void *context);

#endif

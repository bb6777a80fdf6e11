// A pool of parked threads. One word holds which run this is and how many of its tasks nobody has claimed; a
// run is over when all of its tasks are, whether or not every thread woke up in time to take part.

#include "ckernels_pool.h"
#include "denormals.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum {
  /// How long a thread looks for work before it parks: longer than the gap between two kernels of a step and
  /// than waking a parked thread takes, short enough not to take time from whoever shares the core.
  SPIN_NANOSECONDS = 50000,
  /// Looks between two glances at the clock.
  LOOKS = 32,
};

struct ck_pool {
  int lanes;
  pthread_t *threads;
  pthread_mutex_t mutex;
  pthread_cond_t start, finished;
  // Of the current run. Written while no task is open, read by whoever has claimed one.
  ck_task task;
  void *context;
  int tasks;
  /// The run's number in the upper half, its unclaimed tasks in the lower.
  _Atomic uint64_t run;
  /// Tasks that are not done.
  atomic_int open;
  atomic_int parked_workers;
  atomic_bool caller_is_parked, is_stopping;
};

struct worker {
  ck_pool *pool;
  int lane;
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Looks for a while whether the condition holds; whether it did.
#define SPIN_UNTIL(CONDITION)                                                                                \
  ({                                                                                                         \
    bool holds = (CONDITION);                                                                                \
    for (int64_t end = holds ? 0 : nanoseconds() + SPIN_NANOSECONDS; !holds && nanoseconds() < end;)         \
      for (int look = 0; look < LOOKS && !(holds = (CONDITION)); look++) relax();                            \
    holds;                                                                                                   \
  })

static uint32_t number_of(uint64_t run) { return (uint32_t)(run >> 32); }

/// Does tasks of the run of this number for as long as there are any.
static void work(ck_pool *pool, uint32_t number, int lane) {
  uint64_t run = atomic_load_explicit(&pool->run, memory_order_acquire);
  while (number_of(run) == number && (uint32_t)run > 0) {
    if (!atomic_compare_exchange_weak(&pool->run, &run, run - 1)) continue;
    pool->task(pool->context, pool->tasks - (int)(uint32_t)run, lane);
    if (atomic_fetch_sub(&pool->open, 1) == 1 && atomic_load(&pool->caller_is_parked)) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->finished);
      pthread_mutex_unlock(&pool->mutex);
    }
    run = atomic_load_explicit(&pool->run, memory_order_acquire);
  }
}

static bool has_news(ck_pool *pool, uint32_t seen) {
  return number_of(atomic_load(&pool->run)) != seen || atomic_load(&pool->is_stopping);
}

static void *worker_main(void *argument) {
  struct worker self = *(struct worker *)argument;
  free(argument);
  ck_pool *pool = self.pool;
  for (uint32_t seen = 0;;) {
    if (!SPIN_UNTIL(has_news(pool, seen))) {
      pthread_mutex_lock(&pool->mutex);
      // Counted before it looks once more: whoever announces a run looks at the count afterwards.
      atomic_fetch_add(&pool->parked_workers, 1);
      while (!has_news(pool, seen)) pthread_cond_wait(&pool->start, &pool->mutex);
      atomic_fetch_sub(&pool->parked_workers, 1);
      pthread_mutex_unlock(&pool->mutex);
    }
    if (atomic_load(&pool->is_stopping)) return NULL;
    seen = number_of(atomic_load(&pool->run));
    work(pool, seen, self.lane);
  }
}

static void wake_workers(ck_pool *pool) {
  if (atomic_load(&pool->parked_workers) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->mutex);
}

ck_pool *ck_pool_create(int lanes) {
  if (lanes < 1) return NULL;
  ck_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->threads = calloc((size_t)lanes, sizeof *pool->threads);
  if (!pool->threads) {
    free(pool);
    return NULL;
  }
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finished, NULL);
  pool->lanes = 1;
  for (int lane = 1; lane < lanes; lane++) {
    struct worker *worker = malloc(sizeof *worker);
    if (worker) *worker = (struct worker){pool, lane};
    if (!worker || pthread_create(&pool->threads[lane], NULL, worker_main, worker) != 0) {
      free(worker);
      ck_pool_destroy(pool);
      return NULL;
    }
    pool->lanes = lane + 1;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->is_stopping, true);
  wake_workers(pool);
  for (int lane = 1; lane < pool->lanes; lane++) pthread_join(pool->threads[lane], NULL);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->start);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->threads);
  free(pool);
}

int ck_pool_lanes(const ck_pool *pool) { return pool ? pool->lanes : 1; }

static void run_alone(int tasks, ck_task task, void *context) {
  for (int index = 0; index < tasks; index++) task(context, index, 0);
}

static void run_together(ck_pool *pool, int tasks, ck_task task, void *context) {
  pool->task = task;
  pool->context = context;
  pool->tasks = tasks;
  atomic_store(&pool->open, tasks);
  uint32_t number = number_of(atomic_load(&pool->run)) + 1;
  atomic_store(&pool->run, (uint64_t)number << 32 | (uint32_t)tasks);
  wake_workers(pool);
  work(pool, number, 0);
  if (SPIN_UNTIL(atomic_load_explicit(&pool->open, memory_order_acquire) == 0)) return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->caller_is_parked, true);
  while (atomic_load(&pool->open) != 0) pthread_cond_wait(&pool->finished, &pool->mutex);
  atomic_store(&pool->caller_is_parked, false);
  pthread_mutex_unlock(&pool->mutex);
}

void ck_pool_run(ck_pool *pool, int tasks, ck_task task, void *context) {
  if (!pool || pool->lanes == 1 || tasks <= 1)
    run_alone(tasks, task, context);
  else
    run_together(pool, tasks, task, context);
}

/// A task and the context that it is for.
struct flushing {
  ck_task task;
  void *context;
};

static void run_flushing(void *context, int task, int lane) {
  const struct flushing *flushing = context;
  ck_float_mode before = ck_flush_denormals();
  flushing->task(flushing->context, task, lane);
  ck_restore_float_mode(before);
}

void ck_pool_run_flushing(ck_pool *pool, int tasks, ck_task task, void *context) {
  struct flushing flushing = {task, context};
  ck_pool_run(pool, tasks, run_flushing, &flushing);
}

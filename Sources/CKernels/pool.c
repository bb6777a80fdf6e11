// A pool of parked threads. Tasks are claimed from an atomic counter; a generation number starts a run.

#include "ckernels_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// About 20 µs on today's machines: longer than the gap between two kernels of a step, short enough
// not to take time from whoever shares the core.
enum { SPIN_ROUNDS = 2000 };

struct ck_pool {
  int lanes;
  pthread_t *threads;
  pthread_mutex_t mutex;
  pthread_cond_t start, finished;
  // Written by the caller before the generation moves, read by the workers after they see it move.
  ck_task task;
  void *context;
  int tasks;
  atomic_int next;
  atomic_int busy;
  atomic_uint generation;
  atomic_int stopping;
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

static void work(ck_pool *pool, int lane) {
  for (;;) {
    int task = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (task >= pool->tasks) return;
    pool->task(pool->context, task, lane);
  }
}

static void *worker_main(void *argument) {
  struct worker self = *(struct worker *)argument;
  free(argument);
  ck_pool *pool = self.pool;
  unsigned seen = 0;
  for (;;) {
    unsigned generation = seen;
    for (int round = 0; round < SPIN_ROUNDS; round++) {
      generation = atomic_load_explicit(&pool->generation, memory_order_acquire);
      if (generation != seen) break;
      relax();
    }
    if (generation == seen) {
      pthread_mutex_lock(&pool->mutex);
      while ((generation = atomic_load(&pool->generation)) == seen)
        pthread_cond_wait(&pool->start, &pool->mutex);
      pthread_mutex_unlock(&pool->mutex);
    }
    seen = generation;
    if (atomic_load(&pool->stopping)) return NULL;
    work(pool, self.lane);
    if (atomic_fetch_sub(&pool->busy, 1) == 1) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->finished);
      pthread_mutex_unlock(&pool->mutex);
    }
  }
}

static void announce(ck_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->generation, 1);
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
  atomic_store(&pool->stopping, 1);
  announce(pool);
  for (int lane = 1; lane < pool->lanes; lane++) pthread_join(pool->threads[lane], NULL);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->start);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->threads);
  free(pool);
}

int ck_pool_lanes(const ck_pool *pool) { return pool ? pool->lanes : 1; }

void ck_pool_run(ck_pool *pool, int tasks, ck_task task, void *context) {
  if (!pool || pool->lanes == 1 || tasks <= 1) {
    for (int index = 0; index < tasks; index++) task(context, index, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  pool->tasks = tasks;
  atomic_store(&pool->next, 0);
  atomic_store(&pool->busy, pool->lanes - 1);
  announce(pool);
  work(pool, 0);
  for (int round = 0; round < SPIN_ROUNDS; round++) {
    if (atomic_load_explicit(&pool->busy, memory_order_acquire) == 0) return;
    relax();
  }
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(&pool->busy) != 0) pthread_cond_wait(&pool->finished, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

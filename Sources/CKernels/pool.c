// A pool of parked threads. Each lane has its share of a run's tasks, side by side, and helps the others when it
// is done: so a lane finds in its caches what it wrote in the run before, and nobody waits for a slow one. A run
// is over when all of its tasks are, whether or not every thread woke up in time to take part.

#include "ckernels_pool.h"
#include "denormals.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  /// How long a thread looks for work before it parks: longer than the gap between two kernels of a step and
  /// than waking a parked thread takes, short enough not to take time from whoever shares the core.
  SPIN_NANOSECONDS = 50000,
  /// Looks between two glances at the clock.
  LOOKS = 32,
  /// Of a worker: kernels have their workspaces, and hundreds of the usual 8 MB would fill a limited address space.
  STACK_BYTES = 1 << 20,
};

/// Tasks that nobody has claimed: the first one in the upper half, the one behind the last in the lower. The
/// word says all there is to know, so whoever exchanges it has claimed a task of the current run, however long
/// ago the word was read.
struct share {
  _Alignas(64) _Atomic uint64_t tasks;
};

/// What is written and read by different threads lies in different lines of the caches: between cores that share
/// no cache a line takes as long as a small task.
struct ck_pool {
  int lanes;
  struct share *shares;
  pthread_t *threads;
  _Alignas(64) pthread_mutex_t mutex;
  pthread_cond_t start, finished;
  /// Of the current run. Written while no task is open, read by whoever has claimed one.
  _Alignas(64) ck_task task;
  void *context;
  /// The number of the run, which waiting threads watch.
  _Alignas(64) atomic_uint run;
  atomic_bool is_stopping;
  /// Tasks that are not done.
  _Alignas(64) atomic_int open;
  atomic_bool caller_is_parked;
  _Alignas(64) atomic_int parked_workers;
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

static uint64_t share_of(int first, int end) { return (uint64_t)(uint32_t)first << 32 | (uint32_t)end; }

/// Claims a lane's first task or, for another lane, its last. Returns -1 where there is none.
static int claim(struct share *share, bool is_own) {
  uint64_t tasks = atomic_load_explicit(&share->tasks, memory_order_acquire);
  for (;;) {
    int first = (int)(tasks >> 32), end = (int)(uint32_t)tasks;
    if (first >= end) return -1;
    uint64_t rest = is_own ? share_of(first + 1, end) : share_of(first, end - 1);
    if (atomic_compare_exchange_weak(&share->tasks, &tasks, rest)) return is_own ? first : end - 1;
  }
}

/// Counts tasks that are done, and tells the caller of the last ones.
static void close_tasks(ck_pool *pool, int count) {
  if (atomic_fetch_sub(&pool->open, count) != count || !atomic_load(&pool->caller_is_parked)) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_signal(&pool->finished);
  pthread_mutex_unlock(&pool->mutex);
}

/// Does the lane's tasks, then what is left of the others'.
static void work(ck_pool *pool, int lane) {
  for (int i = 0; i < pool->lanes; i++) {
    struct share *share = &pool->shares[(lane + i) % pool->lanes];
    int done = 0;
    for (int task; (task = claim(share, i == 0)) >= 0; done++) pool->task(pool->context, task, lane);
    if (done > 0) close_tasks(pool, done);
  }
}

static bool has_news(ck_pool *pool, unsigned seen) {
  return atomic_load(&pool->run) != seen || atomic_load(&pool->is_stopping);
}

static void *worker_main(void *argument) {
  struct worker self = *(struct worker *)argument;
  free(argument);
  ck_pool *pool = self.pool;
  for (unsigned seen = 0;;) {
    if (!SPIN_UNTIL(has_news(pool, seen))) {
      pthread_mutex_lock(&pool->mutex);
      // Counted before it looks once more: whoever announces a run looks at the count afterwards.
      atomic_fetch_add(&pool->parked_workers, 1);
      while (!has_news(pool, seen)) pthread_cond_wait(&pool->start, &pool->mutex);
      atomic_fetch_sub(&pool->parked_workers, 1);
      pthread_mutex_unlock(&pool->mutex);
    }
    if (atomic_load(&pool->is_stopping)) return NULL;
    seen = atomic_load(&pool->run);
    work(pool, self.lane);
  }
}

static void wake_workers(ck_pool *pool) {
  if (atomic_load(&pool->parked_workers) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->mutex);
}

static void free_memory(ck_pool *pool) {
  free(pool->shares);
  free(pool->threads);
  free(pool);
}

ck_pool *ck_pool_create(int lanes) {
  if (lanes < 1) return NULL;
  ck_pool *pool = aligned_alloc(_Alignof(ck_pool), sizeof *pool);
  if (!pool) return NULL;
  memset(pool, 0, sizeof *pool);
  pool->threads = calloc((size_t)lanes, sizeof *pool->threads);
  pool->shares = aligned_alloc(sizeof *pool->shares, (size_t)lanes * sizeof *pool->shares);
  if (!pool->threads || !pool->shares) {
    free_memory(pool);
    return NULL;
  }
  for (int lane = 0; lane < lanes; lane++) atomic_init(&pool->shares[lane].tasks, 0);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finished, NULL);
  pool->lanes = 1;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  for (int lane = 1; lane < lanes; lane++) {
    struct worker *worker = malloc(sizeof *worker);
    if (worker) *worker = (struct worker){pool, lane};
    if (!worker || pthread_create(&pool->threads[lane], &attributes, worker_main, worker) != 0) {
      free(worker);
      break;
    }
    pool->lanes = lane + 1;
  }
  pthread_attr_destroy(&attributes);
  if (pool->lanes == lanes) return pool;
  // Fewer would have taken all that the system gives, and leave nothing for the work.
  ck_pool_destroy(pool);
  return NULL;
}

void ck_pool_destroy(ck_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->is_stopping, true);
  wake_workers(pool);
  for (int lane = 1; lane < pool->lanes; lane++) pthread_join(pool->threads[lane], NULL);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->start);
  pthread_mutex_destroy(&pool->mutex);
  free_memory(pool);
}

int ck_pool_lanes(const ck_pool *pool) { return pool ? pool->lanes : 1; }

static void run_alone(int tasks, ck_task task, void *context) {
  for (int index = 0; index < tasks; index++) task(context, index, 0);
}

static void run_together(ck_pool *pool, int tasks, ck_task task, void *context) {
  pool->task = task;
  pool->context = context;
  atomic_store(&pool->open, tasks);
  for (int lane = 0, first = 0, end; lane < pool->lanes; lane++, first = end) {
    end = (int)((int64_t)tasks * (lane + 1) / pool->lanes);
    if (first < end) atomic_store_explicit(&pool->shares[lane].tasks, share_of(first, end), memory_order_release);
  }
  atomic_fetch_add(&pool->run, 1);
  wake_workers(pool);
  work(pool, 0);
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

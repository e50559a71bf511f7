#include "include/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "include/memory.h"
#include "include/precision.h"
#include "core/pool_private.h"
#include "core/worker_memory.h"

// A region is one call of ck_parallel. Its caller publishes the task, opens the gate and works.
// A worker that passes the open gate counts itself in, claims tasks until there are none, and
// counts itself out. The caller then closes the gate and waits for the count to fall to 0. A worker
// that wakes late finds the gate closed and goes back to sleep, so a region never waits for a
// thread that has not started on it.
//
// Each worker has its share of the tasks, a contiguous one, and takes from the others' when it is
// used up. So in regions of the same shape a worker meets the same memory again, in its own cache.

enum { GATE_OPEN = 1 << 30 };

/// Tasks not claimed yet: next ..< end. On a cache line of its own.
struct share {
  _Alignas(64) atomic_long next;
  long end;
};

struct worker {
  ck_pool *pool;
  int index;
  pthread_t thread;
};

struct ck_pool {
  int threads;
  long spin_nanoseconds;
  struct worker *workers;
  struct ck_worker_memory *memory;
  struct share *shares;
  atomic_int scratch_grew;
  ck_precision precision;
  int counting;
  ck_region_counts counts;

  ck_task run;
  void *context;

  _Alignas(64) atomic_int gate;     // GATE_OPEN, plus the number of workers inside
  _Alignas(64) atomic_uint regions; // counts the regions opened so far
  atomic_int stopping;

  _Alignas(64) pthread_mutex_t mutex;
  pthread_cond_t region_opened;
  pthread_cond_t gate_empty;
  atomic_int sleepers;       // workers waiting for region_opened
  atomic_int caller_sleeps;  // the caller waits for gate_empty
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void work(ck_pool *pool, int worker) {
  for (int i = 0; i < pool->threads; i++) {
    struct share *share = &pool->shares[(worker + i) % pool->threads];
    while (atomic_load_explicit(&share->next, memory_order_relaxed) < share->end) {
      long task = atomic_fetch_add_explicit(&share->next, 1, memory_order_relaxed);
      if (task < share->end) pool->run(pool->context, task, worker);
    }
  }
}

/// Lets this thread take numbers below the normal ones for 0, and gives what it did before. Importance weights,
/// gradients of saturated units and averages that die out get that small, and each such number in a product costs
/// some processors 150 cycles. (W7 on an Intel Xeon: 12.3 s for 4,000 images, without them 2.1.)
static unsigned long flush_denormals(void) {
#if defined(__x86_64__)
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);  // FTZ and DAZ
  return before;
#elif defined(__aarch64__)
  unsigned long before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" ::"r"(before | 1ul << 24));
  return before;
#else
  return 0;
#endif
}

static void restore_denormals(unsigned long before) {
#if defined(__x86_64__)
  _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(before));
#else
  (void)before;
#endif
}

static void share_out(ck_pool *pool, long tasks) {
  long next = 0;
  for (int i = 0; i < pool->threads; i++) {
    struct share *share = &pool->shares[i];
    atomic_store_explicit(&share->next, next, memory_order_relaxed);
    // The last tasks of a region are often the smaller ones: who has them gets one more.
    share->end = next = tasks * (i + 1) / pool->threads;
  }
}

/// Works on the open region, if there is one.
static void join_region(ck_pool *pool, int worker) {
  if (atomic_fetch_add(&pool->gate, 1) & GATE_OPEN) work(pool, worker);
  int left = atomic_fetch_sub(&pool->gate, 1) - 1;
  if (left == 0 && atomic_load(&pool->caller_sleeps)) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->gate_empty);
    pthread_mutex_unlock(&pool->mutex);
  }
}

/// Returns when a region after the `seen`th was opened, or the pool stops. Spins, then parks.
static void wait_for_region(ck_pool *pool, unsigned seen) {
  long start = now();
  do {
    for (int i = 0; i < 16; i++) {
      if (atomic_load_explicit(&pool->regions, memory_order_acquire) != seen) return;
      relax();
    }
  } while (now() - start < pool->spin_nanoseconds);
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (atomic_load(&pool->regions) == seen)
    pthread_cond_wait(&pool->region_opened, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

/// Returns when no worker is inside the closed gate. Spins, then parks.
static void wait_for_workers(ck_pool *pool) {
  long start = now();
  do {
    for (int i = 0; i < 16; i++) {
      if (atomic_load_explicit(&pool->gate, memory_order_acquire) == 0) return;
      relax();
    }
  } while (now() - start < pool->spin_nanoseconds);
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->caller_sleeps, 1);
  while (atomic_load(&pool->gate) != 0) pthread_cond_wait(&pool->gate_empty, &pool->mutex);
  atomic_store(&pool->caller_sleeps, 0);
  pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument) {
  struct worker *self = argument;
  ck_pool *pool = self->pool;
  unsigned seen = 0;
  flush_denormals();
  for (;;) {
    wait_for_region(pool, seen);
    // In this order: the pool stops before it counts its last region up, so a worker that has counted
    // that one sees it, and one that has not will be woken by it.
    seen = atomic_load(&pool->regions);
    if (atomic_load(&pool->stopping)) return NULL;
    join_region(pool, self->index);
  }
}

/// Makes the workers look at the gate.
static void announce(ck_pool *pool) {
  atomic_fetch_add(&pool->regions, 1);
  if (atomic_load(&pool->sleepers) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->region_opened);
  pthread_mutex_unlock(&pool->mutex);
}

static void run_region(ck_pool *pool, long tasks, ck_task run, void *context) {
  pool->run = run;
  pool->context = context;
  share_out(pool, tasks);
  atomic_fetch_or(&pool->gate, GATE_OPEN);
  announce(pool);
  work(pool, 0);
  atomic_fetch_and(&pool->gate, ~GATE_OPEN);
  wait_for_workers(pool);
  if (atomic_load_explicit(&pool->scratch_grew, memory_order_relaxed)) {
    atomic_store(&pool->scratch_grew, 0);
    ck_worker_memory_level(pool->memory, pool->threads);
  }
}

static void run_tasks(ck_pool *pool, long tasks, ck_task run, void *context) {
  if (!pool || pool->threads == 1 || tasks <= 1)
    for (long task = 0; task < tasks; task++) run(context, task, 0);
  else
    run_region(pool, tasks, run, context);
}

void ck_parallel(ck_pool *pool, long tasks, ck_task run, void *context) {
  unsigned long before = flush_denormals();
  if (pool && pool->counting && tasks > 1) {
    long start = now();
    run_tasks(pool, tasks, run, context);
    pool->counts.seconds += 1e-9 * (double)(now() - start);
    pool->counts.regions++;
  } else {
    run_tasks(pool, tasks, run, context);
  }
  restore_denormals(before);
}

void ck_pool_count_regions(ck_pool *pool, int counting) {
  pool->counting = counting;
  if (counting) pool->counts = (ck_region_counts){0};
}

ck_region_counts ck_pool_region_counts(const ck_pool *pool) { return pool->counts; }

/// Zeros on their own cache lines.
static void *aligned(size_t bytes) {
  void *block = NULL;
  if (posix_memalign(&block, 64, bytes) != 0) ck_memory_fail(bytes);
  return memset(block, 0, bytes);
}

ck_pool *ck_pool_create(int threads) {
  if (threads < 1) threads = 1;
  ck_pool *pool = aligned(sizeof *pool);
  *pool = (ck_pool){.threads = threads};
  pool->workers = aligned((size_t)threads * sizeof *pool->workers);
  pool->memory = aligned((size_t)threads * sizeof *pool->memory);
  pool->shares = aligned((size_t)threads * sizeof *pool->shares);
  // With fewer processors than threads, spinning takes time from the thread that is waited for.
  pool->spin_nanoseconds = ck_processors() >= threads ? 50000 : 1000;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->region_opened, NULL);
  pthread_cond_init(&pool->gate_empty, NULL);
  for (int i = 1; i < threads; i++) {
    struct worker *worker = &pool->workers[i];
    *worker = (struct worker){.pool = pool, .index = i};
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
      // Those that there are do the work. None has looked at the number yet: no region was opened.
      pool->threads = i;
      break;
    }
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->stopping, 1);
  announce(pool);
  for (int i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
  pthread_cond_destroy(&pool->gate_empty);
  pthread_cond_destroy(&pool->region_opened);
  pthread_mutex_destroy(&pool->mutex);
  for (int i = 0; i < pool->threads; i++) ck_worker_memory_free(&pool->memory[i]);
  free(pool->shares);
  free(pool->memory);
  free(pool->workers);
  free(pool);
}

int ck_pool_threads(const ck_pool *pool) { return pool ? pool->threads : 1; }

int ck_pool_set_precision(ck_pool *pool, ck_precision precision) {
  if (!ck_precision_available(precision)) return -1;
  pool->precision = precision;
  return 0;
}

ck_precision ck_pool_precision(const ck_pool *pool) { return pool ? pool->precision : CK_FLOAT32; }

void ck_pool_scratch_grew(ck_pool *pool) { atomic_store(&pool->scratch_grew, 1); }

struct ck_worker_memory *ck_pool_memory(ck_pool *pool, int worker) {
  return &pool->memory[worker];
}

#ifndef CK_POOL_H
#define CK_POOL_H

/// A pool of threads that runs numbered tasks. The caller's thread works too.
/// Idle workers spin for some microseconds, then park: an idle pool uses no processor time.
typedef struct ck_pool ck_pool;

/// Processors this process may use: those online that its affinity allows, and no more than its
/// CPU quota (cgroup v2, rounded up). At least 1.
int ck_processors(void);

/// A task: `task` counts from 0, `worker` is 0 ..< threads and names the thread's scratch memory.
typedef void (*ck_task)(void *context, long task, int worker);

/// Starts a pool of `threads` threads, the caller included (at least 1), or of as many as the system
/// grants.
ck_pool *ck_pool_create(int threads);

/// Stops and joins the threads, then frees the pool.
void ck_pool_destroy(ck_pool *pool);

int ck_pool_threads(const ck_pool *pool);

/// Runs `run(context, i, worker)` once for each i in 0 ..< tasks, in any order, and returns when
/// all are done. What a task computes must not depend on the thread that runs it. One call at a
/// time for each pool. A NULL pool runs every task on the caller's thread.
///
/// Within a task, arithmetic takes floats below the least normal one, 1.2e-38, for 0 (doubles below 2.2e-308).
void ck_parallel(ck_pool *pool, long tasks, ck_task run, void *context);

/// Calls of ck_parallel with several tasks, which more threads would share, and the time in them.
typedef struct ck_region_counts {
  long regions;
  double seconds;
} ck_region_counts;

/// Begins to count from 0, or ends it: then calls pay nothing for it.
void ck_pool_count_regions(ck_pool *pool, int counting);

ck_region_counts ck_pool_region_counts(const ck_pool *pool);

#endif

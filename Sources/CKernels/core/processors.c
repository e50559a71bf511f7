#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1  // sched_getaffinity
#endif
#include <stdio.h>
#include <unistd.h>

#include "include/pool.h"
#if defined(__linux__)
#include <sched.h>

static int allowed_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

/// The CPU quota in processors, rounded up; 0 if there is none.
static int quota_processors(void) {
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
  if (!file) return 0;
  long quota = 0, period = 0;
  int fields = fscanf(file, "%ld %ld", &quota, &period);  // "max 100000" where there is no quota
  fclose(file);
  return fields == 2 && quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 0;
}
#else
static int allowed_processors(void) { return 0; }
static int quota_processors(void) { return 0; }
#endif

int ck_processors(void) {
  int count = (int)sysconf(_SC_NPROCESSORS_ONLN);
  int limits[] = {allowed_processors(), quota_processors()};
  for (int i = 0; i < 2; i++)
    if (limits[i] > 0 && (limits[i] < count || count < 1)) count = limits[i];
  return count > 1 ? count : 1;
}

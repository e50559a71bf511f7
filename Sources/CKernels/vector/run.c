// From a public function to the kernels: which instruction set, which cuts.
#include "core/isa_choice.h"
#include "core/scratch.h"
#include "vector/kernels.h"

struct region {
  ck_kernel kernel;
  const void *args;
  long units, grain;
};

static void run_task(void *context, long task, int worker) {
  (void)worker;
  const struct region *r = context;
  long begin = task * r->grain;
  long end = begin + r->grain < r->units ? begin + r->grain : r->units;
  r->kernel(r->args, begin, end);
}

void ck_vector_run(ck_pool *pool, ck_kernel_number kernel, const void *args, long units,
                   long grain) {
  if (units <= 0) return;
  struct region region = {CK_CURRENT(ck_kernels)[kernel], args, units, grain < 1 ? 1 : grain};
  if (!pool || units <= region.grain) {
    region.grain = units;
    pool = 0;
  }
  ck_parallel(pool, (units + region.grain - 1) / region.grain, run_task, &region);
}

static long grain_of(long elements, long size) {
  long units = elements / (size < 1 ? 1 : size);
  return units < 1 ? 1 : units;
}

long ck_light_grain(long size) { return grain_of(16384, size); }
long ck_heavy_grain(long size) { return grain_of(4096, size); }

static void finish_channels(const ck_sums *s) {
  for (int r = 0; r < 2; r++) {
    ck_gradient out = s->result[r];
    if (!out.to) continue;
    for (long c = 0; c < s->channels; c++) {
      double sum = 0;
      for (long group = 0; group < s->groups; group++)
        sum += s->partial[(r * s->channels + c) * s->groups + group];
      out.to[c] = out.add ? out.to[c] + (float)sum : (float)sum;
    }
  }
}

void ck_run_sums(ck_pool *pool, ck_kernel_number columns, ck_kernel_number channels,
                 ck_sums *sums) {
  if (sums->inner == 1) {
    long units = (sums->channels + CK_COLUMN_BLOCK - 1) / CK_COLUMN_BLOCK;
    ck_vector_run(pool, columns, sums, units, ck_light_grain(CK_COLUMN_BLOCK * sums->batch));
    return;
  }
  sums->groups = sums->batch < 8 ? (sums->batch < 1 ? 1 : sums->batch) : 8;
  if (!sums->partial) {
    long doubles = 2 * sums->channels * sums->groups;
    sums->partial = (double *)(void *)ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, 2 * doubles);
  }
  long size = sums->batch * sums->inner / sums->groups;
  ck_vector_run(pool, channels, sums, sums->channels * sums->groups, ck_light_grain(size));
  finish_channels(sums);
}

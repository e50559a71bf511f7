#include "include/precision.h"

#include <time.h>

#include "matrix_kernels.h"
#include "include/isa.h"

int ck_precision_available(ck_precision precision) {
  if (precision == CK_FLOAT32) return 1;
#if defined(__x86_64__)
  return ck_isa_available(CK_ISA_AVX512) && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

const ck_matrix_kernels *ck_matrix_of(const ck_pool *pool) {
#if defined(__x86_64__)
  if (ck_pool_precision(pool) == CK_BF16) return &ck_matrix_bf16;
#endif
  return ck_matrix_current();
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// The least seconds for a product that lies in the first cache.
static double least(const ck_matrix_kernels *kernels) {
  enum { ROWS = 56, DEPTH = 128, VECTORS = 2 };
  static const float a[ROWS * DEPTH], b[DEPTH * 16 * VECTORS];
  float c[ROWS * 16 * VECTORS];
  double best = 1;
  for (int i = 0; i < 20; i++) {
    double start = seconds();
    ck_multiply(kernels, (ck_left){a, DEPTH, CK_BY_ROW}, 0, 0, ROWS, VECTORS, DEPTH, b,
                16 * VECTORS, c, 16 * VECTORS, 0);
    double taken = seconds() - start;
    if (taken < best) best = taken;
  }
  return best;
}

double ck_precision_speed(ck_precision precision) {
#if defined(__x86_64__)
  if (precision == CK_BF16 && ck_precision_available(precision))
    return least(&ck_matrix_avx512) / least(&ck_matrix_bf16);
#endif
  return 1;
}

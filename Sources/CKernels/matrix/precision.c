// How fast products of a precision are: see precision.h.
#include "include/precision.h"

#include <time.h>

#include "matrix/kernels.h"

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

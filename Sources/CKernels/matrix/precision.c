// How fast products of a precision are: see precision.h.
#include "include/precision.h"

#include <stddef.h>
#include <time.h>

#include "matrix/bf16.h"

#if defined(__x86_64__)
static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// The least seconds for a product that lies in the second cache.
static double least(ck_precision precision) {
  enum { ROWS = 112, DEPTH = 256, COLUMNS = 192 };
  static const float a[ROWS * DEPTH], b[DEPTH * COLUMNS];
  static _Thread_local float c[ROWS * COLUMNS];
  double best = 1;
  for (int i = 0; i < 20; i++) {
    double start = seconds();
    if (precision == CK_BF16)
      ck_gemm_bf16(NULL, (ck_left){a, DEPTH, CK_BY_ROW}, 0, ROWS, COLUMNS, DEPTH, b, COLUMNS, c,
                   COLUMNS, 0, NULL);
    else
      ck_gemm(NULL, 0, 0, ROWS, COLUMNS, DEPTH, a, DEPTH, b, COLUMNS, c, COLUMNS, 0, NULL);
    double taken = seconds() - start;
    if (taken < best) best = taken;
  }
  return best;
}
#endif

double ck_precision_speed(ck_precision precision) {
#if defined(__x86_64__)
  if (precision == CK_BF16 && ck_precision_available(precision))
    return least(CK_FLOAT32) / least(CK_BF16);
#endif
  return 1;
}

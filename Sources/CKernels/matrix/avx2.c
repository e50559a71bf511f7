#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_TABLE ck_matrix_avx2
// A 16-lane vector takes 2 registers: 12 for the sums, 2 for B and 1 for A, of 16.
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 1
// Else a sum is spilled, whose chain then goes through memory at every link: products had half the speed.
#define CK_EACH_IN_REGISTER
#define CK_IN_REGISTER(x)                                   \
  do {                                                      \
    __typeof__((x).lo) low = (x).lo, high = (x).hi;         \
    __asm__ volatile("" : "+x"(low), "+x"(high));           \
    (x).lo = low, (x).hi = high;                            \
  } while (0)
#define CK_TILES(t) t(1) t(2) t(3) t(4) t(5) t(6)
#include "matrix/kernels.inc"
#pragma clang attribute pop
#endif

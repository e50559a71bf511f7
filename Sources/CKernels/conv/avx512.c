#if defined(__x86_64__)
#define CK_TARGET_AVX512 1
#include <immintrin.h>

#pragma clang attribute push(__attribute__((                       \
                                 target("avx512f,avx512bw,avx512dq,avx512vl,fma,prfchw"))), \
                             apply_to = function)
#define CK_TABLE ck_conv_avx512
// 32 registers: at most 28 sums, the rest for pixels and a weight.
#define CK_TILE_ROWS 14
#define CK_TILE_VECTORS 2
#define CK_TAP_TILES_1(t) CK_TAP_TILES_2(t)
#define CK_TAP_TILES_2(t) \
  t(1) t(2) t(3) t(4) t(5) t(6) t(7) t(8) t(9) t(10) t(11) t(12) t(13) t(14)
#define CK_TAP_TILES_4(t) t(1) t(2) t(3) t(4) t(5) t(6)
#define CK_TAP_TILES_8(t) t(1) t(2) t(3)
#define CK_PHASES_TILES(t) \
  t(1, 6) t(1, 5) t(1, 4) t(1, 3) t(1, 2) \
  t(1, 1) t(2, 3) t(2, 2) t(2, 1) t(3, 2) t(3, 1)
#include "conv/kernels.inc"
#pragma clang attribute pop
#endif

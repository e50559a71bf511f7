#if defined(__x86_64__)
#define CK_TARGET_AVX2 1
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,prfchw"))), apply_to = function)
#define CK_TABLE ck_conv_avx2
// 16 registers, two for a vector.
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 1
#define CK_TAP_TILES_1(t) t(1) t(2) t(3) t(4) t(5) t(6)
#define CK_TAP_TILES_2(t) t(1) t(2) t(3)
#define CK_TAP_TILES_4(t) t(1)
#define CK_TAP_TILES_8(t)
#define CK_PHASES_TILES(t) t(1, 1)
#include "conv/kernels.inc"
#pragma clang attribute pop
#endif

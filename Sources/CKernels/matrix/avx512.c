#if defined(__x86_64__)
#define CK_TARGET_AVX512 1
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), \
                             apply_to = function)
#define CK_TABLE ck_matrix_avx512
// 28 sums, 2 vectors of B and 1 broadcast element of A in 32 registers.
#define CK_TILE_ROWS 14
#define CK_TILE_VECTORS 2
// Wide tiles: 27 sums, 3 vectors of B. They load less for each multiply-add, which tells where two
// threads share a core: there a product is an eighth faster than by tiles of 14 × 2.
#define CK_WIDE_ROWS 9
#define CK_WIDE_VECTORS 3
#define CK_WIDE_TILES(t) t(1) t(2) t(3) t(4) t(5) t(6) t(7) t(8) t(9)
#define CK_IN_REGISTER(x) __asm__ volatile("" : "+v"(x))
#define CK_TILES(t) t(1) t(2) t(3) t(4) t(5) t(6) t(7) t(8) t(9) t(10) t(11) t(12) t(13) t(14)
#include "matrix/kernels.inc"
const ck_matrix_kernels ck_matrix_bf16 = {CK_MATRIX_KERNELS, .multiply = ck_multiply_bf16};
#pragma clang attribute pop
#endif

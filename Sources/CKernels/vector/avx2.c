// The vector kernels for AVX2.
#include "vector/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_TARGET_AVX2
#define CK_TABLE ck_kernels_avx2
#include "vector/table.inc"
#pragma clang attribute pop
#endif

// The vector kernels for AVX-512.
#include "vector/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), \
                             apply_to = function)
#define CK_TARGET_AVX512
#define CK_TABLE ck_kernels_avx512
#include "vector/table.inc"
#pragma clang attribute pop
#endif

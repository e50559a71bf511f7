// The vector kernels in plain C.
#include "vector/kernels.h"

#if !defined(__FMA__) && !defined(__aarch64__)
#define CK_FMA_BY_HAND
#pragma clang diagnostic ignored "-Wpsabi"
#endif
#define CK_TABLE ck_kernels_portable
#include "vector/table.inc"

// The vector kernels for NEON.
#include "vector/kernels.h"

#if defined(__aarch64__)
#define CK_TABLE ck_kernels_neon
#include "vector/table.inc"
#endif

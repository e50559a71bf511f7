// The vector kernels for NEON.
#include "vector_kernels.h"

#if defined(__aarch64__)
#define CK_TABLE ck_kernels_neon
#include "vector_table.h"
#endif

// The vector kernels in plain C.
#include "vector_kernels.h"

#define CK_TABLE ck_kernels_portable
#include "vector_table.h"

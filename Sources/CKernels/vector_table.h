// Every kernel, compiled for the instruction set of the file that includes this, and its table.
#include "vector_lanes.h"

#include "vector_unary_kernels.h"
#include "vector_binary_kernels.h"
#include "vector_copy_kernels.h"
#include "vector_reduce_kernels.h"
#include "vector_loss_kernels.h"
#include "vector_norm_kernels.h"
#include "random_kernels.h"
#include "vector_data_kernels.h"
#include "vector_optimizer_kernels.h"

#define CK_KERNEL_ENTRY(name) [CK_KERNEL_##name] = name,
const ck_kernel CK_TABLE[CK_KERNEL_COUNT] = {CK_VECTOR_KERNELS(CK_KERNEL_ENTRY)};

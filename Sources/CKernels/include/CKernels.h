// The compute kernels of expt, in C. One Swift target, ExptTensor, imports this module.
#include "isa.h"
#include "memory.h"
#include "pool.h"
#include "precision.h"
#include "matrix.h"
#include "conv.h"
#include "vector.h"

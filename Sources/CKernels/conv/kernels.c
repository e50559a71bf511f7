#include "conv/kernels.h"

#include "core/isa_choice.h"

const ck_conv_kernels *ck_conv_current(void) { return &CK_CURRENT(ck_conv); }

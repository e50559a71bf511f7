#ifndef CK_ISA_CHOICE_H
#define CK_ISA_CHOICE_H

#include "include/isa.h"

// Where an instruction set becomes code. Kernels are compiled once for each instruction set, into
// tables `name_avx512`, `name_avx2`, `name_neon`, `name_portable`: a folder's avx512.c and so on
// name the table (CK_TABLE) and include the folder's templates (*.inc).

/// The table `name` of the instruction set in use.
#if defined(__x86_64__)
#define CK_CURRENT(name)                                           \
  (*(ck_isa_current() == CK_ISA_AVX512 ? &name##_avx512            \
     : ck_isa_current() == CK_ISA_AVX2 ? &name##_avx2 : &name##_portable))
#elif defined(__aarch64__)
#define CK_CURRENT(name) (*(ck_isa_current() == CK_ISA_NEON ? &name##_neon : &name##_portable))
#else
#define CK_CURRENT(name) name##_portable
#endif

#endif

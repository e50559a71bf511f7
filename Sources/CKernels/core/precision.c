#include "include/precision.h"

#include "include/isa.h"

int ck_precision_available(ck_precision precision) {
  if (precision == CK_FLOAT32) return 1;
#if defined(__x86_64__)
  return ck_isa_available(CK_ISA_AVX512) && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

#include "include/isa.h"

#include <stdatomic.h>

static _Atomic int selected = -1;

int ck_isa_available(ck_isa isa) {
  switch (isa) {
  case CK_ISA_PORTABLE:
    return 1;
#if defined(__aarch64__)
  case CK_ISA_NEON:
    return 1;
#endif
#if defined(__x86_64__)
  case CK_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case CK_ISA_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
#endif
  default:
    return 0;
  }
}

ck_isa ck_isa_best(void) {
  const ck_isa order[] = {CK_ISA_AVX512, CK_ISA_AVX2, CK_ISA_NEON};
  for (int i = 0; i < 3; i++)
    if (ck_isa_available(order[i])) return order[i];
  return CK_ISA_PORTABLE;
}

int ck_isa_select(ck_isa isa) {
  if (!ck_isa_available(isa)) return -1;
  atomic_store(&selected, (int)isa);
  return 0;
}

ck_isa ck_isa_current(void) {
  int isa = atomic_load_explicit(&selected, memory_order_relaxed);
  if (isa >= 0) return (ck_isa)isa;
  ck_isa best = ck_isa_best();
  atomic_store(&selected, (int)best);
  return best;
}

#ifndef CK_ISA_H
#define CK_ISA_H

/// Instruction sets the kernels are compiled for. All give the same bits, and differ in speed only.
typedef enum ck_isa {
  CK_ISA_PORTABLE = 0,
  CK_ISA_NEON = 1,
  CK_ISA_AVX2 = 2,
  CK_ISA_AVX512 = 3,
} ck_isa;

/// The best instruction set of this machine.
ck_isa ck_isa_best(void);

/// Whether this build and this machine can run `isa`.
int ck_isa_available(ck_isa isa);

/// Makes every later kernel call use `isa`. Returns 0, or -1 (and changes nothing) if it is not
/// available. Call it while no kernel runs.
int ck_isa_select(ck_isa isa);

/// The instruction set in use. The first call takes the best one.
ck_isa ck_isa_current(void);

#endif

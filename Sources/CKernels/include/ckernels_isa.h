#ifndef CKERNELS_ISA_H
#define CKERNELS_ISA_H

/// The instruction sets that kernels are compiled for, in ascending order of speed.
typedef enum {
  /// The plain loops that every fast kernel is tested against.
  CK_ISA_SCALAR = 0,
  /// Vector code for whatever the compiler's base target has (SSE2, NEON).
  CK_ISA_PORTABLE = 1,
  /// AVX2 with FMA.
  CK_ISA_AVX2 = 2,
  /// AVX-512 F, BW, DQ and VL.
  CK_ISA_AVX512 = 3,
  /// These, and the products of bf16 pairs of AVX-512 BF16.
  CK_ISA_AVX512_BF16 = 4,
  /// These, and AMX's products of bf16 tiles.
  CK_ISA_AMX = 5,
} ck_isa;
enum { CK_ISA_COUNT = 6 };

/// The instruction set that kernels use: the best one of this machine, unless the environment's
/// `GRAPHC_ISA` (scalar, portable, avx2, avx512, avx512bf16, amx) names a lower one or this thread called
/// `ck_isa_select`.
/// An unknown name is ignored; one that this machine cannot run means its best.
ck_isa ck_isa_current(void);

/// The best instruction set that this machine runs. Where that may be AMX, the operating system is asked for it,
/// which then refuses threads of this process signal stacks too small for its registers (about 11 KB).
ck_isa ck_isa_best(void);

/// Makes the kernels that this thread calls use `isa`, or the best that the machine has if that is lower.
/// A kernel asks once, on its caller's thread, and never in a task.
void ck_isa_select(ck_isa isa);

/// "scalar", "portable", "avx2", "avx512", "avx512bf16" or "amx".
const char *ck_isa_name(ck_isa isa);

#endif

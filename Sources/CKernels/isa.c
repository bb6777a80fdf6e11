// Which instruction set the kernels use.

#include "ckernels_isa.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static const char *const names[CK_ISA_COUNT] = {"scalar", "portable",   "avx2",
                                                 "avx512", "avx512bf16", "amx"};

enum { UNRESOLVED = -1 };
static atomic_int process_wide = UNRESOLVED;
static _Thread_local int selected = UNRESOLVED;

const char *ck_isa_name(ck_isa isa) { return (unsigned)isa < CK_ISA_COUNT ? names[isa] : "unknown"; }

#if defined(__x86_64__)

/// Whether the processor multiplies bf16 tiles and the kernel lets this process use them.
static bool may_use_amx(void) {
#if defined(__linux__)
  enum { LEAF = 7, HAS_BF16_TILES = 1 << 22, HAS_TILES = 1 << 24, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(LEAF, 0, &eax, &ebx, &ecx, &edx)) return false;
  if (!(edx & HAS_BF16_TILES) || !(edx & HAS_TILES)) return false;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
#else
  return false;
#endif
}

#endif

/// The best instruction set of those that need nobody's permission.
static ck_isa best_unasked(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return __builtin_cpu_supports("avx512bf16") ? CK_ISA_AVX512_BF16 : CK_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CK_ISA_AVX2;
#endif
  return CK_ISA_PORTABLE;
}

ck_isa ck_isa_best(void) {
  ck_isa best = best_unasked();
#if defined(__x86_64__)
  if (best == CK_ISA_AVX512_BF16 && may_use_amx()) return CK_ISA_AMX;
#endif
  return best;
}

/// `wanted`, or the best that the machine has if that is lower.
static int at_most(int wanted) {
  int best = (int)(wanted < CK_ISA_AMX ? best_unasked() : ck_isa_best());
  return wanted < best ? wanted : best;
}

void ck_isa_select(ck_isa isa) { selected = at_most((int)isa); }

ck_isa ck_isa_current(void) {
  if (selected != UNRESOLVED) return (ck_isa)selected;
  int isa = atomic_load_explicit(&process_wide, memory_order_relaxed);
  if (isa == UNRESOLVED) {
    // Threads that get here together compute the same answer.
    int most = CK_ISA_AMX;
    const char *wanted = getenv("GRAPHC_ISA");
    if (wanted)
      for (int index = CK_ISA_SCALAR; index < CK_ISA_COUNT; index++)
        if (strcmp(wanted, names[index]) == 0) most = index;
    isa = at_most(most);
    atomic_store(&process_wide, isa);
  }
  return (ck_isa)isa;
}

// Which instruction set the kernels use.

#include "ckernels_isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"scalar", "portable", "avx2", "avx512"};

enum { UNRESOLVED = -1 };
static atomic_int current = UNRESOLVED;

const char *ck_isa_name(ck_isa isa) { return (unsigned)isa <= CK_ISA_AVX512 ? names[isa] : "unknown"; }

ck_isa ck_isa_best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return CK_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CK_ISA_AVX2;
#endif
  return CK_ISA_PORTABLE;
}

void ck_isa_select(ck_isa isa) {
  ck_isa best = ck_isa_best();
  atomic_store(&current, (int)(isa < best ? isa : best));
}

ck_isa ck_isa_current(void) {
  int isa = atomic_load_explicit(&current, memory_order_relaxed);
  if (isa != UNRESOLVED) return (ck_isa)isa;
  ck_isa_select(CK_ISA_AVX512);
  const char *wanted = getenv("GRAPHC_ISA");
  if (wanted)
    for (int index = CK_ISA_SCALAR; index <= CK_ISA_AVX512; index++)
      if (strcmp(wanted, names[index]) == 0) ck_isa_select((ck_isa)index);
  return (ck_isa)atomic_load(&current);
}

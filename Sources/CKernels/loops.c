// The choice among the vector loops.

#include "loops.h"

const struct ck_loops *ck_loops_current(void) {
  switch (ck_isa_current()) {
  case CK_ISA_SCALAR: return NULL;
#if defined(__x86_64__)
  case CK_ISA_AVX2: return &ck_loops_avx2;
  case CK_ISA_AVX512:
  case CK_ISA_AVX512_BF16:
  case CK_ISA_AMX: return &ck_loops_avx512;
#endif
  default: return &ck_loops_portable;
  }
}

// The vector convolutions for AVX-512 F, BW, DQ and VL.

#if defined(__x86_64__)
// Before the attribute: system headers have targets of their own.
#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prfchw"))), apply_to = function)
#define WIDTH 16
#define KERNEL(name) ck_conv_##name##_avx512
#include "vector_conv.h"
#pragma clang attribute pop
#endif

// The vector convolutions with bf16 operands for AVX-512 with BF16 and AMX.

#if defined(__x86_64__)
// Before the attribute: system headers have targets of their own.
#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16,avx2,fma,prfchw"))), apply_to = function)
#define BF16_OPERANDS
#define BF16_INSTRUCTIONS
#define AMX_INSTRUCTIONS
#define WIDTH 16
#define KERNEL(name) ck_conv_##name##_amx
#include "vector_conv_bf16.h"
#pragma clang attribute pop
#endif

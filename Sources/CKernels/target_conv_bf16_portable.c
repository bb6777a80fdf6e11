// The vector convolutions with bf16 operands for the compiler's base target (SSE2, NEON).

#define BF16_OPERANDS
#define WIDTH 4
#define KERNEL(name) ck_conv_##name##_portable
#include "vector_conv_bf16.h"

// The vector convolutions for the compiler's base target (SSE2, NEON).

#define WIDTH 4
#define KERNEL(name) ck_conv_##name##_portable
#include "vector_conv.h"

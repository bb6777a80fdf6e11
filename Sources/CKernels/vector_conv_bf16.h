// The vector convolutions of a target whose operands are rounded to bf16. Included by target_conv_bf16_*.c,
// which define BF16_OPERANDS, WIDTH and KERNEL.

#include "conv_kernel.h"
#include "vector_conv_patches.h"

const struct ck_conv_kernel KERNEL(patches_bf16) = {patches_supports, patches_prepared_floats, patches_prepare,
                                                    patches_workspace_bytes, patches_run};

// With AMX, products take less time than the transforms that would save some of them.
#ifndef AMX_INSTRUCTIONS
#include "vector_conv_winograd_weight.h"

// Not with 4×4 tiles: their transforms would make the errors of rounding two to three times as large.
WINOGRAD_KERNEL(2)
const struct ck_conv_kernel KERNEL(winograd2_bf16) = {winograd_kernel_supports, winograd2_prepared_floats,
                                                      winograd2_prepare, winograd2_workspace_bytes,
                                                      winograd2_run};
#endif

// All vector convolutions of a target. Included by target_conv_*.c, which define WIDTH and KERNEL.

#include "conv_kernel.h"
#include "vector_conv_patches.h"

const struct ck_conv_kernel KERNEL(patches) = {patches_supports, patches_prepared_floats, patches_prepare,
                                               patches_workspace_bytes, patches_run};

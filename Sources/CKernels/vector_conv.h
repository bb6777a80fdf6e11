// All vector convolutions of a target. Included by target_conv_*.c, which define WIDTH and KERNEL.

#include "conv_kernel.h"
#include "vector_conv_depthwise.h"
#include "vector_conv_direct.h"
#include "vector_conv_narrow.h"
#include "vector_conv_patches.h"
#include "vector_conv_winograd_weight.h"

const struct ck_conv_kernel KERNEL(patches) = {patches_supports, patches_prepared_floats, patches_prepare,
                                               patches_workspace_bytes, patches_run};

WINOGRAD_KERNEL(2)
const struct ck_conv_kernel KERNEL(winograd2) = {winograd_kernel_supports, winograd2_prepared_floats,
                                                 winograd2_prepare, winograd2_workspace_bytes, winograd2_run};

WINOGRAD_KERNEL(4)
WINOGRAD_PACKED_KERNEL(4)
const struct ck_conv_kernel KERNEL(winograd4) = {winograd_kernel_supports, winograd4_prepared_floats,
                                                 winograd4_prepare, winograd4_workspace_bytes, winograd4_run};

const struct ck_conv_kernel KERNEL(winograd4_packed) = {
    winograd_packed_supports, winograd4_packed_floats, winograd4_pack, winograd4_packed_workspace_bytes,
    winograd4_packed_run};

const struct ck_conv_kernel KERNEL(depthwise) = {depthwise_supports, depthwise_prepared_floats,
                                                 depthwise_prepare, depthwise_workspace_bytes, depthwise_run};

const struct ck_conv_kernel KERNEL(direct) = {direct_supports, direct_prepared_floats, direct_prepare,
                                              direct_workspace_bytes, direct_run};

const struct ck_conv_kernel KERNEL(narrow) = {narrow_supports, narrow_prepared_floats, narrow_prepare,
                                              narrow_workspace_bytes, narrow_run};

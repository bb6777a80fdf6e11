// What the files of the convolutions share.
#ifndef CONV_INTERNAL_H
#define CONV_INTERNAL_H

#include "ckernels_conv.h"

/// The convolution of `direction` without its epilogue; `second` is the plain weight.
void conv_scalar_run(const ck_conv_shape *shape, ck_conv_direction direction, const float *first,
                     const float *second, float *result, bool accumulate);

#endif

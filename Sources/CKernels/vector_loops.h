// All vector loops, and the table of them. Included by target_*.c, which define WIDTH and TABLE.

#include "loops.h"
#include "vector_batch_norm.h"
#include "vector_elementwise.h"
#include "vector_layout.h"
#include "vector_optimizer.h"

const struct ck_loops TABLE = {
    .unary = {FOR_EACH_UNARY(FORWARD_ENTRY)},
    .unary_backward = {FOR_EACH_UNARY(BACKWARD_ENTRY)},
    .binary = {FOR_EACH_BINARY(BINARY_ENTRY)},
    .affine = affine,
    .fill = fill,
    .multiply_add = multiply_add,
    .all_finite = all_finite,
    .transpose = transpose,
    .batch_norm_moments = batch_norm_moments,
    .batch_norm_normalize = batch_norm_normalize,
    .batch_norm_backward_reduce = batch_norm_backward_reduce,
    .batch_norm_backward_apply = batch_norm_backward_apply,
    .adam = adam,
    .sgd = sgd,
    .rmsprop = rmsprop,
};

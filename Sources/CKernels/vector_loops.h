// All vector loops, and the table of them. Included by target_*.c, which define WIDTH and TABLE.

#include "loops.h"
#include "vector_batch_norm.h"
#include "vector_elementwise.h"
#include "vector_layout.h"
#include "vector_matmul.h"
#include "vector_optimizer.h"
#include "vector_peak.h"
#include "vector_pooling.h"
#include "vector_random.h"
#include "vector_reduce.h"

const struct ck_loops TABLE = {
    .unary = {FOR_EACH_UNARY(FORWARD_ENTRY)},
    .unary_backward = {FOR_EACH_UNARY(BACKWARD_ENTRY)},
    .binary = {FOR_EACH_BINARY(BINARY_ENTRY)},
    .affine = affine,
    .fill = fill,
    .multiply_add = multiply_add,
    .all_finite = all_finite,
    .transpose = transpose,
    .column_sums = column_sums,
    .sum = sum,
    .bias_add = bias_add,
    .batch_norm_moments = batch_norm_moments,
    .batch_norm_normalize = batch_norm_normalize,
    .batch_norm_backward_reduce = batch_norm_backward_reduce,
    .batch_norm_backward_apply = batch_norm_backward_apply,
    .matmul_tile_rows = TILE_ROWS,
    .matmul_tile_columns = TILE_COLUMNS,
    .matmul_pack = pack_panel,
    .matmul_tile = matmul_tile,
    .matmul_finish = matmul_finish,
    .window_sum = window_sum,
    .window_spread = window_spread,
    .window_max = window_max,
    .window_max_gather = window_max_gather,
    .window_max_scatter = window_max_scatter,
    .random_uniform = random_uniform,
    .random_normal = random_normal,
    .random_dropout = random_dropout,
    .adam = adam,
    .sgd = sgd,
    .rmsprop = rmsprop,
    .multiply_add_chains = multiply_add_chains,
    .multiply_add_chains_flops = 2 * PEAK_CHAINS * WIDTH,
};

#ifndef CKERNELS_MATMUL_H
#define CKERNELS_MATMUL_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

#include <stdbool.h>

/// C = act(op(A)·op(B) + bias), or C = act(C + op(A)·op(B) + bias) with `accumulate`; C is [rows, columns].
/// op(A) is [rows, depth], op(B) is [depth, columns]; a transposed operand is stored the other way round.
/// Matrices are row-major; a leading dimension is the distance of two stored rows in elements.
typedef struct {
  ptrdiff_t rows, columns, depth;
  bool transpose_a, transpose_b;
  ptrdiff_t lda, ldb, ldc;
  bool accumulate;
} ck_matmul_shape;

/// Bytes of workspace, aligned to 64 bytes by the caller, for a pool of `lanes` threads.
size_t ck_matmul_workspace_bytes(const ck_matmul_shape *shape, int lanes);

/// `bias` is [columns], or NULL. C must not overlap A or B. Each element of C is summed over the depth in
/// one fixed order.
void ck_matmul(ck_pool *pool, const ck_matmul_shape *shape, const float *a, const float *b, float *c,
               const float *bias, ck_activation activation, void *workspace);

/// The plain loop that `ck_matmul` is tested against, accumulating in double.
void ck_matmul_reference(const ck_matmul_shape *shape, const float *a, const float *b, float *c,
                         const float *bias, ck_activation activation);

#endif

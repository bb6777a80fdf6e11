// Matrix multiplication as a plain loop.

#include "ckernels_matmul.h"
#include "reference_math.h"

void ck_matmul_reference(const ck_matmul_shape *shape, const float *a, const float *b, float *c,
                         const float *bias, ck_activation activation) {
  for (ptrdiff_t i = 0; i < shape->rows; i++)
    for (ptrdiff_t j = 0; j < shape->columns; j++) {
      double sum = shape->accumulate ? (double)c[i * shape->ldc + j] : 0;
      for (ptrdiff_t k = 0; k < shape->depth; k++) {
        float left = shape->transpose_a ? a[k * shape->lda + i] : a[i * shape->lda + k];
        float right = shape->transpose_b ? b[j * shape->ldb + k] : b[k * shape->ldb + j];
        sum += (double)left * (double)right;
      }
      if (bias) sum += (double)bias[j];
      c[i * shape->ldc + j] = reference_activation(activation, sum);
    }
}

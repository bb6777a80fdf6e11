// Sums, broadcasts and strided copies as plain loops.

#include "ckernels_layout.h"
#include "reference_math.h"
#include "strided.h"

void ck_reduce_sum_reference(int rank, const ptrdiff_t *dims, float scale, const float *x,
                             const ptrdiff_t *x_strides, float *y, const ptrdiff_t *y_strides) {
  // Kept axes first, then the reduced ones within each output element.
  int kept = 0, reduced = 0;
  ptrdiff_t kept_dims[CK_MAX_RANK], kept_x[CK_MAX_RANK], kept_y[CK_MAX_RANK];
  ptrdiff_t reduced_dims[CK_MAX_RANK], reduced_x[CK_MAX_RANK];
  for (int axis = 0; axis < rank; axis++) {
    if (y_strides[axis] != 0) {
      kept_dims[kept] = dims[axis];
      kept_x[kept] = x_strides[axis];
      kept_y[kept++] = y_strides[axis];
    } else {
      reduced_dims[reduced] = dims[axis];
      reduced_x[reduced++] = x_strides[axis];
    }
  }
  ptrdiff_t outputs = strided_count(kept, kept_dims), terms = strided_count(reduced, reduced_dims);
  for (ptrdiff_t output = 0; output < outputs; output++) {
    const float *from = x + strided_offset(kept, kept_dims, kept_x, output);
    double sum = 0;
    for (ptrdiff_t term = 0; term < terms; term++)
      sum += (double)from[strided_offset(reduced, reduced_dims, reduced_x, term)];
    y[strided_offset(kept, kept_dims, kept_y, output)] = (float)((double)scale * sum);
  }
}

void ck_bias_add_reference(ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *bias,
                           ck_activation activation, float *y) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < channels; c++)
      y[r * channels + c] = reference_activation(activation, (double)x[r * channels + c] + (double)bias[c]);
}

void ck_strided_copy_reference(int rank, const ptrdiff_t *dims, const float *x, const ptrdiff_t *x_strides,
                               float *y, const ptrdiff_t *y_strides) {
  ptrdiff_t count = strided_count(rank, dims);
  for (ptrdiff_t i = 0; i < count; i++)
    y[strided_offset(rank, dims, y_strides, i)] = x[strided_offset(rank, dims, x_strides, i)];
}

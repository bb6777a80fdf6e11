// Walking a tensor by dims and strides.
#ifndef STRIDED_H
#define STRIDED_H

#include "ckernels_reduce.h"

/// The offset of the element with row-major number `index`.
static inline ptrdiff_t strided_offset(int rank, const ptrdiff_t *dims, const ptrdiff_t *strides,
                                       ptrdiff_t index) {
  ptrdiff_t offset = 0;
  for (int axis = rank - 1; axis >= 0; axis--) {
    offset += index % dims[axis] * strides[axis];
    index /= dims[axis];
  }
  return offset;
}

static inline ptrdiff_t strided_count(int rank, const ptrdiff_t *dims) {
  ptrdiff_t count = 1;
  for (int axis = 0; axis < rank; axis++) count *= dims[axis];
  return count;
}

#endif

// Every kernel by its plain loop.

#include "ckernels.h"

#include <math.h>
#include <string.h>

#define U __attribute__((unused))

size_t ck_matmul_workspace_bytes(U const ck_matmul_shape *shape, U int lanes) { return 64; }
void ck_matmul(U ck_pool *pool, const ck_matmul_shape *shape, const float *a, const float *b, float *c,
               const float *bias, ck_activation activation, U void *workspace) {
  ck_matmul_reference(shape, a, b, c, bias, activation);
}

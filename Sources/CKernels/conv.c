// The convolutions' entry points: which kernel computes what.

#include "conv_cost.h"
#include "conv_kernel.h"
#include "conv_shape.h"

#include <math.h>

static const char *const names[CK_CONV_ALGORITHM_COUNT] = {"scalar",    "patches",   "direct",
                                                           "winograd2", "winograd4", "depthwise",
                                                           "narrow",    "patches_bf16", "winograd2_bf16",
                                                           "winograd4_packed"};

#define VECTOR_KERNELS(TARGET, BF16_TARGET, PATCHES_TARGET)                                                  \
  {[CK_CONV_SCALAR] = &ck_conv_scalar,                                                                       \
   [CK_CONV_PATCHES] = &ck_conv_patches_##TARGET,                                                            \
   [CK_CONV_WINOGRAD2] = &ck_conv_winograd2_##TARGET,                                                        \
   [CK_CONV_WINOGRAD4] = &ck_conv_winograd4_##TARGET,                                                        \
   [CK_CONV_DEPTHWISE] = &ck_conv_depthwise_##TARGET,                                                        \
   [CK_CONV_DIRECT] = &ck_conv_direct_##TARGET,                                                              \
   [CK_CONV_NARROW] = &ck_conv_narrow_##TARGET,                                                              \
   [CK_CONV_PATCHES_BF16] = &ck_conv_patches_bf16_##PATCHES_TARGET,                                          \
   [CK_CONV_WINOGRAD2_BF16] = &ck_conv_winograd2_bf16_##BF16_TARGET,                                         \
   [CK_CONV_WINOGRAD4_PACKED] = &ck_conv_winograd4_packed_##TARGET}

/// NULL where an instruction set does not have an algorithm.
static const struct ck_conv_kernel *const kernels[CK_ISA_COUNT][CK_CONV_ALGORITHM_COUNT] = {
    [CK_ISA_SCALAR] = {[CK_CONV_SCALAR] = &ck_conv_scalar},
    [CK_ISA_PORTABLE] = VECTOR_KERNELS(portable, portable, portable),
#if defined(__x86_64__)
    [CK_ISA_AVX2] = VECTOR_KERNELS(avx2, avx2, avx2),
    [CK_ISA_AVX512] = VECTOR_KERNELS(avx512, avx512, avx512),
    [CK_ISA_AVX512_BF16] = VECTOR_KERNELS(avx512, avx512bf16, avx512bf16),
    [CK_ISA_AMX] = VECTOR_KERNELS(avx512, avx512bf16, amx),
#endif
};

static const struct ck_conv_kernel *kernel(ck_conv_algorithm algorithm) {
  return kernels[ck_isa_current()][algorithm];
}

const char *ck_conv_algorithm_name(ck_conv_algorithm algorithm) {
  return (unsigned)algorithm < CK_CONV_ALGORITHM_COUNT ? names[algorithm] : "unknown";
}

bool ck_conv_supports(const ck_conv_shape *shape, ck_conv_direction direction, ck_conv_algorithm algorithm) {
  if ((unsigned)algorithm >= CK_CONV_ALGORITHM_COUNT || !kernel(algorithm)) return false;
  return kernel(algorithm)->supports(shape, direction);
}

bool ck_conv_rounds_operands(ck_conv_algorithm algorithm) {
  return algorithm == CK_CONV_PATCHES_BF16 || algorithm == CK_CONV_WINOGRAD2_BF16;
}

ck_conv_algorithm ck_conv_choose(const ck_conv_shape *shape, ck_conv_direction direction,
                                 ck_conv_precision precision, bool is_prepared) {
  static const struct ck_conv_speed speeds[CK_ISA_COUNT] = {
      [CK_ISA_SCALAR] = {1, 2, 2},       [CK_ISA_PORTABLE] = {4, 2, 2},     [CK_ISA_AVX2] = {8, 2, 2},
      [CK_ISA_AVX512] = {16, 2, 2},      [CK_ISA_AVX512_BF16] = {16, 2, 2},
      // It multiplies Winograd's tiles in pairs, as Intel's processors do at half the speed of floats.
      [CK_ISA_AMX] = {16, 16, 0.5}};
  ck_conv_algorithm best = CK_CONV_SCALAR;
  double least = INFINITY;
  for (int algorithm = 0; algorithm < CK_CONV_ALGORITHM_COUNT; algorithm++) {
    if (ck_conv_rounds_operands(algorithm) && precision != CK_CONV_BF16) continue;
    if (!ck_conv_supports(shape, direction, algorithm)) continue;
    double cost = ck_conv_cost(shape, direction, algorithm, is_prepared, speeds[ck_isa_current()]);
    if (cost < least) least = cost, best = algorithm;
  }
  return best;
}

size_t ck_conv_prepared_floats(const ck_conv_shape *shape, ck_conv_direction direction,
                               ck_conv_algorithm algorithm) {
  return kernel(algorithm)->prepared_floats(shape, direction);
}

void ck_conv_prepare(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                     ck_conv_algorithm algorithm, const float *weight, float *prepared) {
  kernel(algorithm)->prepare(pool, shape, direction, weight, prepared);
}

size_t ck_conv_workspace_bytes(const ck_conv_shape *shape, ck_conv_direction direction,
                               ck_conv_algorithm algorithm, int lanes) {
  return kernel(algorithm)->workspace_bytes(shape, direction, lanes);
}

void ck_conv_run(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                 ck_conv_algorithm algorithm, const float *first, const float *second, float *result,
                 const ck_conv_epilogue *epilogue, void *workspace) {
  kernel(algorithm)->run(pool, shape, direction, first, second, result, epilogue, workspace);
}

double ck_conv_flops(const ck_conv_shape *shape) {
  return 2.0 * (double)(shape->batch * shape->small_height * shape->small_width) *
         (double)conv_weight_count(shape);
}

// What every way to compute a convolution provides, and where they all are.
#ifndef CONV_KERNEL_H
#define CONV_KERNEL_H

#include "ckernels_conv.h"
#include "ckernels_isa.h"

/// One algorithm on one instruction set. The members do what the functions of `ckernels_conv.h` with their
/// names do, for shapes that `supports` accepts.
struct ck_conv_kernel {
  bool (*supports)(const ck_conv_shape *shape, ck_conv_direction direction);
  size_t (*prepared_floats)(const ck_conv_shape *shape, ck_conv_direction direction);
  void (*prepare)(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction, const float *weight,
                  float *prepared);
  size_t (*workspace_bytes)(const ck_conv_shape *shape, ck_conv_direction direction, int lanes);
  void (*run)(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction, const float *first,
              const float *second, float *result, const ck_conv_epilogue *epilogue, void *workspace);
};

extern const struct ck_conv_kernel ck_conv_scalar;
#define DECLARE_VECTOR_KERNELS(TARGET)                                                                       \
  extern const struct ck_conv_kernel ck_conv_patches_##TARGET, ck_conv_winograd2_##TARGET,                   \
      ck_conv_winograd4_##TARGET, ck_conv_winograd4_packed_##TARGET,            \
      ck_conv_depthwise_##TARGET, ck_conv_direct_##TARGET, ck_conv_narrow_##TARGET;

DECLARE_VECTOR_KERNELS(portable)
#if defined(__x86_64__)
DECLARE_VECTOR_KERNELS(avx2)
DECLARE_VECTOR_KERNELS(avx512)
#endif

#define DECLARE_BF16_KERNELS(TARGET)                                                                         \
  extern const struct ck_conv_kernel ck_conv_patches_bf16_##TARGET, ck_conv_winograd2_bf16_##TARGET;

DECLARE_BF16_KERNELS(portable)
#if defined(__x86_64__)
DECLARE_BF16_KERNELS(avx2)
DECLARE_BF16_KERNELS(avx512)
DECLARE_BF16_KERNELS(avx512bf16)
extern const struct ck_conv_kernel ck_conv_patches_bf16_amx;
#endif

#endif

#ifndef CKERNELS_CONV_H
#define CKERNELS_CONV_H

#include "ckernels_common.h"
#include "ckernels_pool.h"

#include <stdbool.h>

/// A convolution that maps a *large* image to a *small* one:
/// small = ⌊(large + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.
/// Images are NHWC: large [batch, large_height, large_width, large_channels], small likewise.
/// The weight is PyTorch's [small_channels, large_channels/groups, kernel_height, kernel_width], row-major.
/// A transposed convolution is the same shape with the large image as its output.
typedef struct {
  ptrdiff_t batch;
  ptrdiff_t large_height, large_width, large_channels;
  ptrdiff_t small_height, small_width, small_channels;
  ptrdiff_t kernel_height, kernel_width;
  ptrdiff_t stride_height, stride_width;
  ptrdiff_t padding_height, padding_width;
  ptrdiff_t dilation_height, dilation_width;
  ptrdiff_t groups;
} ck_conv_shape;

typedef enum {
  /// large, weight → small: `conv2d`.
  CK_CONV_FORWARD = 0,
  /// small, weight → large: `conv_transpose2d`, and the gradient of `conv2d`'s input.
  CK_CONV_DATA_GRADIENT = 1,
  /// large, small → weight.
  CK_CONV_WEIGHT_GRADIENT = 2,
} ck_conv_direction;

/// The ways to compute a convolution. Each is a fixed function of its inputs: the bits do not depend on the
/// number of threads.
typedef enum {
  /// Plain loops that accumulate in double: the twin that all others are tested against.
  CK_CONV_SCALAR = 0,
  /// Any shape: image patches gathered into panels and multiplied.
  CK_CONV_PATCHES = 1,
  /// Forward and the weight gradient, for images with few channels: windows are read in copied rows,
  /// without gathering patches.
  CK_CONV_DIRECT = 2,
  /// Winograd F(2×2, r×r) over the polyphase decomposition of the stride: strides 1 and 2, kernels of 2 to 4
  /// taps a phase and 6×6 at most, no dilation.
  CK_CONV_WINOGRAD2 = 3,
  /// The same with tiles of 4×4 outputs, or 3×3 where a phase has 4 taps: fewer multiplications, errors that with
  /// fewer taps are about five times as large, and prepared weights two to six times as large as the weight.
  CK_CONV_WINOGRAD4 = 4,
  /// One filter a channel: as many groups as channels in both images.
  CK_CONV_DEPTHWISE = 5,
  /// Up to four channels of the small image: vectors run over the large image's channels.
  CK_CONV_NARROW = 6,
  /// `CK_CONV_PATCHES` and `CK_CONV_WINOGRAD2` with products of bf16: what is multiplied (patches and weights,
  /// or their transforms) is rounded to the nearest bf16, ties to even, and the products are summed in floats.
  /// Fast with AMX and with AVX-512 BF16; correct elsewhere. Neither takes a data gradient of hundreds of phases, and
  /// the second at most 3 taps a phase.
  CK_CONV_PATCHES_BF16 = 7,
  CK_CONV_WINOGRAD2_BF16 = 8,
  /// `CK_CONV_WINOGRAD4` with weights that are only packed beforehand, and transformed a block at a time whenever
  /// a chunk of the images needs them. For few tiles: the transformed weights would be written to memory and read
  /// back for little. The same bits, but for moments; no weight gradient.
  CK_CONV_WINOGRAD4_PACKED = 9,
} ck_conv_algorithm;
enum { CK_CONV_ALGORITHM_COUNT = 10 };

/// What `ck_conv_choose` may choose from.
typedef enum {
  /// Algorithms that compute in floats.
  CK_CONV_FP32 = 0,
  /// All algorithms: operands may be rounded to bf16 where that helps.
  CK_CONV_BF16 = 1,
} ck_conv_precision;

/// What a kernel does to its result on the way out. For the weight gradient only `accumulate` counts.
typedef struct {
  /// [channels of the result], or NULL.
  const float *bias;
  ck_activation activation;
  /// Where the mean and the biased variance of each channel of the result go, before the activation; both or
  /// neither. Not together with `accumulate`.
  float *mean, *variance;
  /// Whether what is there is added before the activation.
  bool accumulate;
} ck_conv_epilogue;

/// "direct", "winograd4", …
const char *ck_conv_algorithm_name(ck_conv_algorithm algorithm);

/// Whether `algorithm` can compute this on the current instruction set.
bool ck_conv_supports(const ck_conv_shape *shape, ck_conv_direction direction, ck_conv_algorithm algorithm);

/// Whether an algorithm rounds what it multiplies to bf16.
bool ck_conv_rounds_operands(ck_conv_algorithm algorithm);

/// The algorithm that the cost model expects to be fastest, where weights are prepared for each run or, with
/// `is_prepared`, once for many. It never depends on the number of threads, and of the instructions for
/// bf16 only on AMX.
ck_conv_algorithm ck_conv_choose(const ck_conv_shape *shape, ck_conv_direction direction,
                                 ck_conv_precision precision, bool is_prepared);

/// The number of floats that the prepared weights take: weights as the kernel reads them, packed or
/// transformed; valid for as long as the weights stand still. Zero for the weight gradient. It does not
/// depend on the batch. Weights are prepared for one instruction set, and read fastest where they are aligned
/// to 64 bytes.
size_t ck_conv_prepared_floats(const ck_conv_shape *shape, ck_conv_direction direction,
                               ck_conv_algorithm algorithm);
void ck_conv_prepare(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                     ck_conv_algorithm algorithm, const float *weight, float *prepared);

/// Bytes of workspace, aligned to 64 bytes, for a pool of `lanes` threads.
size_t ck_conv_workspace_bytes(const ck_conv_shape *shape, ck_conv_direction direction,
                               ck_conv_algorithm algorithm, int lanes);

/// Runs it. The operands and the result by direction:
/// forward: first = large image, second = prepared weights, result = small image;
/// data gradient: first = small image, second = prepared weights, result = large image;
/// weight gradient: first = large image, second = small image, result = weight.
void ck_conv_run(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                 ck_conv_algorithm algorithm, const float *first, const float *second, float *result,
                 const ck_conv_epilogue *epilogue, void *workspace);

/// Multiplications and additions of a direct convolution; the same in all three directions.
double ck_conv_flops(const ck_conv_shape *shape);

#endif

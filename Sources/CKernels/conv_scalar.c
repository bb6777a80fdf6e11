// Convolutions as their definitions say, in double precision: the twin that the fast kernels are tested
// against.

#include "conv_kernel.h"
#include "conv_shape.h"
#include "reference_math.h"

#include <string.h>

/// Σ over the window of one element of the small image.
static double small_element(const ck_conv_shape *s, const float *large, const float *weight, ptrdiff_t image,
                            ptrdiff_t row, ptrdiff_t column, ptrdiff_t channel) {
  ptrdiff_t group_channels = s->large_channels / s->groups;
  ptrdiff_t first_channel = channel / (s->small_channels / s->groups) * group_channels;
  double sum = 0;
  for (ptrdiff_t ky = 0; ky < s->kernel_height; ky++)
    for (ptrdiff_t kx = 0; kx < s->kernel_width; kx++) {
      ptrdiff_t y = row * s->stride_height - s->padding_height + ky * s->dilation_height;
      ptrdiff_t x = column * s->stride_width - s->padding_width + kx * s->dilation_width;
      if (y < 0 || y >= s->large_height || x < 0 || x >= s->large_width) continue;
      const float *pixel = large + ((image * s->large_height + y) * s->large_width + x) * s->large_channels;
      for (ptrdiff_t c = 0; c < group_channels; c++)
        sum +=
            (double)pixel[first_channel + c] *
            (double)weight[((channel * group_channels + c) * s->kernel_height + ky) * s->kernel_width + kx];
    }
  return sum;
}

/// Σ over the small image's elements whose window covers one element of the large image.
static double large_element(const ck_conv_shape *s, const float *small, const float *weight, ptrdiff_t image,
                            ptrdiff_t row, ptrdiff_t column, ptrdiff_t channel) {
  ptrdiff_t group_channels = s->large_channels / s->groups, filters = s->small_channels / s->groups;
  ptrdiff_t group = channel / group_channels, c = channel % group_channels;
  double sum = 0;
  for (ptrdiff_t ky = 0; ky < s->kernel_height; ky++)
    for (ptrdiff_t kx = 0; kx < s->kernel_width; kx++) {
      ptrdiff_t y = row + s->padding_height - ky * s->dilation_height;
      ptrdiff_t x = column + s->padding_width - kx * s->dilation_width;
      if (y < 0 || y % s->stride_height || x < 0 || x % s->stride_width) continue;
      y /= s->stride_height, x /= s->stride_width;
      if (y >= s->small_height || x >= s->small_width) continue;
      const float *pixel = small + ((image * s->small_height + y) * s->small_width + x) * s->small_channels;
      for (ptrdiff_t f = group * filters; f < (group + 1) * filters; f++)
        sum += (double)pixel[f] *
               (double)weight[((f * group_channels + c) * s->kernel_height + ky) * s->kernel_width + kx];
    }
  return sum;
}

/// Σ over all pixels of the small image for one element of the weight.
static double weight_element(const ck_conv_shape *s, const float *large, const float *small, ptrdiff_t filter,
                             ptrdiff_t c, ptrdiff_t ky, ptrdiff_t kx) {
  ptrdiff_t channel = filter / (s->small_channels / s->groups) * (s->large_channels / s->groups) + c;
  double sum = 0;
  for (ptrdiff_t image = 0; image < s->batch; image++)
    for (ptrdiff_t row = 0; row < s->small_height; row++)
      for (ptrdiff_t column = 0; column < s->small_width; column++) {
        ptrdiff_t y = row * s->stride_height - s->padding_height + ky * s->dilation_height;
        ptrdiff_t x = column * s->stride_width - s->padding_width + kx * s->dilation_width;
        if (y < 0 || y >= s->large_height || x < 0 || x >= s->large_width) continue;
        ptrdiff_t from = ((image * s->large_height + y) * s->large_width + x) * s->large_channels;
        ptrdiff_t to = ((image * s->small_height + row) * s->small_width + column) * s->small_channels;
        sum += (double)large[from + channel] * (double)small[to + filter];
      }
  return sum;
}

/// `values` [pixels, channels] → result, by the epilogue.
static void finish_image(ptrdiff_t pixels, ptrdiff_t channels, const double *values, float *result,
                         const ck_conv_epilogue *epilogue) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    double bias = epilogue->bias ? (double)epilogue->bias[c] : 0, sum = 0, squares = 0;
    for (ptrdiff_t i = c; i < pixels * channels; i += channels) sum += values[i] + bias;
    double mean = sum / (double)pixels;
    for (ptrdiff_t i = c; i < pixels * channels; i += channels) {
      double value = values[i] + bias + (epilogue->accumulate ? (double)result[i] : 0);
      squares += (value - mean) * (value - mean);
      result[i] = reference_activation(epilogue->activation, value);
    }
    if (epilogue->mean) {
      epilogue->mean[c] = (float)mean;
      epilogue->variance[c] = (float)(squares / (double)pixels);
    }
  }
}

static void run_image(const ck_conv_shape *s, ck_conv_direction direction, const float *first,
                      const float *second, float *result, const ck_conv_epilogue *epilogue, double *values) {
  bool forward = direction == CK_CONV_FORWARD;
  ptrdiff_t height = forward ? s->small_height : s->large_height;
  ptrdiff_t width = forward ? s->small_width : s->large_width;
  ptrdiff_t channels = conv_result_channels(s, direction), index = 0;
  for (ptrdiff_t image = 0; image < s->batch; image++)
    for (ptrdiff_t row = 0; row < height; row++)
      for (ptrdiff_t column = 0; column < width; column++)
        for (ptrdiff_t channel = 0; channel < channels; channel++)
          values[index++] =
              (forward ? small_element : large_element)(s, first, second, image, row, column, channel);
  finish_image(s->batch * height * width, channels, values, result, epilogue);
}

static void run(ck_pool *pool, const ck_conv_shape *s, ck_conv_direction direction, const float *first,
                const float *second, float *result, const ck_conv_epilogue *epilogue, void *workspace) {
  (void)pool;
  if (direction != CK_CONV_WEIGHT_GRADIENT) {
    run_image(s, direction, first, second, result, epilogue, workspace);
    return;
  }
  float *element = result;
  for (ptrdiff_t filter = 0; filter < s->small_channels; filter++)
    for (ptrdiff_t c = 0; c < s->large_channels / s->groups; c++)
      for (ptrdiff_t ky = 0; ky < s->kernel_height; ky++)
        for (ptrdiff_t kx = 0; kx < s->kernel_width; kx++, element++) {
          double sum = weight_element(s, first, second, filter, c, ky, kx);
          *element = (float)(epilogue->accumulate ? (double)*element + sum : sum);
        }
}

static bool supports(const ck_conv_shape *shape, ck_conv_direction direction) {
  (void)shape, (void)direction;
  return true;
}

static size_t prepared_floats(const ck_conv_shape *shape, ck_conv_direction direction) {
  return direction == CK_CONV_WEIGHT_GRADIENT ? 0 : (size_t)conv_weight_count(shape);
}

static void prepare(ck_pool *pool, const ck_conv_shape *shape, ck_conv_direction direction,
                    const float *weight, float *prepared) {
  (void)pool;
  memcpy(prepared, weight, prepared_floats(shape, direction) * sizeof(float));
}

static size_t workspace_bytes(const ck_conv_shape *shape, ck_conv_direction direction, int lanes) {
  (void)lanes;
  if (direction == CK_CONV_WEIGHT_GRADIENT) return 0;
  return (size_t)conv_result_count(shape, direction) * sizeof(double);
}

const struct ck_conv_kernel ck_conv_scalar = {supports, prepared_floats, prepare, workspace_bytes, run};

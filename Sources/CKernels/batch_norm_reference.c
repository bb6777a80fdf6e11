// Batch normalisation as plain loops over channels, in double precision.

#include "ckernels_batch_norm.h"
#include "reference_math.h"

void ck_batch_norm_statistics_reference(ptrdiff_t rows, ptrdiff_t channels, const float *x, float *mean,
                                        float *variance) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    double sum = 0, squares = 0;
    for (ptrdiff_t r = 0; r < rows; r++) sum += (double)x[r * channels + c];
    double center = sum / (double)rows;
    for (ptrdiff_t r = 0; r < rows; r++) {
      double d = (double)x[r * channels + c] - center;
      squares += d * d;
    }
    mean[c] = (float)center;
    variance[c] = (float)(squares / (double)rows);
  }
}

/// What the formulas read of one channel.
struct channel {
  double mean, inverse_deviation, weight, bias;
};

static struct channel read_channel(ptrdiff_t c, const float *mean, const float *variance, const float *weight,
                                   const float *bias, float eps) {
  return (struct channel){(double)mean[c], 1 / sqrt((double)variance[c] + (double)eps),
                          weight ? (double)weight[c] : 1, bias ? (double)bias[c] : 0};
}

void ck_batch_norm_normalize_reference(ptrdiff_t rows, ptrdiff_t channels, const float *x, const float *mean,
                                       const float *variance, const float *weight, const float *bias,
                                       float eps, ck_activation activation, float *y) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    struct channel k = read_channel(c, mean, variance, weight, bias, eps);
    for (ptrdiff_t i = c; i < rows * channels; i += channels)
      y[i] = reference_activation(activation,
                                  ((double)x[i] - k.mean) * k.inverse_deviation * k.weight + k.bias);
  }
}

void ck_batch_norm_backward_reduce_reference(ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                             const float *x, const float *mean, const float *variance,
                                             const float *weight, const float *bias, float eps,
                                             ck_activation activation, float *dbias, float *dweight) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    struct channel k = read_channel(c, mean, variance, weight, bias, eps);
    double sum = 0, product = 0;
    for (ptrdiff_t i = c; i < rows * channels; i += channels) {
      double xhat = ((double)x[i] - k.mean) * k.inverse_deviation;
      double g = (double)dy[i] * reference_activation_derivative(activation, xhat * k.weight + k.bias);
      sum += g;
      product += g * xhat;
    }
    dbias[c] = (float)sum;
    dweight[c] = (float)product;
  }
}

void ck_batch_norm_backward_apply_reference(ptrdiff_t rows, ptrdiff_t channels, const float *dy,
                                            const float *x, const float *mean, const float *variance,
                                            const float *weight, const float *bias, float eps,
                                            ck_activation activation, const float *dbias,
                                            const float *dweight, float *dx) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    struct channel k = read_channel(c, mean, variance, weight, bias, eps);
    double mean_g = (double)dbias[c] / (double)rows, mean_product = (double)dweight[c] / (double)rows;
    for (ptrdiff_t i = c; i < rows * channels; i += channels) {
      double xhat = ((double)x[i] - k.mean) * k.inverse_deviation;
      double g = (double)dy[i] * reference_activation_derivative(activation, xhat * k.weight + k.bias);
      dx[i] = (float)(k.weight * k.inverse_deviation * (g - mean_g - xhat * mean_product));
    }
  }
}

// The mean and variance of a convolution's result, channel by channel, gathered while it is written.
#ifndef CONV_MOMENTS_H
#define CONV_MOMENTS_H

#include <stddef.h>

/// The moments of the parts that a result is cut into: part p has counts[p] pixels, and in channel c the mean
/// means[p·channels + c] and the sum of squared deviations from it squares[p·channels + c]. Parts are cut by
/// the shape alone. NULL pointers when nobody asks.
struct ck_conv_moments {
  ptrdiff_t parts, channels;
  double *counts;
  float *means, *squares;
};

size_t ck_conv_moments_bytes(ptrdiff_t parts, ptrdiff_t channels);

/// Moments in `memory`, which is aligned to 64 bytes; every part empty.
struct ck_conv_moments ck_conv_moments_begin(ptrdiff_t parts, ptrdiff_t channels, void *memory);

/// The mean and the biased variance over all parts.
void ck_conv_moments_combine(const struct ck_conv_moments *moments, float *mean, float *variance);

#endif

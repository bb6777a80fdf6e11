// Combining the moments of a result's parts, in double precision and in the parts' order.
// Source: Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983.

#include "conv_moments.h"
#include "conv_shape.h"

#include <string.h>

enum {
  CACHE_LINE = 64,
  /// Channels that are combined side by side.
  CHANNELS_AT_A_TIME = 64,
};

static size_t counts_bytes(ptrdiff_t parts) {
  return (size_t)conv_round_up(parts * (ptrdiff_t)sizeof(double), CACHE_LINE);
}

size_t ck_conv_moments_bytes(ptrdiff_t parts, ptrdiff_t channels) {
  ptrdiff_t bytes = 2 * parts * channels * (ptrdiff_t)sizeof(float);
  return counts_bytes(parts) + (size_t)conv_round_up(bytes, CACHE_LINE);
}

struct ck_conv_moments ck_conv_moments_begin(ptrdiff_t parts, ptrdiff_t channels, void *memory) {
  float *means = (float *)((char *)memory + counts_bytes(parts));
  memset(memory, 0, (size_t)parts * sizeof(double));
  return (struct ck_conv_moments){parts, channels, memory, means, means + parts * channels};
}

static void combine_channels(const struct ck_conv_moments *m, double total, struct ck_range channels, float *mean,
                             float *variance) {
  double centers[CHANNELS_AT_A_TIME] = {0}, squares[CHANNELS_AT_A_TIME] = {0};
  for (ptrdiff_t p = 0; p < m->parts; p++) {
    if (m->counts[p] == 0) continue;
    const float *means = m->means + p * m->channels + channels.start;
    for (ptrdiff_t c = 0; c < channels.count; c++) centers[c] += m->counts[p] * (double)means[c];
  }
  for (ptrdiff_t c = 0; c < channels.count; c++) centers[c] /= total;
  for (ptrdiff_t p = 0; p < m->parts; p++) {
    if (m->counts[p] == 0) continue;
    ptrdiff_t at = p * m->channels + channels.start;
    for (ptrdiff_t c = 0; c < channels.count; c++) {
      double d = (double)m->means[at + c] - centers[c];
      squares[c] += (double)m->squares[at + c] + m->counts[p] * d * d;
    }
  }
  for (ptrdiff_t c = 0; c < channels.count; c++) {
    mean[channels.start + c] = (float)centers[c];
    variance[channels.start + c] = (float)(squares[c] / total);
  }
}

void ck_conv_moments_combine(const struct ck_conv_moments *m, float *mean, float *variance) {
  double total = 0;
  for (ptrdiff_t p = 0; p < m->parts; p++) total += m->counts[p];
  for (ptrdiff_t c = 0; c < m->channels; c += CHANNELS_AT_A_TIME)
    combine_channels(m, total, (struct ck_range){c, ck_lower(CHANNELS_AT_A_TIME, m->channels - c)}, mean, variance);
}

// Fetching an image's pixels into the caches while something else is computed. Transforms visit pixels in an
// order that the processor does not foresee; products leave it the time to wait for them.
#ifndef LOOKAHEAD_H
#define LOOKAHEAD_H

#include "chunks.h"

/// Pixels that are still to be fetched: of each the first `bytes`, `pixel_bytes` apart, some pixels at a time.
struct lookahead {
  const char *next;
  ptrdiff_t pixels, pixel_bytes, bytes, at_a_time;
};

/// The pixels from `first` to before `end`, of which `count` channels from `channel` on are read, in equal parts
/// for so many calls.
static inline struct lookahead ck_look_ahead(const float *image, ptrdiff_t channels, ptrdiff_t first,
                                             ptrdiff_t end, struct ck_range read, ptrdiff_t calls) {
  ptrdiff_t size = (ptrdiff_t)sizeof(float), pixels = ck_higher(end - first, 0);
  return (struct lookahead){(const char *)(image + first * channels + read.start), pixels, channels * size,
                            read.count * size, ck_quotient_up(pixels, ck_higher(calls, 1))};
}

static inline void ck_prefetch_some(struct lookahead *ahead) {
  const ptrdiff_t line = 64;
  ptrdiff_t pixels = ck_lower(ahead->at_a_time, ahead->pixels);
  for (ptrdiff_t i = 0; i < pixels; i++, ahead->next += ahead->pixel_bytes)
    for (ptrdiff_t byte = 0; byte < ahead->bytes; byte += line) __builtin_prefetch(ahead->next + byte, 0, 2);
  ahead->pixels -= pixels;
}

/// Fetches floats that will be written, from another core's cache if they lie there. Processors without an
/// instruction for it take it for a no-op.
static inline void ck_prefetch_for_write(const float *to, ptrdiff_t count) {
  const ptrdiff_t line = 64 / (ptrdiff_t)sizeof(float);
  for (ptrdiff_t i = 0; i < count; i += line) __builtin_prefetch(to + i, 1, 3);
  // The last line, where the first one is not read from its start.
  __builtin_prefetch(to + count - 1, 1, 3);
}

#endif

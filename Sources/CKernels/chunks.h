// Cutting a kernel's work into tasks. Boundaries inside of a sum depend on the shape alone, never on the number of
// threads.
#ifndef CHUNKS_H
#define CHUNKS_H

#include <stddef.h>

enum {
  /// Elements of one task of an element-wise kernel: 64 KiB an operand, some microseconds.
  CK_CHUNK = 16384,
};

static inline ptrdiff_t ck_lower(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t ck_higher(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

/// a / b rounded up.
static inline ptrdiff_t ck_quotient_up(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

/// A part of a run of elements or rows.
struct ck_range {
  ptrdiff_t start, count;
};

/// Part number `index` of `count` elements in parts of `size`, the last of which may be shorter.
static inline struct ck_range ck_part(ptrdiff_t count, ptrdiff_t size, ptrdiff_t index) {
  ptrdiff_t start = index * size;
  return (struct ck_range){start, ck_lower(size, count - start)};
}

#endif

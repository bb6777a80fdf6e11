// Kernels whose results are whole rows: a task makes some rows, or one column of blocks of all rows that
// depend on each other.

#include "ckernels_rows.h"
#include "chunks.h"
#include "loops.h"

#include <math.h>
#include <string.h>

enum {
  /// Elements of a row that are worked on at a time.
  PIECE = 512,
};

/// Rows of a task: about a chunk of elements.
static ptrdiff_t rows_of_task(ptrdiff_t columns) { return ck_higher(1, CK_CHUNK / ck_higher(1, columns)); }

// Softmax.

struct softmax {
  const struct ck_loops *loops;
  ptrdiff_t rows, columns, rows_of_task;
  bool is_log;
  const float *x;
  float *y;
};

static void softmax_row(const struct softmax *k, const float *x, float *y) {
  const struct ck_loops *loops = k->loops;
  float largest = x[0];
  for (ptrdiff_t i = 1; i < k->columns; i++) largest = x[i] > largest ? x[i] : largest;
  loops->affine(k->columns, 1, -largest, x, x, y);
  double sum = 0;
  float piece[PIECE];
  for (ptrdiff_t i = 0; i < k->columns; i += PIECE) {
    ptrdiff_t count = ck_lower(PIECE, k->columns - i);
    float *to = k->is_log ? piece : y + i;
    loops->unary[CK_UNARY_EXP](count, 0, 0, y + i, y + i, to);
    sum += loops->sum(count, to);
  }
  if (k->is_log)
    loops->affine(k->columns, 1, (float)-log(sum), y, y, y);
  else
    loops->affine(k->columns, (float)(1 / sum), 0, y, y, y);
}

static void run_softmax(void *context, int task, int lane) {
  (void)lane;
  const struct softmax *k = context;
  struct ck_range rows = ck_part(k->rows, k->rows_of_task, task);
  for (ptrdiff_t row = rows.start; row < rows.start + rows.count; row++)
    softmax_row(k, k->x + row * k->columns, k->y + row * k->columns);
}

void ck_softmax(ck_pool *pool, ptrdiff_t rows, ptrdiff_t columns, bool is_log, const float *x, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_softmax_reference(rows, columns, is_log, x, y);
    return;
  }
  struct softmax k = {loops, rows, columns, rows_of_task(columns), is_log, x, y};
  ck_pool_run(pool, (int)ck_quotient_up(rows, k.rows_of_task), run_softmax, &k);
}

// One-hot rows.

struct one_hot {
  ptrdiff_t count, classes, rows_of_task;
  const float *labels;
  float *y;
};

static void run_one_hot(void *context, int task, int lane) {
  (void)lane;
  const struct one_hot *k = context;
  struct ck_range rows = ck_part(k->count, k->rows_of_task, task);
  for (ptrdiff_t row = rows.start; row < rows.start + rows.count; row++) {
    float label = k->labels[row], *y = k->y + row * k->classes;
    bool is_class = label >= 0 && label < (float)k->classes && label == floorf(label);
    for (ptrdiff_t i = 0; i < k->classes; i++) y[i] = is_class ? 0 : NAN;
    if (is_class) y[(ptrdiff_t)label] = 1;
  }
}

void ck_one_hot(ck_pool *pool, ptrdiff_t count, ptrdiff_t classes, const float *labels, float *y) {
  struct one_hot k = {count, classes, rows_of_task(classes), labels, y};
  ck_pool_run(pool, (int)ck_quotient_up(count, k.rows_of_task), run_one_hot, &k);
}

// Images moved by whole pixels.

struct translation {
  ptrdiff_t height, width, channels;
  bool back;
  const float *x, *down, *right;
  float *y;
};

/// A whole number of pixels, at most `extent` of them either way: by that much or by no number, nothing is left.
static ptrdiff_t shift_of(float pixels, bool back, ptrdiff_t extent) {
  if (!(fabsf(pixels) < (float)extent)) return extent;
  return back ? -(ptrdiff_t)pixels : (ptrdiff_t)pixels;
}

static void run_translate(void *context, int image, int lane) {
  (void)lane;
  const struct translation *k = context;
  ptrdiff_t down = shift_of(k->down[image], k->back, k->height);
  ptrdiff_t right = shift_of(k->right[image], k->back, k->width);
  ptrdiff_t row_floats = k->width * k->channels, count = k->height * row_floats;
  const float *x = k->x + image * count;
  float *y = k->y + image * count;
  ptrdiff_t left_zeros = right > 0 ? right : 0, right_zeros = right < 0 ? -right : 0;
  ptrdiff_t kept = (k->width - left_zeros - right_zeros) * k->channels;
  for (ptrdiff_t row = 0; row < k->height; row++, y += row_floats) {
    ptrdiff_t from = row - down;
    if (from < 0 || from >= k->height || kept <= 0) {
      memset(y, 0, (size_t)row_floats * sizeof(float));
      continue;
    }
    memset(y, 0, (size_t)(left_zeros * k->channels) * sizeof(float));
    memcpy(y + left_zeros * k->channels, x + from * row_floats + right_zeros * k->channels,
           (size_t)kept * sizeof(float));
    memset(y + row_floats - right_zeros * k->channels, 0, (size_t)(right_zeros * k->channels) * sizeof(float));
  }
}

void ck_translate(ck_pool *pool, ptrdiff_t batch, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels,
                  bool back, const float *x, const float *down, const float *right, float *y) {
  struct translation k = {height, width, channels, back, x, down, right, y};
  ck_pool_run(pool, (int)batch, run_translate, &k);
}

// Windows of an axis.

void ck_window(ck_pool *pool, ptrdiff_t batch, ptrdiff_t extent, ptrdiff_t size, const float *centre, float *y) {
  (void)pool;
  for (ptrdiff_t image = 0; image < batch; image++)
    for (ptrdiff_t place = 0; place < extent; place++) {
      float beyond = (float)place - (centre[image] - (float)(size / 2));
      *y++ = beyond >= 0 && beyond < (float)size ? 1 : 0;
    }
}

// Means over groups of images.

struct group_mean {
  const struct ck_loops *loops;
  ptrdiff_t groups, group, count, parts;
  const float *x;
  float *y;
};

static void run_group_mean(void *context, int task, int lane) {
  (void)lane;
  const struct group_mean *k = context;
  struct ck_range part = ck_part(k->count, CK_CHUNK, task % k->parts);
  ptrdiff_t first = task / k->parts * k->count + part.start, step = k->groups * k->count;
  // The first image's place takes the sum; the others are only written once all have been read.
  float *mean = k->y + first;
  if (k->x != k->y) memcpy(mean, k->x + first, (size_t)part.count * sizeof(float));
  for (ptrdiff_t i = 1; i < k->group; i++)
    k->loops->binary[CK_BINARY_ADD](part.count, 0, 0, mean, k->x + first + i * step, mean);
  k->loops->affine(part.count, 1 / (float)k->group, 0, mean, mean, mean);
  for (ptrdiff_t i = 1; i < k->group; i++)
    memcpy(k->y + first + i * step, mean, (size_t)part.count * sizeof(float));
}

void ck_group_mean(ck_pool *pool, ptrdiff_t batch, ptrdiff_t count, ptrdiff_t group, const float *x, float *y) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_group_mean_reference(batch, count, group, x, y);
    return;
  }
  struct group_mean k = {loops, batch / group, group, count, ck_quotient_up(count, CK_CHUNK), x, y};
  ck_pool_run(pool, (int)(k.groups * k.parts), run_group_mean, &k);
}

// Interpolation.

struct interpolation {
  ck_interpolation shape;
  ptrdiff_t rows_of_task, parts;
  const float *from;
  float *to;
};

struct place {
  ptrdiff_t first, second;
  float share;
};

/// Where pixel `index` of the large axis lies on the small one.
static struct place place_of(const ck_interpolation *s, ptrdiff_t index) {
  double position;
  if (s->align_corners)
    position = s->large > 1 ? (double)index * (double)(s->small - 1) / (double)(s->large - 1) : 0;
  else
    position = fmax(((double)index + 0.5) * (double)s->small / (double)s->large - 0.5, 0);
  ptrdiff_t first = ck_lower((ptrdiff_t)position, s->small - 1);
  return (struct place){first, ck_lower(first + 1, s->small - 1), (float)(position - (double)first)};
}

static void run_interpolation(void *context, int task, int lane) {
  (void)lane;
  const struct interpolation *k = context;
  const ck_interpolation *s = &k->shape;
  struct ck_range rows = ck_part(s->outer * s->large, k->rows_of_task, task);
  for (ptrdiff_t row = rows.start; row < rows.start + rows.count; row++) {
    struct place place = place_of(s, row % s->large);
    const float *image = k->from + row / s->large * s->small * s->inner;
    const float *a = image + place.first * s->inner, *b = image + place.second * s->inner;
    float *y = k->to + row * s->inner, share = place.share, rest = 1 - share;
    for (ptrdiff_t i = 0; i < s->inner; i++) y[i] = rest * a[i] + share * b[i];
  }
}

void ck_interpolate(ck_pool *pool, const ck_interpolation *shape, const float *x, float *y) {
  if (!ck_loops_current()) {
    ck_interpolate_reference(shape, x, y);
    return;
  }
  struct interpolation k = {*shape, rows_of_task(shape->inner), 0, x, y};
  ck_pool_run(pool, (int)ck_quotient_up(shape->outer * shape->large, k.rows_of_task), run_interpolation, &k);
}

static void run_interpolation_adjoint(void *context, int task, int lane) {
  (void)lane;
  const struct interpolation *k = context;
  const ck_interpolation *s = &k->shape;
  struct ck_range part = ck_part(s->inner, CK_CHUNK, task % k->parts);
  ptrdiff_t outer = task / k->parts;
  float *image = k->to + outer * s->small * s->inner + part.start;
  for (ptrdiff_t row = 0; row < s->small; row++)
    memset(image + row * s->inner, 0, (size_t)part.count * sizeof(float));
  for (ptrdiff_t row = 0; row < s->large; row++) {
    struct place place = place_of(s, row);
    const float *dy = k->from + (outer * s->large + row) * s->inner + part.start;
    float *a = image + place.first * s->inner, *b = image + place.second * s->inner;
    float share = place.share, rest = 1 - share;
    for (ptrdiff_t i = 0; i < part.count; i++) a[i] += rest * dy[i];
    for (ptrdiff_t i = 0; i < part.count; i++) b[i] += share * dy[i];
  }
}

void ck_interpolate_adjoint(ck_pool *pool, const ck_interpolation *shape, const float *dy, float *dx) {
  if (!ck_loops_current()) {
    ck_interpolate_adjoint_reference(shape, dy, dx);
    return;
  }
  struct interpolation k = {*shape, 0, ck_quotient_up(shape->inner, CK_CHUNK), dy, dx};
  ck_pool_run(pool, (int)(shape->outer * k.parts), run_interpolation_adjoint, &k);
}

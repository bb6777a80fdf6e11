// Weight gradients as sums of outer products: over all pixels (or tiles) of the small image, the channels of
// the small image times what the large image has for them.
#ifndef VECTOR_CONV_OUTER_H
#define VECTOR_CONV_OUTER_H

#include "conv_axis.h"
#include "vector_conv_tile.h"
#include "vector_transpose.h"

enum {
  /// Sums of no more floats than this stay in a second level cache beside what is multiplied.
  SUM_FLOATS = 3 << 16,
  /// And of more sums, so many at a time.
  BLOCK_SUM_FLOATS = 3 << 15,
  /// Floats of operands that a lane gathers before it multiplies them: with few sums, and with many.
  OPERAND_FLOATS = 1 << 17,
  BLOCK_OPERAND_FLOATS = 1 << 18,
  LEAST_STEPS = 96,
  /// The most parts that the sum is cut into.
  MOST_SPLITS = 16,
  /// Steps that a tile takes at a time: its operands then come from the first two levels of the cache.
  STEP_BLOCK = 256,
  /// Planes are kept off powers of two, whose addresses would compete for the same places in the caches.
  OUTER_PLANE_PADDING = 48,
  /// Many sums: vectors of the large operand that are gathered at a time. The transforms read a pixel's
  /// channels a line or more at a time then.
  LEAST_BLOCK_VECTORS = 64 / WIDTH,
  /// Multiplications of vectors that take as long as gathering one.
  GATHERED_COST = 12,
};

struct outer;

/// Gathers some vectors of an operand's `steps` into planes [vector][point][step][WIDTH], or as
/// `outer.is_flat` says. In bf16, `gather_operand` makes words of what it gathered.
typedef void (*outer_gather)(const struct outer *outer, struct ck_range steps, struct ck_range vectors,
                             float *planes, float *scratch);

/// Sums of products: [point][row][vector·WIDTH], the rows from `rows.start` and the vectors from
/// `vectors.start` on.
struct outer_sums {
  const float *values;
  ptrdiff_t row, plane;
  /// Several sums that make up the result, `split` floats apart.
  ptrdiff_t splits, split;
  struct ck_range rows, vectors;
};

/// The sum over all splits.
INLINE vfloat total(const struct outer_sums *sums, ptrdiff_t at) {
  vfloat sum = load(sums->values + at);
  for (ptrdiff_t i = 1; i < sums->splits; i++) sum += load(sums->values + at + i * sums->split);
  return sum;
}

/// to [channel][tap] (+)= taps[tap][channel], for `channels` ≤ WIDTH.
static void store_taps(const vfloat *values, ptrdiff_t taps, ptrdiff_t channels, float *to, bool accumulate) {
  for (ptrdiff_t tap = 0; tap < taps; tap += WIDTH) {
    ptrdiff_t count = ck_lower(WIDTH, taps - tap);
    vfloat rows[WIDTH];
    for (ptrdiff_t i = 0; i < WIDTH; i++) rows[i] = i < count ? values[tap + i] : splat(0);
    transpose_vectors(rows);
    for (ptrdiff_t c = 0; c < channels; c++) {
      float *element = to + c * taps + tap;
      store_some(element, count, accumulate ? rows[c] + load_some(element, count) : rows[c]);
    }
  }
}

typedef void (*outer_finish)(const struct outer *outer, const struct outer_sums *sums, float *weight,
                             bool accumulate);

/// The weight gradient of one group.
struct outer {
  const ck_conv_shape *shape;
  struct ck_conv_axis y, x;
  const float *large, *small;
  /// The group's first filter (channel of the small image) and number of filters: the rows.
  ptrdiff_t first_filter, rows;
  /// The group's first channel of the large image and number of channels.
  ptrdiff_t first_channel, channels;
  /// Pixels or tiles.
  ptrdiff_t steps;
  ptrdiff_t points;
  /// Vectors of columns, and how many of them in a row have to be finished together.
  ptrdiff_t vectors, granule;
  /// Whether the large operand is [step][vectors·WIDTH], and whether the small one is read where it lies.
  bool is_flat, is_in_place;
  outer_gather gather_large, gather_small;
  outer_finish finish;
  ptrdiff_t scratch_floats;

  /// Steps that are gathered at a time; words between planes.
  ptrdiff_t chunk, plane;
};

static ptrdiff_t row_vectors(const struct outer *o) { return ck_quotient_up(o->rows, WIDTH); }

/// Elements of so many vectors of an operand in one step.
static ptrdiff_t large_step(const struct outer *o, ptrdiff_t vectors) { return o->points * vectors * WIDTH; }
static ptrdiff_t small_step(const struct outer *o, ptrdiff_t vectors) {
  return o->is_in_place ? 0 : o->points * vectors * WIDTH;
}

/// Cuts the steps into equal chunks of about so many words.
static void cut_steps(struct outer *o, ptrdiff_t floats, ptrdiff_t step_elements) {
  ptrdiff_t most = ck_higher(floats * WORD_ELEMENTS / step_elements, LEAST_STEPS);
  ptrdiff_t chunks = ck_quotient_up(o->steps, most);
  o->chunk = conv_round_up(ck_quotient_up(o->steps, chunks), DEPTH_GRANULE);
  o->plane = words(o->chunk) * WIDTH + OUTER_PLANE_PADDING;
}

static ptrdiff_t large_floats(const struct outer *o, ptrdiff_t vectors) {
  return o->points * vectors * o->plane;
}
static ptrdiff_t small_floats(const struct outer *o, ptrdiff_t vectors) {
  return o->is_in_place ? 0 : o->points * vectors * o->plane;
}

/// Floats that a bf16 operand's next few steps take before they are rounded: they stay in the first level
/// cache, where no more vectors than these have to be gathered together.
static ptrdiff_t unrounded_floats(const struct outer *o) {
  const ptrdiff_t usual = 3 << 11;
  ptrdiff_t vectors = ck_higher(o->granule, row_vectors(o));
  return IS_BF16 ? ck_higher(usual, WORD_ELEMENTS * vectors * o->points * WIDTH) : 0;
}

static ptrdiff_t gather_scratch_floats(const struct outer *o) {
  return o->scratch_floats + unrounded_floats(o);
}

/// Gathers vectors of an operand, so many of which belong together. In bf16, two steps in a row are a pair;
/// the last may lack its second, and what fills up the depth is zero.
static void gather_operand(const struct outer *o, outer_gather gather, bool is_flat, ptrdiff_t granule,
                           struct ck_range steps, struct ck_range vectors, float *planes, float *scratch) {
  if (!IS_BF16) {
    gather(o, steps, vectors, planes, scratch);
    return;
  }
  float *floats = scratch + o->scratch_floats;
  ptrdiff_t step_floats = o->points * WIDTH, room = unrounded_floats(o);
  ptrdiff_t most = ck_higher(room / (WORD_ELEMENTS * step_floats) / granule, 1) * granule;
  for (ptrdiff_t v = 0; v < vectors.count; v += most) {
    ptrdiff_t taken = ck_lower(most, vectors.count - v), count = taken * o->points;
    ptrdiff_t at_a_time = room / (count * WIDTH) / WORD_ELEMENTS * WORD_ELEMENTS;
    struct outer block = *o;
    block.plane = at_a_time * WIDTH;
    ptrdiff_t plane = is_flat ? WIDTH : block.plane, step = is_flat ? taken * WIDTH : WIDTH;
    ptrdiff_t to_plane = is_flat ? WIDTH : o->plane;
    for (ptrdiff_t t = 0; t < steps.count; t += at_a_time) {
      struct ck_range some = {steps.start + t, ck_lower(at_a_time, steps.count - t)};
      gather(&block, some, (struct ck_range){vectors.start + v, taken}, floats, scratch);
      float *to = planes + v * o->points * to_plane + t / WORD_ELEMENTS * step;
      for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t s = 0; s < some.count; s += WORD_ELEMENTS) {
          const float *from = floats + i * plane + s * step;
          vfloat second = s + 1 < some.count ? load(from + step) : splat(0);
          store(to + i * to_plane + s / WORD_ELEMENTS * step, pairs_of(load(from), second));
        }
    }
    float *to = planes + v * o->points * to_plane;
    for (ptrdiff_t word = ck_quotient_up(steps.count, WORD_ELEMENTS); word < words(steps.count); word++)
      for (ptrdiff_t i = 0; i < count; i++) store(to + i * to_plane + word * step, splat(0));
  }
}

static void gather_large(const struct outer *o, struct ck_range steps, struct ck_range vectors, float *planes,
                         float *scratch) {
  gather_operand(o, o->gather_large, o->is_flat, o->granule, steps, vectors, planes, scratch);
}

static void gather_small(const struct outer *o, struct ck_range steps, struct ck_range vectors, float *planes,
                         float *scratch) {
  gather_operand(o, o->gather_small, false, vectors.count, steps, vectors, planes, scratch);
  if (!HAS_AMX) return;
  // Its channels are rows of tiles: a square of words after the other changes sides.
  for (ptrdiff_t plane = 0; plane < vectors.count * o->points; plane++)
    for (ptrdiff_t word = 0; word < words(steps.count); word += WIDTH) {
      float *square = planes + plane * o->plane + word * WIDTH;
      vfloat rows[WIDTH];
      for (int i = 0; i < WIDTH; i++) rows[i] = load(square + i * WIDTH);
      transpose_vectors(rows);
      for (int i = 0; i < WIDTH; i++) store(square + i * WIDTH, rows[i]);
    }
}

/// The distance of rows of sums, off powers of two.
static ptrdiff_t sums_row(ptrdiff_t vectors) { return (vectors + 1) * WIDTH; }
static ptrdiff_t sums_plane(ptrdiff_t rows, ptrdiff_t vectors) {
  return conv_round_up(rows, OUTER_ROWS) * sums_row(vectors);
}
static ptrdiff_t sums_floats(const struct outer *o, ptrdiff_t rows, ptrdiff_t vectors) {
  return o->points * sums_plane(rows, vectors);
}

/// sums (+)= the products of the first `steps` of gathered operands, for some rows and all gathered vectors.
/// `small` is the image's first gathered step where it is read in place.
static void multiply_planes(const struct outer *o, ptrdiff_t steps, const float *large, const float *small,
                            struct ck_range rows, ptrdiff_t vectors, float *sums, bool accumulates) {
  ptrdiff_t b_vector = o->is_flat ? WIDTH : o->points * o->plane;
  ptrdiff_t b_step = o->is_flat ? vectors * WIDTH : WIDTH;
  ptrdiff_t a_step = o->is_in_place ? o->shape->small_channels : WIDTH;
  ptrdiff_t c_row = sums_row(vectors), c_plane = sums_plane(rows.count, vectors);
  ptrdiff_t depth = words(steps);
  for (ptrdiff_t point = 0; point < o->points; point++)
    for (ptrdiff_t t = 0; t < depth; t += STEP_BLOCK) {
      ptrdiff_t count = ck_lower(STEP_BLOCK, depth - t), taken;
      for (ptrdiff_t v = 0; v < vectors; v += taken) {
        taken = outer_vectors(vectors - v);
        const float *b = large + v * b_vector + point * o->plane + t * b_step;
        for (ptrdiff_t r = 0; r < rows.count; r += OUTER_ROWS) {
          ptrdiff_t row = rows.start + r;
          const float *a = o->is_in_place ? small + row + t * a_step
                                          : small + (row / WIDTH * o->points + point) * o->plane +
                                                row % WIDTH + t * a_step;
          multiply_outer(taken, count, a, a_step, b, b_vector, b_step,
                         sums + point * c_plane + r * c_row + v * WIDTH, c_row, accumulates || t > 0);
        }
      }
    }
}

static const float *small_operand(const struct outer *o, ptrdiff_t step, const float *gathered) {
  return o->is_in_place ? o->small + step * o->shape->small_channels + o->first_filter : gathered;
}

/// A run over one group.
struct outer_run {
  struct outer outer;
  float *weight;
  bool accumulate;
  float *lanes;
  ptrdiff_t lane_floats;
  /// Few sums: `splits` of them, each over `split_chunks` chunks.
  ptrdiff_t splits, split_chunks;
  float *sums;
  /// Many: vectors and rows of the sums that a task takes, and that it multiplies at a time.
  ptrdiff_t task_vectors, block_vectors, task_rows, block_rows;
};

static bool has_few_sums(const struct outer *o) { return sums_floats(o, o->rows, o->vectors) <= SUM_FLOATS; }

// Few sums: a task gathers and multiplies its part of the steps chunk by chunk; the parts' sums are added in
// order at last.

static void plan_splits(struct outer_run *run) {
  struct outer *o = &run->outer;
  ptrdiff_t step = large_step(o, o->vectors) + small_step(o, row_vectors(o));
  ptrdiff_t least = ck_higher(ck_lower(MOST_SPLITS, o->steps / LEAST_STEPS), 1);
  cut_steps(o, ck_lower(OPERAND_FLOATS, words(ck_quotient_up(o->steps, least)) * step), step);
  ptrdiff_t chunks = ck_quotient_up(o->steps, o->chunk);
  run->split_chunks = ck_quotient_up(chunks, MOST_SPLITS);
  run->splits = ck_quotient_up(chunks, run->split_chunks);
  run->lane_floats =
      conv_round_up(large_floats(o, o->vectors) + small_floats(o, row_vectors(o)) + gather_scratch_floats(o), 16);
}

static void split_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  float *large = run->lanes + lane * run->lane_floats, *small = large + large_floats(o, o->vectors);
  float *scratch = small + small_floats(o, row_vectors(o));
  float *sums = run->sums + task * sums_floats(o, o->rows, o->vectors);
  begin_products();
  for (ptrdiff_t i = 0; i < run->split_chunks; i++) {
    struct ck_range steps = ck_part(o->steps, o->chunk, task * run->split_chunks + i);
    if (steps.count <= 0) break;
    gather_large(o, steps, (struct ck_range){0, o->vectors}, large, scratch);
    if (!o->is_in_place) gather_small(o, steps, (struct ck_range){0, row_vectors(o)}, small, scratch);
    multiply_planes(o, steps.count, large, small_operand(o, steps.start, small),
                    (struct ck_range){0, o->rows}, o->vectors, sums, i > 0);
  }
  end_products();
}

static void finish_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  (void)lane;
  struct ck_range rows = ck_part(o->rows, OUTER_ROWS, task);
  ptrdiff_t row = sums_row(o->vectors);
  struct outer_sums sums = {run->sums + rows.start * row,
                            row,
                            sums_plane(o->rows, o->vectors),
                            run->splits,
                            sums_floats(o, o->rows, o->vectors),
                            rows,
                            {0, o->vectors}};
  o->finish(o, &sums, run->weight, run->accumulate);
}

// Many sums: they are cut in both dimensions, and a task gathers what its part needs of both operands. Some is
// gathered more than once; but memory that one lane writes and another reads would take longer where the two
// share no cache. Each sum is one task's, whole: so the cut may follow the number of lanes, and the bits do not.

/// Parts of a dimension in steps of `granule`, for up to so many tasks.
static ptrdiff_t part_size(ptrdiff_t count, ptrdiff_t parts, ptrdiff_t granule) {
  return conv_round_up(ck_quotient_up(count, parts), granule);
}

static ptrdiff_t vector_parts(const struct outer_run *run) {
  return ck_quotient_up(run->outer.vectors, run->task_vectors);
}
static ptrdiff_t row_parts(const struct outer_run *run) {
  return ck_quotient_up(run->outer.rows, run->task_rows);
}

/// Multiplications of vectors, a step and point, that the busiest lane has to do.
static ptrdiff_t cut_cost(const struct outer_run *run, int lanes) {
  ptrdiff_t rounds = ck_quotient_up(vector_parts(run) * row_parts(run), lanes);
  ptrdiff_t gathered = run->task_vectors + run->task_rows / WIDTH;
  return rounds * (run->task_rows * run->task_vectors + GATHERED_COST * gathered);
}

/// Cuts the sums into the tasks that the lanes do in the shortest time.
static void cut_sums(struct outer_run *run, int lanes) {
  const struct outer *o = &run->outer;
  struct outer_run best = {.task_vectors = 0};
  for (ptrdiff_t vector_cut = 1; vector_cut <= 2 * lanes; vector_cut++)
    for (ptrdiff_t row_cut = 1; row_cut * vector_cut <= 2 * lanes; row_cut++) {
      run->task_vectors = part_size(o->vectors, vector_cut, run->block_vectors);
      run->task_rows = part_size(o->rows, row_cut, WIDTH);
      if (!best.task_vectors || cut_cost(run, lanes) < cut_cost(&best, lanes)) best = *run;
    }
  *run = best;
}

static void plan_blocks(struct outer_run *run, int lanes) {
  struct outer *o = &run->outer;
  o->is_in_place = false;
  run->block_vectors = ck_lower(o->vectors, conv_round_up(LEAST_BLOCK_VECTORS, o->granule));
  cut_sums(run, lanes);
  ptrdiff_t rows = BLOCK_SUM_FLOATS / (o->points * sums_row(run->block_vectors));
  run->block_rows = ck_lower(ck_higher(rows / WIDTH, 1) * WIDTH, run->task_rows);
  cut_steps(o, BLOCK_OPERAND_FLOATS, large_step(o, run->block_vectors));
  run->lane_floats = conv_round_up(small_floats(o, run->task_rows / WIDTH) + large_floats(o, run->block_vectors) +
                                       sums_floats(o, run->block_rows, run->block_vectors) +
                                       gather_scratch_floats(o),
                                   16);
}

/// Multiplies a block of vectors with all rows of the task, whose small operand is gathered.
static void add_block(const struct outer_run *run, struct ck_range steps, struct ck_range vectors,
                      struct ck_range task_rows, const float *small, float *large) {
  const struct outer *o = &run->outer;
  float *values = large + large_floats(o, run->block_vectors);
  gather_large(o, steps, vectors, large, values + sums_floats(o, run->block_rows, run->block_vectors));
  for (ptrdiff_t first = 0; first < task_rows.count; first += run->block_rows) {
    struct ck_range rows = {first, ck_lower(run->block_rows, task_rows.count - first)};
    multiply_planes(o, steps.count, large, small, rows, vectors.count, values, false);
    rows.start += task_rows.start;
    struct outer_sums sums = {
        values, sums_row(vectors.count), sums_plane(rows.count, vectors.count), 1, 0, rows, vectors};
    o->finish(o, &sums, run->weight, run->accumulate || steps.start > 0);
  }
}

static void block_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  struct ck_range vectors = ck_part(o->vectors, run->task_vectors, task % vector_parts(run));
  struct ck_range rows = ck_part(o->rows, run->task_rows, task / vector_parts(run));
  struct ck_range row_vectors = {rows.start / WIDTH, ck_quotient_up(rows.count, WIDTH)};
  float *small = run->lanes + lane * run->lane_floats;
  float *large = small + small_floats(o, run->task_rows / WIDTH);
  begin_products();
  for (ptrdiff_t first = 0; first < o->steps; first += o->chunk) {
    struct ck_range steps = {first, ck_lower(o->chunk, o->steps - first)};
    gather_small(o, steps, row_vectors, small, large);
    for (ptrdiff_t v = 0; v < vectors.count; v += run->block_vectors) {
      struct ck_range block = {vectors.start + v, ck_lower(run->block_vectors, vectors.count - v)};
      add_block(run, steps, block, rows, small, large);
    }
  }
  end_products();
}

/// Fewer lanes may take larger parts, and a pool may have fewer than the workspace was asked for.
static ptrdiff_t blocks_floats(const struct outer *outer, int most_lanes) {
  ptrdiff_t most = 0;
  for (int lanes = 1; lanes <= most_lanes; lanes++) {
    struct outer_run run = {.outer = *outer};
    plan_blocks(&run, lanes);
    most = ck_higher(most, lanes * run.lane_floats);
  }
  return most;
}

static size_t outer_workspace_floats(struct outer outer, int lanes) {
  if (!has_few_sums(&outer)) return (size_t)blocks_floats(&outer, lanes);
  struct outer_run run = {.outer = outer};
  plan_splits(&run);
  ptrdiff_t shared = run.splits * sums_floats(&outer, outer.rows, outer.vectors);
  return (size_t)(conv_round_up(shared, 16) + lanes * run.lane_floats);
}

static void run_splits(struct outer_run *run, ck_pool *pool, float *workspace) {
  const struct outer *o = &run->outer;
  plan_splits(run);
  run->sums = workspace;
  run->lanes = workspace + conv_round_up(run->splits * sums_floats(o, o->rows, o->vectors), 16);
  ck_pool_run_flushing(pool, (int)run->splits, split_task, run);
  ck_pool_run_flushing(pool, (int)ck_quotient_up(o->rows, OUTER_ROWS), finish_task, run);
}

static void run_blocks(struct outer_run *run, ck_pool *pool, float *workspace) {
  plan_blocks(run, ck_pool_lanes(pool));
  run->lanes = workspace;
  ck_pool_run_flushing(pool, (int)(vector_parts(run) * row_parts(run)), block_task, run);
}

static void run_outer(ck_pool *pool, struct outer outer, float *weight, bool accumulate, float *workspace) {
  struct outer_run run = {.outer = outer, .weight = weight, .accumulate = accumulate};
  if (has_few_sums(&outer))
    run_splits(&run, pool, workspace);
  else
    run_blocks(&run, pool, workspace);
}

#endif

// Weight gradients as sums of outer products: over all pixels (or tiles) of the small image, the channels of
// the small image times what the large image has for them.
#ifndef VECTOR_CONV_OUTER_H
#define VECTOR_CONV_OUTER_H

#include "conv_axis.h"
#include "vector_conv_tile.h"

enum {
  /// Sums of no more floats than this stay in a second level cache beside what is multiplied.
  SUM_FLOATS = 3 << 16,
  /// Floats of both operands that a lane gathers before it multiplies them.
  LANE_OPERAND_FLOATS = 3 << 16,
  /// The same for operands that all lanes share.
  SHARED_OPERAND_FLOATS = 1 << 22,
  /// The most parts that the sum is cut into.
  MOST_SPLITS = 16,
  LEAST_STEPS = 32,
  /// Steps that a tile takes at a time: its operands then come from the first two levels of the cache.
  STEP_BLOCK = 256,
  OUTER_PLANE_PADDING = 48,
  LEAST_BLOCKS = 8,
  LEAST_BLOCK_VECTORS = 4,
};

struct outer;

/// Gathers an operand of `steps` into planes [vector][point][step][WIDTH], or as `outer.is_flat` says.
typedef void (*outer_gather)(const struct outer *outer, struct ck_range steps, float *planes, float *scratch);

/// Sums of products: [point][row][vector·WIDTH], the rows from `rows.start` and the vectors from
/// `vectors.start` on.
struct outer_sums {
  const float *values;
  ptrdiff_t row, plane;
  /// Several sums that make up the result, `split` floats apart.
  ptrdiff_t splits, split;
  struct ck_range rows, vectors;
};

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

  /// Steps that are gathered at a time; floats between planes.
  ptrdiff_t chunk, plane;
};

static ptrdiff_t row_vectors(const struct outer *o) { return ck_quotient_up(o->rows, WIDTH); }

/// Floats of both operands in one step.
static ptrdiff_t step_floats(const struct outer *o) {
  return o->points * (o->vectors + (o->is_in_place ? 0 : row_vectors(o))) * WIDTH;
}

/// Cuts the steps into equal chunks of about `floats` operands.
static void cut_steps(struct outer *o, ptrdiff_t floats) {
  ptrdiff_t most = ck_higher(floats / step_floats(o), LEAST_STEPS);
  ptrdiff_t chunks = ck_quotient_up(o->steps, most);
  o->chunk = ck_quotient_up(o->steps, chunks);
  o->plane = o->chunk * WIDTH + OUTER_PLANE_PADDING;
}

static ptrdiff_t large_floats(const struct outer *o) { return o->points * o->vectors * o->plane; }
static ptrdiff_t small_floats(const struct outer *o) {
  return o->is_in_place ? 0 : o->points * row_vectors(o) * o->plane;
}

/// The distance of rows of sums, off powers of two.
static ptrdiff_t sums_row(ptrdiff_t vectors) { return (vectors + 1) * WIDTH; }
static ptrdiff_t sums_floats(const struct outer *o, ptrdiff_t rows, ptrdiff_t vectors) {
  return o->points * conv_round_up(rows, OUTER_ROWS) * sums_row(vectors);
}

/// sums (+)= the products of the first `steps` of gathered operands, for some rows and vectors. `small` is the
/// image's first gathered step where it is read in place.
static void multiply_planes(const struct outer *o, ptrdiff_t steps, const float *large, const float *small,
                            struct ck_range rows, struct ck_range vectors, float *sums, bool accumulates) {
  ptrdiff_t b_vector = o->is_flat ? WIDTH : o->points * o->plane;
  ptrdiff_t b_step = o->is_flat ? o->vectors * WIDTH : WIDTH;
  ptrdiff_t a_step = o->is_in_place ? o->shape->small_channels : WIDTH;
  ptrdiff_t c_row = sums_row(vectors.count), c_plane = conv_round_up(rows.count, OUTER_ROWS) * c_row;
  for (ptrdiff_t point = 0; point < o->points; point++)
    for (ptrdiff_t t = 0; t < steps; t += STEP_BLOCK) {
      ptrdiff_t count = ck_lower(STEP_BLOCK, steps - t), taken;
      for (ptrdiff_t v = 0; v < vectors.count; v += taken) {
        taken = outer_vectors(vectors.count - v);
        const float *b = large + (vectors.start + v) * b_vector + point * o->plane + t * b_step;
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
  /// Few sums: `splits` of them, each over `split_chunks` chunks.
  ptrdiff_t splits, split_chunks;
  float *sums;
  /// Many: the shared operands of the chunk that begins at `first`, and the blocks that the sums are cut into.
  float *large, *small;
  struct ck_range steps;
  ptrdiff_t gather_steps, block_rows, block_vectors;
  float *lanes;
  ptrdiff_t lane_floats;
};

static bool has_few_sums(const struct outer *o) {
  return sums_floats(o, o->rows, o->vectors) <= SUM_FLOATS;
}

// Few sums: a task gathers and multiplies its part of the steps chunk by chunk; the parts' sums are added in
// order at last.

static void plan_splits(struct outer_run *run) {
  struct outer *o = &run->outer;
  cut_steps(o, LANE_OPERAND_FLOATS);
  ptrdiff_t chunks = ck_quotient_up(o->steps, o->chunk);
  run->split_chunks = ck_quotient_up(chunks, MOST_SPLITS);
  run->splits = ck_quotient_up(chunks, run->split_chunks);
  run->lane_floats = conv_round_up(large_floats(o) + small_floats(o) + o->scratch_floats, 16);
}

static void split_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  float *large = run->lanes + lane * run->lane_floats, *small = large + large_floats(o);
  float *sums = run->sums + task * sums_floats(o, o->rows, o->vectors);
  for (ptrdiff_t i = 0; i < run->split_chunks; i++) {
    struct ck_range steps = ck_part(o->steps, o->chunk, task * run->split_chunks + i);
    if (steps.count <= 0) break;
    o->gather_large(o, steps, large, small + small_floats(o));
    if (!o->is_in_place) o->gather_small(o, steps, small, small + small_floats(o));
    multiply_planes(o, steps.count, large, small_operand(o, steps.start, small), (struct ck_range){0, o->rows},
                    (struct ck_range){0, o->vectors}, sums, i > 0);
  }
}

static void finish_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  (void)lane;
  struct ck_range rows = ck_part(o->rows, OUTER_ROWS, task);
  ptrdiff_t row = sums_row(o->vectors);
  struct outer_sums sums = {run->sums + rows.start * row, row, conv_round_up(o->rows, OUTER_ROWS) * row,
                            run->splits, sums_floats(o, o->rows, o->vectors), rows, {0, o->vectors}};
  o->finish(o, &sums, run->weight, run->accumulate);
}

// Many sums: all lanes gather a chunk together, and a task multiplies and finishes one block of the sums.

static void plan_blocks(struct outer_run *run) {
  struct outer *o = &run->outer;
  cut_steps(o, SHARED_OPERAND_FLOATS);
  run->gather_steps = ck_higher(ck_quotient_up(o->chunk, 2 * MOST_SPLITS), 4);
  run->block_vectors =
      ck_lower(o->vectors, ck_quotient_up(LEAST_BLOCK_VECTORS, o->granule) * o->granule);
  ptrdiff_t blocks = ck_quotient_up(o->vectors, run->block_vectors);
  ptrdiff_t rows = SUM_FLOATS / (o->points * sums_row(run->block_vectors));
  rows = ck_lower(rows, ck_quotient_up(o->rows * blocks, LEAST_BLOCKS));
  run->block_rows = conv_round_up(ck_higher(ck_lower(rows, o->rows), 1), WIDTH);
  run->lane_floats =
      conv_round_up(ck_higher(sums_floats(o, run->block_rows, run->block_vectors), o->scratch_floats), 16);
}

static void gather_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  struct ck_range steps = ck_part(run->steps.count, run->gather_steps, task);
  float *scratch = run->lanes + lane * run->lane_floats;
  float *large = run->large + steps.start * (o->is_flat ? o->vectors : 1) * WIDTH;
  float *small = run->small + steps.start * WIDTH;
  steps.start += run->steps.start;
  o->gather_large(o, steps, large, scratch);
  if (!o->is_in_place) o->gather_small(o, steps, small, scratch);
}

static void block_task(void *context, int task, int lane) {
  const struct outer_run *run = context;
  const struct outer *o = &run->outer;
  ptrdiff_t row_blocks = ck_quotient_up(o->rows, run->block_rows);
  struct ck_range rows = ck_part(o->rows, run->block_rows, task % row_blocks);
  struct ck_range vectors = ck_part(o->vectors, run->block_vectors, task / row_blocks);
  float *values = run->lanes + lane * run->lane_floats;
  multiply_planes(o, run->steps.count, run->large, small_operand(o, run->steps.start, run->small), rows, vectors,
                  values, false);
  ptrdiff_t row = sums_row(vectors.count);
  struct outer_sums sums = {values, row, conv_round_up(rows.count, OUTER_ROWS) * row, 1, 0, rows, vectors};
  o->finish(o, &sums, run->weight, run->accumulate || run->steps.start > 0);
}

static size_t outer_workspace_floats(struct outer outer, int lanes) {
  struct outer_run run = {.outer = outer};
  ptrdiff_t shared;
  if (has_few_sums(&outer)) {
    plan_splits(&run);
    shared = run.splits * sums_floats(&outer, outer.rows, outer.vectors);
  } else {
    plan_blocks(&run);
    shared = large_floats(&run.outer) + small_floats(&run.outer);
  }
  return (size_t)(conv_round_up(shared, 16) + lanes * run.lane_floats);
}

static void run_outer(ck_pool *pool, struct outer outer, float *weight, bool accumulate, float *workspace) {
  struct outer_run run = {.outer = outer, .weight = weight, .accumulate = accumulate};
  struct outer *o = &run.outer;
  if (has_few_sums(o)) {
    plan_splits(&run);
    run.sums = workspace;
    run.lanes = workspace + conv_round_up(run.splits * sums_floats(o, o->rows, o->vectors), 16);
    ck_pool_run(pool, (int)run.splits, split_task, &run);
    ck_pool_run(pool, (int)ck_quotient_up(o->rows, OUTER_ROWS), finish_task, &run);
    return;
  }
  plan_blocks(&run);
  run.large = workspace;
  run.small = workspace + large_floats(o);
  run.lanes = workspace + conv_round_up(large_floats(o) + small_floats(o), 16);
  ptrdiff_t blocks = ck_quotient_up(o->rows, run.block_rows) * ck_quotient_up(o->vectors, run.block_vectors);
  for (ptrdiff_t first = 0; first < o->steps; first += o->chunk) {
    run.steps = (struct ck_range){first, ck_lower(o->chunk, o->steps - first)};
    ck_pool_run(pool, (int)ck_quotient_up(run.steps.count, run.gather_steps), gather_task, &run);
    ck_pool_run(pool, (int)blocks, block_task, &run);
  }
}

#endif

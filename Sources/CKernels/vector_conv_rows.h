// Convolutions as products of rows (pixels or tiles of the image that is written) and columns (its channels):
// a chunk of rows is gathered into panels, multiplied with the prepared weights a panel of columns at a time,
// and written while the products are hot. Forward and data gradient, by patches and by Winograd. A lane gathers
// the chunks of its tasks. Where there are fewer chunks than lanes, and they are large, all lanes gather first: a
// chunk then costs each of them more to gather than to read from where another lane wrote it.
#ifndef VECTOR_CONV_ROWS_H
#define VECTOR_CONV_ROWS_H

#include "vector_conv_multiply.h"
#include "vector_conv_prepare.h"

/// A phase as it is cut: its chunks, the tasks of each, and the chunks and the floats of weights before it.
struct phase_cut {
  ptrdiff_t chunks, groups, chunks_before, weights_before;
};

/// Chunks of fewer floats are gathered by every lane that needs them: sooner than the lanes would wait for each
/// other.
enum { LEAST_SHARED_FLOATS = 1 << 16 };

/// A run of a method.
struct rows_run {
  const struct rows_method *method;
  const ck_conv_shape *shape;
  ck_conv_direction direction;
  const float *image, *weights;
  struct conv_output output;
  /// Whether the result's lines are worth fetching before they are written.
  bool is_fetched;
  /// The phases of one group, its chunks, tasks and floats of weights, and the shares that it is done in.
  const struct phase_cut *phases;
  ptrdiff_t group_chunks, group_tasks, group_weights, shares;
  /// A lane's memory: what it has gathered, then gathered rows, products, a block of weights and scratch.
  char *lanes;
  size_t lane_bytes;
  /// Floats of the largest chunk's gathered rows.
  ptrdiff_t gathered_floats;
  /// Where all lanes gather first, each chunk into the memory of the lane of its number, which counts over all
  /// groups and phases: tiles of the largest chunk. Else 0.
  ptrdiff_t chunk_tiles;
};

/// The chunk that a lane has gathered; its next task may need the same one.
struct gathered_chunk {
  _Alignas(64) ptrdiff_t phase, group, chunk;
};

/// Cuts the phases of one group.
static void cut_phases(const struct rows_run *run, struct phase_cut *cuts) {
  struct phase_cut cut = {0};
  for (ptrdiff_t phase = 0; phase < ck_conv_phases(run->shape, run->direction); phase++) {
    struct product p;
    describe_product(run->method, run->shape, run->direction, phase, 0, &p);
    cut.chunks = p.chunks, cut.groups = p.groups;
    cuts[phase] = cut;
    cut.chunks_before += p.chunks;
    if (!p.packs) cut.weights_before += weights_floats(&p);
  }
}

/// A task's product and its place in it.
struct rows_task {
  struct product product;
  ptrdiff_t phase, group, chunk, column_group;
  /// The number of the chunk among those of all phases, and the floats of weights before the product's.
  ptrdiff_t part, weights;
};

/// Tasks go through the images a share at a time, and in each share through all phases.
static struct rows_task find_task(const struct rows_run *run, ptrdiff_t task) {
  const ck_conv_shape *s = run->shape;
  struct rows_task found = {.group = task / run->group_tasks};
  task %= run->group_tasks;
  ptrdiff_t phases = ck_conv_phases(s, run->direction), share = 0;
  const struct phase_cut *cut;
  for (;; found.phase++) {
    if (found.phase == phases) found.phase = 0, share++;
    cut = &run->phases[found.phase];
    ptrdiff_t first = cut->chunks * share / run->shares, end = cut->chunks * (share + 1) / run->shares;
    ptrdiff_t tasks = (end - first) * cut->groups;
    found.chunk = first;
    if (task < tasks) break;
    task -= tasks;
  }
  found.chunk += task / cut->groups, found.column_group = task % cut->groups;
  found.part = cut->chunks_before + found.chunk;
  found.weights = found.group * run->group_weights + cut->weights_before;
  describe_product(run->method, s, run->direction, found.phase, found.group, &found.product);
  return found;
}

static struct gathered_chunk *chunk_of(const struct rows_run *run, ptrdiff_t lane) {
  return (struct gathered_chunk *)(run->lanes + (size_t)lane * run->lane_bytes);
}

/// A lane's gathered rows: in the same place for all products, as other lanes read them for theirs.
static float *gathered_of(const struct rows_run *run, ptrdiff_t lane) { return (float *)(chunk_of(run, lane) + 1); }

/// What else a lane has, as a product cuts it.
struct lane_memory {
  float *products, *block, *scratch;
};

static struct lane_memory memory_of(const struct rows_run *run, const struct product *p, ptrdiff_t lane) {
  struct lane_memory memory = {.products = gathered_of(run, lane) + run->gathered_floats};
  memory.block = memory.products + conv_round_up(product_floats(p), WIDTH);
  memory.scratch = memory.block + block_floats(p);
  return memory;
}

/// Gathers a tile of rows of a chunk for all lanes.
static void gather_task(void *context, int task, int lane) {
  const struct rows_run *run = context;
  ptrdiff_t number = task / run->chunk_tiles, row = task % run->chunk_tiles * TILE_ROWS;
  ptrdiff_t group = number / run->group_chunks, chunk = number % run->group_chunks, phase = 0;
  for (; chunk >= run->phases[phase].chunks; phase++) chunk -= run->phases[phase].chunks;
  struct product p;
  describe_product(run->method, run->shape, run->direction, phase, group, &p);
  p.image = run->image;
  struct ck_range rows = ck_part(p.rows, p.chunk_rows, chunk);
  if (row >= rows.count) return;
  struct ck_range tile = {rows.start + row, ck_lower(TILE_ROWS, rows.count - row)};
  p.gather(&p, tile, gathered_of(run, number) + row * row_words(&p), gathered_plane(&p) * WORD_ELEMENTS,
           memory_of(run, &p, lane).scratch);
}

static void rows_task(void *context, int task, int lane) {
  const struct rows_run *run = context;
  struct rows_task t = find_task(run, task);
  struct product *p = &t.product;
  p->image = run->image;
  struct lane_memory memory = memory_of(run, p, lane);
  struct gathered_chunk *chunk = chunk_of(run, lane);
  bool is_shared = run->chunk_tiles > 0;
  float *gathered = gathered_of(run, is_shared ? t.group * run->group_chunks + t.part : lane);
  float *products = memory.products;
  struct ck_range rows = ck_part(p->rows, p->chunk_rows, t.chunk);
  if (!is_shared && (chunk->phase != t.phase || chunk->group != t.group || chunk->chunk != t.chunk)) {
    p->gather(p, rows, gathered, gathered_plane(p) * WORD_ELEMENTS, memory.scratch);
    chunk->phase = t.phase, chunk->group = t.group, chunk->chunk = t.chunk;
  }
  begin_products();
  ptrdiff_t first = t.column_group * p->group_panels,
            end = ck_lower(first + p->group_panels, column_panels(p));
  struct prefetches prefetches = {.output = &run->output};
  if (run->is_fetched) prefetches.rows = rows;
  if (!is_shared && end == column_panels(p))
    prefetches.next = next_chunk(p, rows, (end - first) * panel_calls(p, rows.count));
  for (; first < end; first += p->resident_panels) {
    struct ck_range panels = {first, ck_lower(p->resident_panels, end - first)};
    if (p->packs)
      multiply_packed_panels(p, rows.count, panels, gathered, run->weights + t.weights, memory.block, products,
                             &prefetches);
    else
      multiply_panels(p, rows.count, panels, gathered, run->weights + t.weights, products, &prefetches);
    for (ptrdiff_t i = 0; i < panels.count; i++)
      p->write(p, &run->output, rows, panel_columns(p, first + i), t.part,
               products + i * p->points * product_plane(p), product_plane(p));
  }
  end_products();
}

static size_t lane_bytes(struct rows_sizes sizes) {
  const ptrdiff_t floats_in_line = 16;
  return sizeof(struct gathered_chunk) +
         (size_t)conv_round_up(sizes.gathered_floats + sizes.working_floats, floats_in_line) * sizeof(float);
}

static size_t phase_bytes(const ck_conv_shape *s, ck_conv_direction direction) {
  const size_t line = 64;
  return ((size_t)ck_conv_phases(s, direction) * sizeof(struct phase_cut) + line - 1) / line * line;
}

static size_t rows_workspace_bytes(const struct rows_method *method, const ck_conv_shape *s,
                                   ck_conv_direction direction, int lanes) {
  struct rows_sizes sizes = rows_sizes(method, s, direction);
  return ck_conv_moments_bytes(sizes.parts, conv_result_channels(s, direction)) + phase_bytes(s, direction) +
         (size_t)lanes * lane_bytes(sizes);
}

static void run_rows(const struct rows_method *method, ck_pool *pool, const ck_conv_shape *s,
                     ck_conv_direction direction, const float *image, const float *weights, float *result,
                     const ck_conv_epilogue *epilogue, void *workspace) {
  struct rows_sizes sizes = rows_sizes(method, s, direction);
  ptrdiff_t channels = conv_result_channels(s, direction);
  char *phases = (char *)workspace + ck_conv_moments_bytes(sizes.parts, channels);
  char *lanes = phases + phase_bytes(s, direction);
  struct rows_run run = {
      .method = method,
      .shape = s,
      .direction = direction,
      .image = image,
      .weights = weights,
      .output = conv_output_of(s, direction, result, epilogue),
      .is_fetched = conv_result_count(s, direction) > MOST_UNFETCHED_FLOATS,
      .phases = (struct phase_cut *)phases,
      .group_chunks = sizes.parts,
      .group_tasks = sizes.tasks / s->groups,
      .group_weights = sizes.weights / s->groups,
      .shares = ck_pool_lanes(pool),
      .lanes = lanes,
      .lane_bytes = lane_bytes(sizes),
      .gathered_floats = sizes.gathered_floats,
  };
  cut_phases(&run, (struct phase_cut *)phases);
  // A lane keeps to its images, which it finds in its caches in the next kernel; and where the weights are small
  // enough for these, it reads each chunk of the images only once.
  if (run.group_weights <= SHARED_WEIGHTS)
    run.shares = ck_higher(ck_lower(run.phases->chunks, MOST_SHARES), run.shares);
  if (epilogue->mean) run.output.moments = ck_conv_moments_begin(sizes.parts, channels, workspace);
  ptrdiff_t chunks = s->groups * sizes.parts;
  if (chunks < ck_pool_lanes(pool) && sizes.gathered_floats >= LEAST_SHARED_FLOATS) {
    run.chunk_tiles = ck_quotient_up(sizes.chunk_rows, TILE_ROWS);
    ck_pool_run_flushing(pool, (int)(chunks * run.chunk_tiles), gather_task, &run);
  } else {
    for (int lane = 0; lane < ck_pool_lanes(pool); lane++) chunk_of(&run, lane)->chunk = -1;
  }
  ck_pool_run_flushing(pool, (int)sizes.tasks, rows_task, &run);
  if (epilogue->mean) ck_conv_moments_combine(&run.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &run.output, conv_result_count(s, direction), epilogue);
}

#endif

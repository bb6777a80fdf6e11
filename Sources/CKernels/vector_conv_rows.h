// Convolutions as products of rows (pixels or tiles of the image that is written) and columns (its channels):
// a chunk of rows is gathered into panels, multiplied with the prepared weights a panel of columns at a time,
// and written while the products are hot. Forward and data gradient, by patches and by Winograd.
#ifndef VECTOR_CONV_ROWS_H
#define VECTOR_CONV_ROWS_H

#include "conv_axis.h"
#include "conv_cost.h"
#include "lookahead.h"
#include "vector_conv_output.h"
#include "vector_conv_tile.h"

#include <string.h>

enum {
  /// Floats of a chunk's gathered rows, and of its products with a panel of columns: both stay in the second
  /// level cache.
  CHUNK_FLOATS = 3 << 15,
  PRODUCT_FLOATS = 1 << 16,
  /// Where fewer rows than this would fit, a chunk has more than fit, and several panels of columns take
  /// turns with its parts: else the weights would be read too often.
  LEAST_FITTING_ROWS = 12,
  EXCESSIVE_ROWS = 64,
  /// Rows of a chunk, and a block of the depth, where blocks of packed weights are transformed for each chunk.
  PACKED_ROWS = CK_CONV_PACKED_ROWS,
  PACKED_DEPTH = 128,
  /// Panels that take turns with the gathered rows.
  PACKED_PANELS = 2,
  RESIDENT_PANELS = 4,
  /// A block of the depth: a panel of weights stays in the first level cache while rows pass.
  DEPTH_BLOCK = 256,
  /// Where there would be fewer tasks than this, chunks are made smaller, down to so many rows, if the weights
  /// stay in the second level cache; and then cut by columns.
  LEAST_TASKS = 16,
  LEAST_CHUNK_ROWS = 4 * TILE_ROWS,
  /// Floats of weights that may be read again for each chunk.
  SHARED_WEIGHTS = 1 << 20,
  /// The most shares of the images: each task looks for its own among them.
  MOST_SHARES = 64,
  /// Planes are kept off powers of two, whose addresses would compete for the same places in the caches.
  PLANE_PADDING = 48,
};

struct product;

/// Gathers `rows` into `panels`: elements [point][row/TILE_ROWS][depth/WIDTH][TILE_ROWS][WIDTH], points `plane`
/// of them apart.
typedef void (*product_gather)(const struct product *product, struct ck_range rows, float *panels,
                               ptrdiff_t plane, float *scratch);
/// Writes `rows` in `columns`, from products [point][row][vectors·WIDTH], points `plane` apart.
typedef void (*product_write)(const struct product *product, const struct conv_output *output,
                              struct ck_range rows, struct ck_range columns, ptrdiff_t part,
                              const float *products, ptrdiff_t plane);
/// Prepares the weights of `columns` for `count` products, each as words [point][depth][vectors·WIDTH], points
/// `plane` of them apart.
typedef void (*product_prepare)(const struct product *products, ptrdiff_t count, const float *weight,
                                struct ck_range columns, float *const *prepared, ptrdiff_t const *planes);

/// Packs the weights of `columns`: vectors [channel][vector][tap], the taps as `transform` wants them.
typedef void (*product_pack)(const struct product *product, const float *weight, struct ck_range columns,
                             float *packed);
/// Prepares packed weights of `channels`, whole vectors of them, which `packed` and `prepared` begin with.
typedef void (*product_transform)(const struct product *product, const float *packed, ptrdiff_t channels,
                                  ptrdiff_t vectors, float *prepared, ptrdiff_t plane);

/// The outputs that share their taps: of one group, and in the data gradient of one phase of the stride.
struct product {
  struct ck_conv_axis y, x;
  /// The image that is read: pixels of `in_channels`, of which `channels` from `in_first` on count.
  const float *image;
  ptrdiff_t batch, in_channels, in_first, channels;
  /// The result's channels from `out_first` on.
  ptrdiff_t out_first, columns;
  /// Winograd: phases of the stride that the depth goes over in each dimension.
  ptrdiff_t phases;
  /// Where weight[filter][channel] of this group lies: its channels' and columns' strides. A kernel's
  /// elements lie side by side, `kernel_width` a row.
  ptrdiff_t weight_first, channel_stride, column_stride, kernel_elements, kernel_width;

  ptrdiff_t rows, points, depth;
  product_gather gather;
  product_write write;
  product_prepare prepare;

  product_pack pack;
  product_transform transform;
  /// Vectors of a packed kernel.
  ptrdiff_t packed_taps;
  bool packs;

  /// How it is cut into tasks.
  ptrdiff_t chunk_rows, chunks, group_panels, groups, resident_panels;
};

/// A family of products that make up a convolution.
struct rows_method {
  /// Fills everything but `image` and the cut.
  void (*describe)(const ck_conv_shape *shape, ck_conv_direction direction, ptrdiff_t phase, ptrdiff_t group,
                   struct product *product);
  /// Floats of scratch memory that `gather` needs.
  ptrdiff_t (*scratch_floats)(const struct product *product);
  /// Whether prepared weights are only packed, and transformed a block at a time when their turn comes.
  bool packs;
};

/// The data gradient has a product a phase of the stride.
static ptrdiff_t rows_phases(const ck_conv_shape *s, ck_conv_direction direction) {
  return direction == CK_CONV_FORWARD ? 1 : s->stride_height * s->stride_width;
}

/// What the result's and the operand's images are in a direction, for one group and phase.
static void describe_images(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t phase,
                            ptrdiff_t group, struct product *p) {
  ptrdiff_t large = s->large_channels / s->groups, small = s->small_channels / s->groups;
  ptrdiff_t taps = s->kernel_height * s->kernel_width;
  bool forward = direction == CK_CONV_FORWARD;
  struct ck_conv_dimension height = ck_conv_rows_of(s), width = ck_conv_columns_of(s);
  *p = (struct product){
      .y = forward ? ck_conv_forward_axis(height) : ck_conv_gradient_axis(height, phase / s->stride_width),
      .x = forward ? ck_conv_forward_axis(width) : ck_conv_gradient_axis(width, phase % s->stride_width),
      .batch = s->batch,
      .in_channels = forward ? s->large_channels : s->small_channels,
      .in_first = group * (forward ? large : small),
      .channels = forward ? large : small,
      .out_first = group * (forward ? small : large),
      .columns = forward ? small : large,
      .phases = 1,
      .weight_first = group * small * large * taps,
      .channel_stride = forward ? taps : large * taps,
      .column_stride = forward ? large * taps : taps,
      .kernel_elements = taps,
      .kernel_width = s->kernel_width,
  };
}

static ptrdiff_t column_panels(const struct product *p) { return ck_quotient_up(p->columns, TILE_COLUMNS); }

static struct ck_range panel_columns(const struct product *p, ptrdiff_t panel) {
  return ck_part(p->columns, TILE_COLUMNS, panel);
}

static ptrdiff_t padded_depth(const struct product *p) { return conv_round_up(p->depth, WIDTH); }

/// Words of a gathered row at one point.
static ptrdiff_t row_words(const struct product *p) { return words(padded_depth(p)); }

static ptrdiff_t panel_width(const struct product *p, ptrdiff_t panel) {
  return conv_round_up(panel_columns(p, panel).count, WIDTH);
}

/// Words between the points of a panel of prepared weights: [panel][point][depth][column].
static ptrdiff_t weight_plane(const struct product *p, ptrdiff_t width) {
  return words(p->depth) * width + (p->points > 1 ? PLANE_PADDING : 0);
}
/// Floats of a panel's packed weights.
static ptrdiff_t packed_floats(const struct product *p, ptrdiff_t width) {
  return conv_round_up(p->channels, WIDTH) * width * p->packed_taps;
}

/// Floats of a panel of prepared or packed weights, and of all panels.
static ptrdiff_t panel_floats(const struct product *p, ptrdiff_t width) {
  return p->packs ? packed_floats(p, width) : p->points * weight_plane(p, width);
}
static ptrdiff_t weights_floats(const struct product *p) {
  ptrdiff_t last = column_panels(p) - 1;
  return last * panel_floats(p, TILE_COLUMNS) + panel_floats(p, panel_width(p, last));
}

/// Floats of weights that a phase adds to those of the phases before it. Packed ones are of all phases.
static ptrdiff_t phase_weights(const struct product *p, ptrdiff_t phase) {
  return p->packs && phase > 0 ? 0 : weights_floats(p);
}

/// Words between the points of a chunk's gathered rows and of its products.
static ptrdiff_t gathered_plane(const struct product *p) {
  return conv_round_up(p->chunk_rows, TILE_ROWS) * row_words(p) + PLANE_PADDING;
}
static ptrdiff_t product_plane(const struct product *p) {
  return p->chunk_rows * TILE_COLUMNS + PLANE_PADDING;
}

static ptrdiff_t gathered_floats(const struct product *p) { return p->points * gathered_plane(p); }
static ptrdiff_t product_floats(const struct product *p) {
  return p->resident_panels * p->points * product_plane(p);
}

/// Words between the points of a block of prepared weights, and of the whole block.
static ptrdiff_t block_plane(void) { return words(PACKED_DEPTH) * TILE_COLUMNS + PLANE_PADDING; }
static ptrdiff_t block_floats(const struct product *p) {
  return p->packs ? PACKED_PANELS * p->points * block_plane() : 0;
}

static void cut_product(struct product *p) {
  ptrdiff_t row_floats = ck_higher(1, p->points * row_words(p)), panels = column_panels(p);
  ptrdiff_t fitting = ck_lower(CHUNK_FLOATS / row_floats, PRODUCT_FLOATS / (p->points * TILE_COLUMNS));
  fitting = ck_higher(fitting, 1);
  bool fits = fitting >= ck_lower(LEAST_FITTING_ROWS, p->rows);
  if (p->packs) fitting = PACKED_ROWS, fits = true;
  ptrdiff_t chunks = ck_quotient_up(p->rows, fits ? fitting : EXCESSIVE_ROWS);
  if (weights_floats(p) <= CHUNK_FLOATS && !p->packs)
    chunks = ck_higher(chunks, ck_lower(LEAST_TASKS, p->rows / LEAST_CHUNK_ROWS));
  p->chunk_rows = conv_round_up(ck_quotient_up(p->rows, ck_higher(chunks, 1)), TILE_ROW_STEP);
  p->chunks = chunks ? ck_quotient_up(p->rows, p->chunk_rows) : 0;
  p->resident_panels = p->packs ? PACKED_PANELS : fits ? 1 : RESIDENT_PANELS;
  ptrdiff_t groups = ck_lower(ck_quotient_up(LEAST_TASKS, ck_higher(p->chunks, 1)), panels);
  p->group_panels = conv_round_up(ck_quotient_up(panels, groups), p->resident_panels);
  p->groups = ck_quotient_up(panels, p->group_panels);
}

/// A phase as it is cut: its chunks, the tasks of each, and the chunks and the floats of weights before it.
struct phase_cut {
  ptrdiff_t chunks, groups, chunks_before, weights_before;
};

/// A run of a method.
struct rows_run {
  const struct rows_method *method;
  const ck_conv_shape *shape;
  ck_conv_direction direction;
  const float *image, *weights;
  struct conv_output output;
  /// The phases of one group, its tasks and floats of weights, and the shares that it is done in.
  const struct phase_cut *phases;
  ptrdiff_t group_tasks, group_weights, shares;
  /// A lane's memory: what it has gathered, then gathered rows, products and scratch.
  char *lanes;
  size_t lane_bytes;
};

/// The chunk that a lane has gathered; its next task may need the same one.
struct gathered_chunk {
  _Alignas(64) ptrdiff_t phase, group, chunk;
};

static void describe_product(const struct rows_method *method, const ck_conv_shape *s,
                             ck_conv_direction direction, ptrdiff_t phase, ptrdiff_t group,
                             struct product *p) {
  method->describe(s, direction, phase, group, p);
  p->packs = method->packs;
  cut_product(p);
}

/// What a run needs, summed over its products.
struct rows_sizes {
  ptrdiff_t tasks, parts, weights, lane_floats;
};

/// The sizes of the first `phases` phases of one group.
static struct rows_sizes phase_sizes(const struct rows_method *method, const ck_conv_shape *s,
                                     ck_conv_direction direction, ptrdiff_t phases) {
  struct rows_sizes sizes = {0};
  for (ptrdiff_t phase = 0; phase < phases; phase++) {
    struct product p;
    describe_product(method, s, direction, phase, 0, &p);
    sizes.tasks += p.chunks * p.groups;
    sizes.parts += p.chunks;
    sizes.weights += phase_weights(&p, phase);
    ptrdiff_t floats = conv_round_up(gathered_floats(&p), WIDTH) + conv_round_up(product_floats(&p), WIDTH) +
                       block_floats(&p) + method->scratch_floats(&p);
    sizes.lane_floats = ck_higher(sizes.lane_floats, floats);
  }
  return sizes;
}

/// The sizes of all products. Groups are alike, and share the result's parts.
static struct rows_sizes rows_sizes(const struct rows_method *method, const ck_conv_shape *s,
                                    ck_conv_direction direction) {
  struct rows_sizes sizes = phase_sizes(method, s, direction, rows_phases(s, direction));
  sizes.tasks *= s->groups;
  sizes.weights *= s->groups;
  return sizes;
}

/// Cuts the phases of one group.
static void cut_phases(const struct rows_run *run, struct phase_cut *cuts) {
  struct phase_cut cut = {0};
  for (ptrdiff_t phase = 0; phase < rows_phases(run->shape, run->direction); phase++) {
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
  ptrdiff_t phases = rows_phases(s, run->direction), share = 0;
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

/// What the next chunk reads of the image, about, for so many calls.
static struct lookahead next_chunk(const struct product *p, struct ck_range rows, ptrdiff_t calls) {
  ptrdiff_t pixels = p->batch * p->y.in_size * p->x.in_size;
  // A small image stays in the cache.
  if (pixels * p->in_channels <= 2 * CHUNK_FLOATS) return (struct lookahead){0};
  ptrdiff_t first = rows.start + rows.count, end = ck_lower(first + p->chunk_rows, p->rows);
  return ck_look_ahead(p->image, p->in_channels, pixels * first / p->rows, pixels * end / p->rows,
                       (struct ck_range){p->in_first, p->channels}, calls);
}

/// Calls of `multiply_rows` for one panel of columns.
static ptrdiff_t panel_calls(const struct product *p, ptrdiff_t rows) {
  return p->points * ck_quotient_up(words(p->depth), DEPTH_BLOCK) * ck_quotient_up(rows, TILE_ROWS);
}

/// products [panel][point][row][column] of gathered rows with the columns of a few panels.
static void multiply_panels(const struct product *p, ptrdiff_t rows, struct ck_range panels,
                            const float *gathered, const float *weights, float *products,
                            struct lookahead *ahead) {
  ptrdiff_t plane = product_plane(p), panel_floats = p->points * plane;
  if (p->depth == 0) memset(products, 0, (size_t)(panels.count * panel_floats) * sizeof(float));
  ptrdiff_t depth = words(p->depth), blocks = ck_quotient_up(depth, DEPTH_BLOCK);
  ptrdiff_t block = conv_round_up(ck_quotient_up(depth, ck_higher(blocks, 1)), WIDTH);
  for (ptrdiff_t point = 0; point < p->points; point++)
    for (ptrdiff_t k = 0; k < depth; k += block)
      for (ptrdiff_t i = 0; i < panels.count; i++) {
        ptrdiff_t panel = panels.start + i, width = panel_width(p, panel);
        const float *a = gathered + point * gathered_plane(p) + k * TILE_ROWS;
        const float *b = weights + panel * p->points * weight_plane(p, TILE_COLUMNS) +
                         point * weight_plane(p, width) + k * width;
        float *c = products + i * panel_floats + point * plane;
        for (ptrdiff_t row = 0; row < rows; row += TILE_ROWS, a += TILE_ROWS * row_words(p)) {
          ck_fetch_some(ahead);
          multiply_rows(ck_lower(TILE_ROWS, conv_round_up(rows - row, TILE_ROW_STEP)), width / WIDTH,
                        ck_lower(block, depth - k), a, b, c + row * width, k > 0);
        }
      }
}

/// products [panel][point][row][column] of gathered rows with a few panels of packed weights.
static void multiply_packed_panels(const struct product *p, ptrdiff_t rows, struct ck_range panels,
                                   const float *gathered, const float *weights, float *block, float *products,
                                   struct lookahead *ahead) {
  ptrdiff_t phases = p->phases * p->phases, padded = conv_round_up(p->channels, WIDTH);
  ptrdiff_t step = ck_higher(PACKED_DEPTH / phases / WIDTH, 1) * WIDTH;
  ptrdiff_t plane = block_plane(), panel_block = p->points * plane;
  for (ptrdiff_t c = 0; c < padded; c += step) {
    ptrdiff_t channels = ck_lower(step, padded - c);
    for (ptrdiff_t i = 0; i < panels.count; i++) {
      ptrdiff_t width = panel_width(p, panels.start + i);
      const float *packed =
          weights + (panels.start + i) * panel_floats(p, TILE_COLUMNS) + c * width * p->packed_taps;
      p->transform(p, packed, channels, width / WIDTH, block + i * panel_block, plane);
    }
    ptrdiff_t k = words(c * phases), depth = words(channels * phases);
    for (ptrdiff_t point = 0; point < p->points; point++) {
      const float *a = gathered + point * gathered_plane(p) + k * TILE_ROWS;
      for (ptrdiff_t row = 0; row < rows; row += TILE_ROWS, a += TILE_ROWS * row_words(p)) {
        ck_fetch_some(ahead);
        for (ptrdiff_t i = 0; i < panels.count; i++) {
          ptrdiff_t width = panel_width(p, panels.start + i);
          multiply_rows(ck_lower(TILE_ROWS, conv_round_up(rows - row, TILE_ROW_STEP)), width / WIDTH, depth, a,
                        block + i * panel_block + point * plane,
                        products + (i * p->points + point) * product_plane(p) + row * width, c > 0);
        }
      }
    }
  }
}

static void rows_task(void *context, int task, int lane) {
  const struct rows_run *run = context;
  struct rows_task t = find_task(run, task);
  struct product *p = &t.product;
  p->image = run->image;
  struct gathered_chunk *chunk = (struct gathered_chunk *)(run->lanes + (size_t)lane * run->lane_bytes);
  float *gathered = (float *)(chunk + 1);
  float *products = gathered + conv_round_up(gathered_floats(p), WIDTH);
  float *block = products + conv_round_up(product_floats(p), WIDTH), *scratch = block + block_floats(p);
  struct ck_range rows = ck_part(p->rows, p->chunk_rows, t.chunk);
  if (chunk->phase != t.phase || chunk->group != t.group || chunk->chunk != t.chunk) {
    p->gather(p, rows, gathered, gathered_plane(p) * WORD_ELEMENTS, scratch);
    chunk->phase = t.phase, chunk->group = t.group, chunk->chunk = t.chunk;
  }
  ptrdiff_t first = t.column_group * p->group_panels,
            end = ck_lower(first + p->group_panels, column_panels(p));
  struct lookahead ahead = {0};
  if (end == column_panels(p)) ahead = next_chunk(p, rows, (end - first) * panel_calls(p, rows.count));
  for (; first < end; first += p->resident_panels) {
    struct ck_range panels = {first, ck_lower(p->resident_panels, end - first)};
    if (p->packs)
      multiply_packed_panels(p, rows.count, panels, gathered, run->weights + t.weights, block, products, &ahead);
    else
      multiply_panels(p, rows.count, panels, gathered, run->weights + t.weights, products, &ahead);
    for (ptrdiff_t i = 0; i < panels.count; i++)
      p->write(p, &run->output, rows, panel_columns(p, first + i), t.part,
               products + i * p->points * product_plane(p), product_plane(p));
  }
}

static size_t lane_bytes(struct rows_sizes sizes) {
  const ptrdiff_t floats_in_line = 16;
  return sizeof(struct gathered_chunk) +
         (size_t)conv_round_up(sizes.lane_floats, floats_in_line) * sizeof(float);
}

static size_t phase_bytes(const ck_conv_shape *s, ck_conv_direction direction) {
  const size_t line = 64;
  return ((size_t)rows_phases(s, direction) * sizeof(struct phase_cut) + line - 1) / line * line;
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
      .phases = (struct phase_cut *)phases,
      .group_tasks = sizes.tasks / s->groups,
      .group_weights = sizes.weights / s->groups,
      .shares = ck_pool_lanes(pool),
      .lanes = lanes,
      .lane_bytes = lane_bytes(sizes),
  };
  cut_phases(&run, (struct phase_cut *)phases);
  // A lane keeps to its images, which it finds in its caches in the next kernel; and where the weights are small
  // enough for these, it reads each chunk of the images only once.
  if (run.group_weights <= SHARED_WEIGHTS)
    run.shares = ck_higher(ck_lower(run.phases->chunks, MOST_SHARES), run.shares);
  if (epilogue->mean) run.output.moments = ck_conv_moments_begin(sizes.parts, channels, workspace);
  for (int lane = 0; lane < ck_pool_lanes(pool); lane++)
    ((struct gathered_chunk *)(lanes + (size_t)lane * run.lane_bytes))->chunk = -1;
  ck_pool_run_flushing(pool, (int)sizes.tasks, rows_task, &run);
  if (epilogue->mean) ck_conv_moments_combine(&run.output.moments, epilogue->mean, epilogue->variance);
  finish_activation(pool, &run.output, conv_result_count(s, direction), epilogue);
}

/// A run of `product.prepare`.
struct rows_preparation {
  const struct rows_method *method;
  const ck_conv_shape *shape;
  ck_conv_direction direction;
  const float *weight;
  float *prepared;
};

enum {
  /// Phases that are prepared together, since they share the kernels that they read.
  PREPARED_PHASES = 4,
};

static void prepare_task(void *context, int task, int lane) {
  const struct rows_preparation *run = context;
  const ck_conv_shape *s = run->shape;
  (void)lane;
  ptrdiff_t all = rows_phases(s, run->direction), parts = ck_quotient_up(all, PREPARED_PHASES);
  ptrdiff_t panel = task / (parts * s->groups), group = task / parts % s->groups;
  struct ck_range phases = ck_part(all, PREPARED_PHASES, task % parts);
  ptrdiff_t before = group * phase_sizes(run->method, s, run->direction, all).weights +
                     phase_sizes(run->method, s, run->direction, phases.start).weights;
  struct product products[PREPARED_PHASES];
  float *prepared[PREPARED_PHASES];
  ptrdiff_t planes[PREPARED_PHASES];
  for (ptrdiff_t i = 0; i < phases.count; i++) {
    struct product *p = &products[i];
    describe_product(run->method, s, run->direction, phases.start + i, group, p);
    prepared[i] = run->prepared + before + panel * panel_floats(p, TILE_COLUMNS);
    planes[i] = weight_plane(p, panel_width(p, panel));
    if (!p->packs) before += weights_floats(p);
  }
  if (products->packs)
    products->pack(products, run->weight, panel_columns(products, panel), prepared[0]);
  else
    products->prepare(products, phases.count, run->weight, panel_columns(products, panel), prepared, planes);
}

static void prepare_rows(const struct rows_method *method, ck_pool *pool, const ck_conv_shape *s,
                         ck_conv_direction direction, const float *weight, float *prepared) {
  struct rows_preparation run = {method, s, direction, weight, prepared};
  ptrdiff_t columns = conv_result_channels(s, direction) / s->groups;
  ptrdiff_t panels = ck_quotient_up(columns, TILE_COLUMNS);
  ptrdiff_t parts = ck_quotient_up(rows_phases(s, direction), PREPARED_PHASES);
  ck_pool_run_flushing(pool, (int)(panels * s->groups * parts), prepare_task, &run);
}

#endif

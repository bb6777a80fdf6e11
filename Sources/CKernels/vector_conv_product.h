// What a convolution by rows and columns multiplies, how that lies in memory, and how it is cut into tasks.
#ifndef VECTOR_CONV_PRODUCT_H
#define VECTOR_CONV_PRODUCT_H

#include "conv_axis.h"
#include "conv_cost.h"
#include "vector_conv_output.h"
#include "vector_conv_tile.h"

enum {
  /// Floats of a chunk's gathered rows, and of its products with a panel of columns: both stay in the second
  /// level cache.
  CHUNK_FLOATS = HAS_AMX ? 3 << 16 : 3 << 15,
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
  DEPTH_BLOCK = HAS_AMX ? 128 : 256,
  /// Where there would be fewer tasks than this, chunks are made smaller, down to so many rows, if the weights
  /// stay in the second level cache; and then cut by columns.
  LEAST_TASKS = 16,
  LEAST_CHUNK_ROWS = 4 * TILE_ROWS,
  /// Floats of weights that may be read again for each chunk.
  SHARED_WEIGHTS = 1 << 20,
  /// The most floats of a result whose lines are not worth fetching before they are written.
  MOST_UNFETCHED_FLOATS = 1 << 17,
  /// The most shares of the images: each task looks for its own among them.
  MOST_SHARES = 64,
  /// Planes are kept off powers of two, whose addresses would compete for the same places in the caches.
  PLANE_PADDING = 48,
};

struct product;

/// Gathers `rows` into `panels`: elements [point][row/TILE_ROWS][depth/ROW_ELEMENTS][TILE_ROWS][ROW_ELEMENTS],
/// points `plane` of them apart.
typedef void (*product_gather)(const struct product *product, struct ck_range rows, float *panels,
                               ptrdiff_t plane, float *scratch);
/// Writes `rows` in `columns`, from products [point][row][vectors·WIDTH], points `plane` apart.
typedef void (*product_write)(const struct product *product, const struct conv_output *output,
                              struct ck_range rows, struct ck_range columns, ptrdiff_t part,
                              const float *products, ptrdiff_t plane);
/// Fetches where `write` will write a row in `columns`.
typedef void (*product_prefetch)(const struct product *product, const struct conv_output *output, ptrdiff_t row,
                                 struct ck_range columns);
/// Prepares the weights of `columns` for `count` products, each as words [point][depth][vectors·WIDTH], points
/// `plane` of them apart, with zeros where the depth is filled up.
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
  /// NULL where the processor foresees what is written.
  product_prefetch prefetch;
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

/// What the result's and the operand's images are in a direction, for one group and phase: the data gradient has
/// a product a phase of the stride.
static void describe_images(const ck_conv_shape *s, ck_conv_direction direction, ptrdiff_t phase,
                            ptrdiff_t group, struct product *p) {
  ptrdiff_t large = s->large_channels / s->groups, small = s->small_channels / s->groups;
  ptrdiff_t taps = s->kernel_height * s->kernel_width;
  bool forward = direction == CK_CONV_FORWARD;
  struct ck_conv_axes axes = ck_conv_axes_of(s, direction, phase);
  *p = (struct product){
      .y = axes.y,
      .x = axes.x,
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

static ptrdiff_t padded_depth(const struct product *p) { return conv_round_up(p->depth, ROW_ELEMENTS); }

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

static void describe_product(const struct rows_method *method, const ck_conv_shape *s,
                             ck_conv_direction direction, ptrdiff_t phase, ptrdiff_t group,
                             struct product *p) {
  method->describe(s, direction, phase, group, p);
  p->packs = method->packs;
  cut_product(p);
}

/// What a run needs: summed over its products, or that of the largest.
struct rows_sizes {
  ptrdiff_t tasks, parts, weights;
  /// Rows of the largest chunk; floats of a lane's gathered rows, and of what else it works with.
  ptrdiff_t chunk_rows, gathered_floats, working_floats;
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
    ptrdiff_t floats = conv_round_up(product_floats(&p), WIDTH) + block_floats(&p) + method->scratch_floats(&p);
    sizes.chunk_rows = ck_higher(sizes.chunk_rows, p.chunk_rows);
    sizes.gathered_floats = ck_higher(sizes.gathered_floats, conv_round_up(gathered_floats(&p), WIDTH));
    sizes.working_floats = ck_higher(sizes.working_floats, floats);
  }
  return sizes;
}

/// The sizes of all products. Groups are alike, and share the result's parts.
static struct rows_sizes rows_sizes(const struct rows_method *method, const ck_conv_shape *s,
                                    ck_conv_direction direction) {
  struct rows_sizes sizes = phase_sizes(method, s, direction, ck_conv_phases(s, direction));
  sizes.tasks *= s->groups;
  sizes.weights *= s->groups;
  return sizes;
}

#endif

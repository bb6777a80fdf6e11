// Preparing or packing the weights of a convolution by rows and columns.
#ifndef VECTOR_CONV_PREPARE_H
#define VECTOR_CONV_PREPARE_H

#include "vector_conv_product.h"

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
  ptrdiff_t all = ck_conv_phases(s, run->direction), parts = ck_quotient_up(all, PREPARED_PHASES);
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
  ptrdiff_t parts = ck_quotient_up(ck_conv_phases(s, direction), PREPARED_PHASES);
  ck_pool_run_flushing(pool, (int)(panels * s->groups * parts), prepare_task, &run);
}

#endif

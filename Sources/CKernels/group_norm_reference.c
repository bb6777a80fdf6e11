// Normalisation over groups of channels as plain loops, in double precision.

#include "ckernels_group_norm.h"

#include <math.h>

/// Runs a statement for the index `i` of each element of a group.
#define FOR_EACH_OF_GROUP(s, image, group, statement)                                                          \
  for (ptrdiff_t pixel = 0; pixel < (s)->pixels; pixel++)                                                      \
    for (ptrdiff_t c = 0; c < (s)->channels / (s)->groups; c++) {                                              \
      ptrdiff_t i = ((image) * (s)->pixels + pixel) * (s)->channels + (group) * ((s)->channels / (s)->groups) + c; \
      statement;                                                                                               \
    }

void ck_group_norm_forward_reference(const ck_group_norm *s, const float *x, float *y, float *mean,
                                     float *variance) {
  double count = (double)(s->channels / s->groups * s->pixels);
  for (ptrdiff_t image = 0; image < s->images; image++)
    for (ptrdiff_t group = 0; group < s->groups; group++) {
      double sum = 0, squares = 0;
      FOR_EACH_OF_GROUP(s, image, group, sum += (double)x[i]);
      double center = sum / count;
      FOR_EACH_OF_GROUP(s, image, group, squares += ((double)x[i] - center) * ((double)x[i] - center));
      double deviation = sqrt(squares / count + (double)s->eps);
      mean[image * s->groups + group] = (float)center;
      variance[image * s->groups + group] = (float)(squares / count);
      FOR_EACH_OF_GROUP(s, image, group, y[i] = (float)(((double)x[i] - center) / deviation));
    }
}

void ck_group_norm_backward_reference(const ck_group_norm *s, const float *dy, const float *x, const float *mean,
                                      const float *variance, float *dx) {
  double count = (double)(s->channels / s->groups * s->pixels);
  for (ptrdiff_t image = 0; image < s->images; image++)
    for (ptrdiff_t group = 0; group < s->groups; group++) {
      double center = (double)mean[image * s->groups + group];
      double square = (double)variance[image * s->groups + group] + (double)s->eps;
      double sum = 0, product = 0;
      FOR_EACH_OF_GROUP(s, image, group, sum += (double)dy[i]);
      FOR_EACH_OF_GROUP(s, image, group, product += (double)dy[i] * ((double)x[i] - center));
      double slope = product / (count * square), inverse = 1 / sqrt(square);
      FOR_EACH_OF_GROUP(s, image, group, {
        double g = (double)dy[i] - sum / count;
        dx[i] = (float)(inverse * (g - ((double)x[i] - center) * slope));
      });
    }
}

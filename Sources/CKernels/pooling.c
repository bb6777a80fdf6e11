// Pooling and resizing.

#include "ckernels_layout.h"
#include "ckernels_pooling.h"

void ck_upsample_nearest2d(ck_pool *pool, ptrdiff_t batch, ptrdiff_t height, ptrdiff_t width,
                           ptrdiff_t channels, ptrdiff_t scale_height, ptrdiff_t scale_width, const float *x,
                           float *y) {
  ptrdiff_t x_row = width * channels, y_row = x_row * scale_width;
  ck_strided_copy(pool, 5, (ptrdiff_t[]){batch * height, scale_height, width, scale_width, channels}, x,
                  (ptrdiff_t[]){x_row, 0, channels, 0, 1}, y,
                  (ptrdiff_t[]){scale_height * y_row, y_row, scale_width * channels, channels, 1});
}

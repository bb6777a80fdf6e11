#include <png.h>

/// An upper bound on the bytes that an image takes as a PNG file. The macro of libpng is not visible in
/// Swift.
static inline png_alloc_size_t clibpng_maximum_size(const png_image *image) {
  return PNG_IMAGE_PNG_SIZE_MAX(*image);
}

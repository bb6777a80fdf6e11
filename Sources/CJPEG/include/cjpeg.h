#ifndef CJPEG_H
#define CJPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Decodes JPEG images with libjpeg. libjpeg leaves by `longjmp` when a file is broken, which must not
/// cross Swift's frames; these functions return false instead, and say why.

/// The most bytes of a message, with its final zero.
#define CJPEG_MESSAGE_SIZE 200

typedef struct {
  /// The image as the file holds it.
  uint32_t full_width, full_height;
  /// The image as it will be decoded.
  uint32_t width, height;
  /// 1 (grey) or 3 (red, green, blue).
  uint32_t channels;
} cjpeg_layout;

/// Reads an image's header.
///
/// Decoding reduces the image to a half, a quarter or an eighth where both sides keep at least the
/// minimum: that costs a fraction of the time, and averages as a resize would.
///
/// - Returns: Whether the header could be read; if not, `message` holds the reason.
bool cjpeg_read_layout(const uint8_t *data, size_t size, uint32_t minimum_width, uint32_t minimum_height,
                       cjpeg_layout *layout, char message[CJPEG_MESSAGE_SIZE]);

/// Decodes an image into `height · width · channels` bytes, row by row, channels together.
///
/// - Parameter layout: What `cjpeg_read_layout` gave for the same data.
/// - Returns: Whether the whole image could be decoded; if not, `message` holds the reason.
bool cjpeg_decode(const uint8_t *data, size_t size, const cjpeg_layout *layout, uint8_t *pixels,
                  char message[CJPEG_MESSAGE_SIZE]);

#endif

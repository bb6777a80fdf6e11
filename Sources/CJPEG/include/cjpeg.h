#ifndef CJPEG_H
#define CJPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Decodes JPEG images with libjpeg, row by row, from a stream. libjpeg leaves by `longjmp` when a file is
/// broken, which must not cross Swift's frames; these functions return false instead, and say why.

/// The most bytes of a message, with its final zero.
#define CJPEG_MESSAGE_SIZE 200

/// Reads the next bytes of a file; fewer than asked for only at its end.
typedef size_t (*cjpeg_read)(void *context, uint8_t *buffer, size_t count);

/// An image as its file holds it.
typedef struct {
  uint32_t width, height;
  /// 1 (grey) or 3 (red, green, blue), which CMYK becomes too: what rows are delivered in.
  uint8_t channels;
  bool has_inks, is_progressive;
} cjpeg_layout;

/// What decoding a file may cost.
typedef struct {
  /// How many bytes may be unpacked out of any file, and beyond those, how many out of each byte.
  size_t free_bytes, ratio;
  /// The file's size.
  size_t file_bytes;
} cjpeg_budget;

typedef struct cjpeg_decoder cjpeg_decoder;

/// Begins to decode a file, up to its first pixel.
///
/// - Returns: A decoder, to be closed; nil with a message where the file is broken or memory lacks.
cjpeg_decoder *cjpeg_open(cjpeg_read read, void *context, cjpeg_layout *layout,
                          char message[CJPEG_MESSAGE_SIZE]);

/// The file's Exif block, without its name; nil where it has none.
const uint8_t *cjpeg_exif(cjpeg_decoder *decoder, size_t *size);

/// Chooses the size to decode at: a half, a quarter or an eighth of the file's where both sides keep at least
/// the minimum, which costs a fraction of the time, and averages as a resize would.
///
/// - Parameters:
///   - width: What rows will have.
///   - height: How many rows there will be.
bool cjpeg_start(cjpeg_decoder *decoder, uint32_t minimum_width, uint32_t minimum_height, cjpeg_budget budget,
                 uint32_t *width, uint32_t *height, char message[CJPEG_MESSAGE_SIZE]);

/// Decodes the next row, `width · channels` bytes.
bool cjpeg_read_row(cjpeg_decoder *decoder, uint8_t *row, char message[CJPEG_MESSAGE_SIZE]);

/// Holds what follows the last row against the format.
bool cjpeg_finish(cjpeg_decoder *decoder, char message[CJPEG_MESSAGE_SIZE]);

void cjpeg_close(cjpeg_decoder *decoder);

#endif

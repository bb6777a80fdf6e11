#ifndef CPNG_H
#define CPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Decodes PNG images with libpng, row by row, from a stream. libpng leaves by `longjmp` when a file is
/// broken, which must not cross Swift's frames; these functions return false instead, and say why.

/// The most bytes of a message, with its final zero.
#define CPNG_MESSAGE_SIZE 200

/// Reads the next bytes of a file; fewer than asked for only at its end.
typedef size_t (*cpng_read)(void *context, uint8_t *buffer, size_t count);

/// An image as its file holds it.
typedef struct {
  uint32_t width, height;
  /// Bits of a sample, or of an index into the palette: 1, 2, 4, 8 or 16.
  uint8_t depth;
  bool has_color, has_palette, is_interlaced;
  /// Whether there are transparent pixels, or may be.
  bool has_alpha;
} cpng_layout;

/// How rows are delivered: eight bits a sample.
typedef struct {
  /// 1 (grey), 3 (red, green, blue) or 4 (and alpha).
  uint8_t channels;
  /// What shows through transparent pixels where no alpha is delivered: red, green and blue. In grey images
  /// the three are equal.
  uint8_t background[3];
  /// The sample of 16 bits that becomes 255; larger ones become that too.
  uint16_t white;
} cpng_delivery;

/// What decoding a file may cost.
typedef struct {
  /// How many bytes may be unpacked out of any file, and beyond those, how many out of each byte.
  size_t free_bytes, ratio;
  /// The file's size.
  size_t file_bytes;
} cpng_budget;

/// What was seen in the pixels.
typedef struct {
  /// The greatest sample of 16 bits; zero where the file has eight or fewer.
  uint16_t greatest;
  /// The least alpha, of 255.
  uint8_t least_alpha;
} cpng_findings;

typedef struct cpng_decoder cpng_decoder;

/// Begins to decode a file, up to its first pixel.
///
/// - Returns: A decoder, to be closed; nil with a message where the file is broken or memory lacks.
cpng_decoder *cpng_open(cpng_read read, void *context, cpng_layout *layout, char message[CPNG_MESSAGE_SIZE]);

/// The file's Exif block as far as it has been read, which may come behind the pixels; nil where it has none.
const uint8_t *cpng_exif(cpng_decoder *decoder, size_t *size);

/// Says how rows are delivered. Call once, before the first of them.
bool cpng_start(cpng_decoder *decoder, cpng_delivery delivery, cpng_budget budget,
                char message[CPNG_MESSAGE_SIZE]);

/// Decodes the next row, `width · channels` bytes. The rows of an interlaced file are decoded all at once,
/// into memory of the decoder.
bool cpng_read_row(cpng_decoder *decoder, uint8_t *row, char message[CPNG_MESSAGE_SIZE]);

/// Reads what stands behind the pixels, where that can be read, and tells what was seen in them.
cpng_findings cpng_finish(cpng_decoder *decoder);

void cpng_close(cpng_decoder *decoder);

#endif

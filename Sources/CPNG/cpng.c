#include "cpng.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

struct cpng_decoder {
  png_structp png;
  png_infop info;
  cpng_read read;
  void *context;
  cpng_layout layout;
  cpng_delivery delivery;
  cpng_findings findings;
  cpng_budget budget;
  /// Bytes of the file that were asked for, and of pixels that came out of them.
  size_t bytes_in, bytes_out;
  /// Channels of a pixel as libpng gives it, of one byte each or of two.
  uint32_t channels;
  uint32_t sample_size;
  /// One row as libpng gives it, or all of an interlaced file.
  uint8_t *samples;
  uint32_t next_row;
  /// How many bytes the file may still be asked for; no limit but behind a row.
  size_t allowance;
  /// Whether there is much packed data behind the last row, which is left unread.
  bool has_rest;
  jmp_buf escape;
  char *message;
};

static void leave(png_structp png, png_const_charp text) {
  cpng_decoder *decoder = png_get_error_ptr(png);
  snprintf(decoder->message, CPNG_MESSAGE_SIZE, "%s", text);
  longjmp(decoder->escape, 1);
}

static void pass_over_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep buffer, size_t count) {
  cpng_decoder *decoder = png_get_io_ptr(png);
  if (decoder->read(decoder->context, buffer, count) != count) png_error(png, "it ends too early");
  decoder->bytes_in += count;
  if (count > decoder->allowance) {
    decoder->has_rest = true;
    png_error(png, "it goes on behind its last row");
  }
  decoder->allowance -= count;
}

/// Called with each row when it is unpacked. Behind the last one libpng unpacks whatever stands there, to any size:
/// what ends the data needs little.
static void limit_rest(png_structp png, png_row_infop row, png_bytep bytes) {
  (void)row;
  (void)bytes;
  cpng_decoder *decoder = png_get_io_ptr(png);
  decoder->allowance = 1 << 14;
}

static void read_row(cpng_decoder *decoder, uint8_t *samples) {
  decoder->allowance = SIZE_MAX;
  png_read_row(decoder->png, samples, NULL);
}

/// Texts, profiles and the like are passed over unread: they may unpack to any size.
static void choose_chunks(png_structp png) {
  static const uint8_t wanted[] = {'t', 'R', 'N', 'S', 0, 'e', 'X', 'I', 'f', 0};
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, wanted, sizeof wanted / 5);
}

cpng_decoder *cpng_open(cpng_read read, void *context, cpng_layout *layout, char message[CPNG_MESSAGE_SIZE]) {
  cpng_decoder *const decoder = calloc(1, sizeof *decoder);
  if (!decoder) {
    snprintf(message, CPNG_MESSAGE_SIZE, "there is no memory for it");
    return NULL;
  }
  decoder->read = read;
  decoder->context = context;
  decoder->message = message;
  decoder->findings.least_alpha = 255;
  decoder->allowance = SIZE_MAX;
  if (setjmp(decoder->escape)) {
    cpng_close(decoder);
    return NULL;
  }
  decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, leave, pass_over_warning);
  if (decoder->png) decoder->info = png_create_info_struct(decoder->png);
  if (!decoder->info) {
    snprintf(message, CPNG_MESSAGE_SIZE, "there is no memory for it");
    cpng_close(decoder);
    return NULL;
  }
  png_set_read_fn(decoder->png, decoder, read_bytes);
  choose_chunks(decoder->png);
  png_read_info(decoder->png, decoder->info);
  const uint8_t color = png_get_color_type(decoder->png, decoder->info);
  decoder->layout = (cpng_layout){
      .width = png_get_image_width(decoder->png, decoder->info),
      .height = png_get_image_height(decoder->png, decoder->info),
      .depth = png_get_bit_depth(decoder->png, decoder->info),
      .has_color = color & PNG_COLOR_MASK_COLOR,
      .has_palette = color == PNG_COLOR_TYPE_PALETTE,
      .is_interlaced = png_get_interlace_type(decoder->png, decoder->info) != PNG_INTERLACE_NONE,
      .has_alpha = color & PNG_COLOR_MASK_ALPHA || png_get_valid(decoder->png, decoder->info, PNG_INFO_tRNS),
  };
  *layout = decoder->layout;
  return decoder;
}

const uint8_t *cpng_exif(cpng_decoder *decoder, size_t *size) {
  png_uint_32 count = 0;
  png_bytep bytes = NULL;
  if (setjmp(decoder->escape)) return NULL;
  if (!png_get_eXIf_1(decoder->png, decoder->info, &count, &bytes)) return NULL;
  *size = count;
  return bytes;
}

bool cpng_start(cpng_decoder *decoder, cpng_delivery delivery, cpng_budget budget,
                char message[CPNG_MESSAGE_SIZE]) {
  decoder->delivery = delivery;
  decoder->budget = budget;
  decoder->message = message;
  if (setjmp(decoder->escape)) return false;
  png_set_expand(decoder->png);
  if (decoder->layout.depth == 16) png_set_swap(decoder->png);
  if (decoder->layout.is_interlaced) png_set_interlace_handling(decoder->png);
  png_set_read_user_transform_fn(decoder->png, limit_rest);
  png_read_update_info(decoder->png, decoder->info);
  decoder->channels = png_get_channels(decoder->png, decoder->info);
  decoder->sample_size = png_get_bit_depth(decoder->png, decoder->info) / 8;
  const size_t row_size = png_get_rowbytes(decoder->png, decoder->info);
  const size_t rows = decoder->layout.is_interlaced ? decoder->layout.height : 1;
  // Of an interlaced file all rows are kept, which its size alone must not make anybody do.
  const size_t kept = row_size * rows;
  if (rows > 1 && kept > budget.free_bytes && kept / budget.ratio > budget.file_bytes)
    png_error(decoder->png, "it claims far more pixels than its bytes justify: refused for its cost");
  decoder->samples = calloc(rows, row_size);
  if (!decoder->samples) png_error(decoder->png, "there is no memory for it");
  return true;
}

/// Unpacking costs time that the file's size must justify.
static void check_budget(cpng_decoder *decoder, size_t count) {
  decoder->bytes_out += count;
  if (decoder->bytes_out <= decoder->budget.free_bytes) return;
  if (decoder->bytes_out / decoder->budget.ratio <= decoder->bytes_in) return;
  png_error(decoder->png, "its pixels take more than its bytes justify: refused for its cost");
}

static void decode_interlaced(cpng_decoder *decoder, size_t row_size) {
  for (int pass = 0; pass < 7; pass++) {
    for (uint32_t y = 0; y < decoder->layout.height; y++) {
      read_row(decoder, decoder->samples + y * row_size);
      check_budget(decoder, row_size / 7);
    }
  }
}

/// A sample out of eight bits or of 16 becomes one of eight, rounded.
static uint8_t narrow(uint32_t sample, uint32_t white) {
  if (sample >= white) return 255;
  return (uint8_t)((sample * 255 + white / 2) / white);
}

/// A share of `alpha` out of 255 of one colour over the rest of another, in the brightness curve that both are
/// stored in, rounded.
static uint8_t blend(uint32_t color, uint32_t under, uint32_t alpha) {
  const uint32_t sum = color * alpha + under * (255 - alpha) + 128;
  return (uint8_t)((sum + (sum >> 8)) >> 8);
}

/// A row of so many channels and bytes a sample as one of so many channels.
static inline __attribute__((always_inline)) void deliver_as(cpng_decoder *decoder, const uint8_t *samples, uint8_t *row,
                                                             uint32_t channels, uint32_t sample_size, uint32_t wanted) {
  const cpng_delivery *delivery = &decoder->delivery;
  const uint32_t colors = channels > 2 ? 3 : 1;
  const bool has_alpha = channels % 2 == 0;
  uint32_t sample[4];
  uint32_t greatest = decoder->findings.greatest, least = decoder->findings.least_alpha;
  for (uint32_t x = 0; x < decoder->layout.width; x++, row += wanted) {
    if (sample_size == 2) {
      const uint16_t *wide = (const uint16_t *)(const void *)samples + (size_t)x * channels;
      for (uint32_t c = 0; c < colors; c++) {
        if (wide[c] > greatest) greatest = wide[c];
        sample[c] = narrow(wide[c], delivery->white);
      }
      sample[3] = has_alpha ? narrow(wide[colors], 65535) : 255;
    } else {
      const uint8_t *bytes = samples + (size_t)x * channels;
      for (uint32_t c = 0; c < colors; c++) sample[c] = bytes[c];
      sample[3] = has_alpha ? bytes[colors] : 255;
    }
    if (sample[3] < least) least = sample[3];
    for (uint32_t c = colors; c < 3; c++) sample[c] = sample[0];
    if (wanted == 4) {
      for (uint32_t c = 0; c < 4; c++) row[c] = (uint8_t)sample[c];
    } else {
      for (uint32_t c = 0; c < wanted; c++)
        row[c] = sample[3] == 255 ? (uint8_t)sample[c] : blend(sample[c], delivery->background[c], sample[3]);
    }
  }
  decoder->findings.greatest = (uint16_t)greatest;
  decoder->findings.least_alpha = (uint8_t)least;
}

/// The usual kinds have a loop each, which the compiler makes of known numbers.
static void deliver(cpng_decoder *decoder, const uint8_t *samples, uint8_t *row) {
  const uint32_t wanted = decoder->delivery.channels;
  if (decoder->sample_size != 1) {
    deliver_as(decoder, samples, row, decoder->channels, decoder->sample_size, wanted);
    return;
  }
  switch (10 * decoder->channels + wanted) {
    case 11: deliver_as(decoder, samples, row, 1, 1, 1); return;
    case 13: deliver_as(decoder, samples, row, 1, 1, 3); return;
    case 33: deliver_as(decoder, samples, row, 3, 1, 3); return;
    case 43: deliver_as(decoder, samples, row, 4, 1, 3); return;
    case 44: deliver_as(decoder, samples, row, 4, 1, 4); return;
    default: deliver_as(decoder, samples, row, decoder->channels, 1, wanted);
  }
}

/// Makes the next row, or all of an interlaced file, from what the file holds.
static void decode(cpng_decoder *decoder, size_t row_size) {
  if (decoder->layout.is_interlaced) {
    if (decoder->next_row == 0) decode_interlaced(decoder, row_size);
    return;
  }
  read_row(decoder, decoder->samples);
  check_budget(decoder, row_size);
}

bool cpng_read_row(cpng_decoder *decoder, uint8_t *row, char message[CPNG_MESSAGE_SIZE]) {
  decoder->message = message;
  const size_t row_size = (size_t)decoder->layout.width * decoder->channels * decoder->sample_size;
  // A rest is met when the last row is whole.
  if (!setjmp(decoder->escape)) decode(decoder, row_size);
  else if (!decoder->has_rest) return false;
  deliver(decoder, decoder->samples + (decoder->layout.is_interlaced ? decoder->next_row * row_size : 0), row);
  decoder->next_row++;
  return true;
}

cpng_findings cpng_finish(cpng_decoder *decoder) {
  char message[CPNG_MESSAGE_SIZE];
  decoder->message = message;
  // The pixels are whole: what is wrong behind them is nobody's loss.
  if (!decoder->has_rest && !setjmp(decoder->escape)) {
    decoder->allowance = SIZE_MAX;
    png_read_end(decoder->png, decoder->info);
  }
  return decoder->findings;
}

void cpng_close(cpng_decoder *decoder) {
  free(decoder->samples);
  if (decoder->png) png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
  free(decoder);
}

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
      png_read_row(decoder->png, decoder->samples + y * row_size, NULL);
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

static void deliver(cpng_decoder *decoder, const uint8_t *samples, uint8_t *row) {
  const cpng_delivery *delivery = &decoder->delivery;
  const uint32_t colors = decoder->channels > 2 ? 3 : 1;
  const bool has_alpha = decoder->channels % 2 == 0;
  uint32_t sample[4];
  uint32_t greatest = decoder->findings.greatest, least = decoder->findings.least_alpha;
  for (uint32_t x = 0; x < decoder->layout.width; x++, row += delivery->channels) {
    if (decoder->sample_size == 2) {
      const uint16_t *wide = (const uint16_t *)(const void *)samples + (size_t)x * decoder->channels;
      for (uint32_t c = 0; c < colors; c++) {
        if (wide[c] > greatest) greatest = wide[c];
        sample[c] = narrow(wide[c], delivery->white);
      }
      sample[3] = has_alpha ? narrow(wide[colors], 65535) : 255;
    } else {
      const uint8_t *bytes = samples + (size_t)x * decoder->channels;
      for (uint32_t c = 0; c < colors; c++) sample[c] = bytes[c];
      sample[3] = has_alpha ? bytes[colors] : 255;
    }
    if (sample[3] < least) least = sample[3];
    for (uint32_t c = colors; c < 3; c++) sample[c] = sample[0];
    if (delivery->channels == 4) {
      for (uint32_t c = 0; c < 4; c++) row[c] = (uint8_t)sample[c];
    } else {
      for (uint32_t c = 0; c < delivery->channels; c++)
        row[c] = sample[3] == 255 ? (uint8_t)sample[c] : blend(sample[c], delivery->background[c], sample[3]);
    }
  }
  decoder->findings.greatest = (uint16_t)greatest;
  decoder->findings.least_alpha = (uint8_t)least;
}

bool cpng_read_row(cpng_decoder *decoder, uint8_t *row, char message[CPNG_MESSAGE_SIZE]) {
  decoder->message = message;
  if (setjmp(decoder->escape)) return false;
  const size_t row_size = (size_t)decoder->layout.width * decoder->channels * decoder->sample_size;
  if (!decoder->layout.is_interlaced) {
    png_read_row(decoder->png, decoder->samples, NULL);
    check_budget(decoder, row_size);
    deliver(decoder, decoder->samples, row);
  } else {
    if (decoder->next_row == 0) decode_interlaced(decoder, row_size);
    deliver(decoder, decoder->samples + decoder->next_row * row_size, row);
  }
  decoder->next_row++;
  return true;
}

cpng_findings cpng_finish(cpng_decoder *decoder) {
  char message[CPNG_MESSAGE_SIZE];
  decoder->message = message;
  // The pixels are whole: what is wrong behind them is nobody's loss.
  if (!setjmp(decoder->escape)) png_read_end(decoder->png, decoder->info);
  return decoder->findings;
}

void cpng_close(cpng_decoder *decoder) {
  free(decoder->samples);
  if (decoder->png) png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
  free(decoder);
}

#include "cjpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>  // Behind jpeglib.h: the numbers of the messages depend on how libjpeg was configured.

_Static_assert(CJPEG_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "libjpeg writes messages of this length");

enum {
  /// A progressive file may hold any number of scans, each of which costs a pass over the whole image, so
  /// a small file could keep a decoder busy for hours. Real files have about ten.
  MAXIMUM_SCANS = 500,
  /// Scans that say nothing new cost less than pixels that do: so many of them are one pass over the pixels.
  SCANS_A_PASS = 8,
  BUFFER_SIZE = 1 << 16,
};

struct cjpeg_decoder {
  struct jpeg_decompress_struct codec;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  struct jpeg_source_mgr source;
  cjpeg_read read;
  void *context;
  cjpeg_budget budget;
  size_t bytes_in;
  /// A row of inks, where the file has those.
  uint8_t *inks;
  jmp_buf escape;
  char *message;
  uint8_t buffer[BUFFER_SIZE];
};

static cjpeg_decoder *decoder_of(j_common_ptr codec) { return codec->client_data; }

static void leave(j_common_ptr codec) {
  codec->err->format_message(codec, decoder_of(codec)->message);
  longjmp(decoder_of(codec)->escape, 1);
}

static void leave_saying(j_common_ptr codec, const char *text) {
  snprintf(decoder_of(codec)->message, CJPEG_MESSAGE_SIZE, "%s", text);
  longjmp(decoder_of(codec)->escape, 1);
}

/// libjpeg only warns of damaged image data and guesses the pixels. A training set is better off
/// without those; harmless oddities, such as stray bytes between segments, pass.
static void judge_warning(j_common_ptr codec, int level) {
  if (level >= 0) return;
  switch (codec->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      leave(codec);
  }
}

static void print_nothing(j_common_ptr codec) { (void)codec; }

// The file.

static void begin_reading(j_decompress_ptr codec) { (void)codec; }

static void end_reading(j_decompress_ptr codec) { (void)codec; }

/// Whoever asks for more than there is has met a file that was cut short. libjpeg's own source would go on
/// as if the image ended here.
static boolean read_more(j_decompress_ptr codec) {
  cjpeg_decoder *decoder = decoder_of((j_common_ptr)codec);
  const size_t count = decoder->read(decoder->context, decoder->buffer, BUFFER_SIZE);
  if (count == 0) ERREXIT(codec, JERR_INPUT_EOF);
  decoder->bytes_in += count;
  decoder->source.next_input_byte = decoder->buffer;
  decoder->source.bytes_in_buffer = count;
  return TRUE;
}

static void skip_bytes(j_decompress_ptr codec, long count) {
  cjpeg_decoder *decoder = decoder_of((j_common_ptr)codec);
  while (count > (long)decoder->source.bytes_in_buffer) {
    count -= (long)decoder->source.bytes_in_buffer;
    read_more(codec);
  }
  if (count <= 0) return;
  decoder->source.next_input_byte += count;
  decoder->source.bytes_in_buffer -= (size_t)count;
}

// The cost.

/// Whether so many bytes are more than the file may come to.
static bool exceeds_budget(const cjpeg_decoder *decoder, size_t bytes) {
  return bytes > decoder->budget.free_bytes && bytes / decoder->budget.ratio > decoder->bytes_in;
}

static size_t pixel_bytes(const cjpeg_decoder *decoder) {
  return (size_t)decoder->codec.image_width * decoder->codec.image_height *
         (size_t)decoder->codec.num_components;
}

static void limit_scans(j_common_ptr codec) {
  cjpeg_decoder *decoder = decoder_of(codec);
  const int scans = decoder->codec.input_scan_number;
  if (scans > MAXIMUM_SCANS) {
    snprintf(decoder->message, CJPEG_MESSAGE_SIZE, "More than %d scans", MAXIMUM_SCANS);
    longjmp(decoder->escape, 1);
  }
  if (decoder->budget.ratio == 0 || scans <= SCANS_A_PASS) return;
  if (exceeds_budget(decoder, pixel_bytes(decoder) / SCANS_A_PASS * (size_t)scans))
    leave_saying(codec, "its scans go over its pixels more often than its bytes justify: refused for its cost");
}

// Decoding.

/// Everything that must be in place before `setjmp`, so that leaving is possible from the first call.
static void prepare(cjpeg_decoder *decoder) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  codec->err = jpeg_std_error(&decoder->errors);
  codec->err->error_exit = leave;
  codec->err->emit_message = judge_warning;
  codec->err->output_message = print_nothing;
  codec->client_data = decoder;
}

static void connect(cjpeg_decoder *decoder) {
  decoder->source = (struct jpeg_source_mgr){
      .init_source = begin_reading,
      .fill_input_buffer = read_more,
      .skip_input_data = skip_bytes,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = end_reading,
  };
  decoder->codec.src = &decoder->source;
  decoder->progress.progress_monitor = limit_scans;
  decoder->codec.progress = &decoder->progress;
}

cjpeg_decoder *cjpeg_open(cjpeg_read read, void *context, cjpeg_layout *layout,
                          char message[CJPEG_MESSAGE_SIZE]) {
  cjpeg_decoder *const decoder = calloc(1, sizeof *decoder);
  if (!decoder) {
    snprintf(message, CJPEG_MESSAGE_SIZE, "there is no memory for it");
    return NULL;
  }
  decoder->read = read;
  decoder->context = context;
  decoder->message = message;
  prepare(decoder);
  if (setjmp(decoder->escape)) {
    cjpeg_close(decoder);
    return NULL;
  }
  struct jpeg_decompress_struct *codec = &decoder->codec;
  jpeg_create_decompress(codec);
  connect(decoder);
  jpeg_save_markers(codec, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(codec, TRUE);
  switch (codec->jpeg_color_space) {
    case JCS_GRAYSCALE: codec->out_color_space = JCS_GRAYSCALE; break;
    case JCS_CMYK:
    case JCS_YCCK: codec->out_color_space = JCS_CMYK; break;
    default: codec->out_color_space = JCS_RGB;
  }
  *layout = (cjpeg_layout){
      .width = codec->image_width,
      .height = codec->image_height,
      .channels = codec->out_color_space == JCS_GRAYSCALE ? 1 : 3,
      .has_inks = codec->out_color_space == JCS_CMYK,
      .is_progressive = codec->progressive_mode,
  };
  return decoder;
}

const uint8_t *cjpeg_exif(cjpeg_decoder *decoder, size_t *size) {
  static const char name[6] = "Exif\0";
  for (jpeg_saved_marker_ptr marker = decoder->codec.marker_list; marker; marker = marker->next) {
    if (marker->data_length < sizeof name || memcmp(marker->data, name, sizeof name) != 0) continue;
    *size = marker->data_length - sizeof name;
    return marker->data + sizeof name;
  }
  return NULL;
}

/// Chooses the smallest of 1/8, 1/4, 1/2 and 1 that keeps both sides at their minimum.
static void select_scale(j_decompress_ptr codec, uint32_t minimum_width, uint32_t minimum_height) {
  codec->scale_num = 1;
  codec->scale_denom = 8;
  jpeg_calc_output_dimensions(codec);
  while (codec->scale_denom > 1 &&
         (codec->output_width < minimum_width || codec->output_height < minimum_height)) {
    codec->scale_denom /= 2;
    jpeg_calc_output_dimensions(codec);
  }
}

bool cjpeg_start(cjpeg_decoder *decoder, uint32_t minimum_width, uint32_t minimum_height, cjpeg_budget budget,
                 uint32_t *width, uint32_t *height, char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  decoder->budget = budget;
  decoder->message = message;
  if (setjmp(decoder->escape)) return false;
  select_scale(codec, minimum_width, minimum_height);
  *width = codec->output_width;
  *height = codec->output_height;
  // Of a file of several scans the decoder keeps two bytes for each sample.
  const size_t kept = 2 * pixel_bytes(decoder);
  if (jpeg_has_multiple_scans(codec) && kept > budget.free_bytes && kept / budget.ratio > budget.file_bytes)
    leave_saying((j_common_ptr)codec, "it claims far more pixels than its bytes justify: refused for its cost");
  jpeg_start_decompress(codec);
  if (codec->out_color_space == JCS_CMYK) {
    decoder->inks = malloc((size_t)codec->output_width * 4);
    if (!decoder->inks) leave_saying((j_common_ptr)codec, "there is no memory for it");
  }
  return true;
}

/// Turns a row of ink (cyan, magenta, yellow, black) into light. Adobe's programs, which write nearly
/// all such files, store the inks inverted: 255 is none.
static void convert_inks(const JSAMPLE *inks, uint8_t *colors, uint32_t width, bool inverted) {
  for (uint32_t x = 0; x < width; x++) {
    unsigned black = inverted ? inks[4 * x + 3] : 255 - inks[4 * x + 3];
    for (uint32_t c = 0; c < 3; c++) {
      unsigned ink = inverted ? inks[4 * x + c] : 255 - inks[4 * x + c];
      colors[3 * x + c] = (uint8_t)((ink * black + 127) / 255);
    }
  }
}

bool cjpeg_read_row(cjpeg_decoder *decoder, uint8_t *row, char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct *codec = &decoder->codec;
  decoder->message = message;
  if (setjmp(decoder->escape)) return false;
  JSAMPROW target = decoder->inks ? decoder->inks : row;
  jpeg_read_scanlines(codec, &target, 1);
  if (decoder->inks) convert_inks(decoder->inks, row, codec->output_width, codec->saw_Adobe_marker);
  // The pixels as far as they were decoded, at the file's own size.
  const size_t done = pixel_bytes(decoder) / codec->output_height * codec->output_scanline;
  if (exceeds_budget(decoder, done))
    leave_saying((j_common_ptr)codec, "its pixels take more than its bytes justify: refused for its cost");
  return true;
}

bool cjpeg_finish(cjpeg_decoder *decoder, char message[CJPEG_MESSAGE_SIZE]) {
  decoder->message = message;
  if (setjmp(decoder->escape)) return false;
  jpeg_finish_decompress(&decoder->codec);
  return true;
}

void cjpeg_close(cjpeg_decoder *decoder) {
  jpeg_destroy_decompress(&decoder->codec);
  free(decoder->inks);
  free(decoder);
}

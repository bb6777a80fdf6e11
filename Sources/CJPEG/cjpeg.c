#include "cjpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>  // Behind jpeglib.h: the numbers of the messages depend on how libjpeg was configured.

_Static_assert(CJPEG_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "libjpeg writes messages of this length");

/// A progressive file may hold any number of scans, each of which costs a pass over the whole image, so
/// a small file could keep a decoder busy for hours. Real files have about ten.
enum { MAXIMUM_SCANS = 500 };

/// What the callbacks need besides libjpeg's own state.
typedef struct {
  struct jpeg_error_mgr manager;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  char *message;
} decoding_state;

static decoding_state *state_of(j_common_ptr codec) { return codec->client_data; }

static void leave(j_common_ptr codec) {
  codec->err->format_message(codec, state_of(codec)->message);
  longjmp(state_of(codec)->escape, 1);
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

static void limit_scans(j_common_ptr codec) {
  if (((j_decompress_ptr)codec)->input_scan_number <= MAXIMUM_SCANS) return;
  snprintf(state_of(codec)->message, CJPEG_MESSAGE_SIZE, "More than %d scans", MAXIMUM_SCANS);
  longjmp(state_of(codec)->escape, 1);
}

/// The whole file is in the buffer: whoever asks for more has met a file that was cut short. libjpeg's
/// own source would go on as if the image ended here.
static boolean refuse_more_input(j_decompress_ptr decoder) {
  ERREXIT(decoder, JERR_INPUT_EOF);
  return FALSE;
}

/// Everything that must be in place before `setjmp`, so that leaving is possible from the first call.
static void prepare(j_decompress_ptr decoder, decoding_state *state, char *message) {
  memset(decoder, 0, sizeof *decoder);
  memset(state, 0, sizeof *state);
  state->message = message;
  decoder->err = jpeg_std_error(&state->manager);
  decoder->err->error_exit = leave;
  decoder->err->emit_message = judge_warning;
  decoder->err->output_message = print_nothing;
  decoder->client_data = state;
}

/// Prepares a decoder and reads the file's header. The caller has called `setjmp`.
static void begin(j_decompress_ptr decoder, decoding_state *state, const uint8_t *data, size_t size) {
  jpeg_create_decompress(decoder);
  state->progress.progress_monitor = limit_scans;
  decoder->progress = &state->progress;
  jpeg_mem_src(decoder, data, size);
  decoder->src->fill_input_buffer = refuse_more_input;
  jpeg_read_header(decoder, TRUE);
  switch (decoder->jpeg_color_space) {
    case JCS_GRAYSCALE: decoder->out_color_space = JCS_GRAYSCALE; break;
    case JCS_CMYK:
    case JCS_YCCK: decoder->out_color_space = JCS_CMYK; break;
    default: decoder->out_color_space = JCS_RGB;
  }
}

/// Chooses the smallest of 1/8, 1/4, 1/2 and 1 that keeps both sides at their minimum.
static void select_scale(j_decompress_ptr decoder, uint32_t minimum_width, uint32_t minimum_height) {
  decoder->scale_num = 1;
  decoder->scale_denom = 8;
  jpeg_calc_output_dimensions(decoder);
  while (decoder->scale_denom > 1 &&
         (decoder->output_width < minimum_width || decoder->output_height < minimum_height)) {
    decoder->scale_denom /= 2;
    jpeg_calc_output_dimensions(decoder);
  }
}

bool cjpeg_read_layout(const uint8_t *data, size_t size, uint32_t minimum_width, uint32_t minimum_height,
                       cjpeg_layout *layout, char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct decoder;
  decoding_state state;
  prepare(&decoder, &state, message);
  if (setjmp(state.escape)) {
    jpeg_destroy_decompress(&decoder);
    return false;
  }
  begin(&decoder, &state, data, size);
  select_scale(&decoder, minimum_width, minimum_height);
  layout->full_width = decoder.image_width;
  layout->full_height = decoder.image_height;
  layout->width = decoder.output_width;
  layout->height = decoder.output_height;
  layout->channels = decoder.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  jpeg_destroy_decompress(&decoder);
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

bool cjpeg_decode(const uint8_t *data, size_t size, const cjpeg_layout *layout, uint8_t *pixels,
                  char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct decoder;
  decoding_state state;
  prepare(&decoder, &state, message);
  if (setjmp(state.escape)) {
    jpeg_destroy_decompress(&decoder);
    return false;
  }
  begin(&decoder, &state, data, size);
  select_scale(&decoder, layout->width, layout->height);
  jpeg_start_decompress(&decoder);
  const size_t row_size = (size_t)layout->width * layout->channels;
  const bool has_inks = decoder.out_color_space == JCS_CMYK;
  JSAMPARRAY inks = decoder.mem->alloc_sarray((j_common_ptr)&decoder, JPOOL_IMAGE, 4 * layout->width, 1);
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t *row = pixels + decoder.output_scanline * row_size;
    jpeg_read_scanlines(&decoder, has_inks ? inks : &row, 1);
    if (has_inks) convert_inks(inks[0], row, layout->width, decoder.saw_Adobe_marker);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  return true;
}

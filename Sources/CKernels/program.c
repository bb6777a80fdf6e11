// Fused element-wise programs: their validation, and their run over blocks that stay in the first-level cache.

#include "ckernels_program.h"
#include "chunks.h"
#include "loops.h"

#include <string.h>

/// The registers that an instruction reads, as a bit set; -1 when its opcode is unknown.
static int registers_read(const ck_ew_instr *instruction) {
  int a = 1 << instruction->a, b = 1 << instruction->b, opcode = instruction->opcode;
  if (opcode < CK_EW_UNARY + CK_UNARY_COUNT) return a;
  if (opcode >= CK_EW_UNARY_BACKWARD && opcode < CK_EW_UNARY_BACKWARD + CK_UNARY_COUNT) return a | b;
  if (opcode >= CK_EW_BINARY && opcode < CK_EW_BINARY + CK_BINARY_COUNT) return a | b;
  switch (opcode) {
  case CK_EW_AFFINE:
  case CK_EW_STORE: return a;
  case CK_EW_MULTIPLY_ADD: return a | b | 1 << instruction->dst;
  case CK_EW_CONSTANT:
  case CK_EW_LOAD: return 0;
  default: return -1;
  }
}

bool ck_ew_program_is_valid(const ck_ew_program *program) {
  if (program->instruction_count < 0 || program->instruction_count > CK_EW_INSTRUCTIONS) return false;
  if (program->input_count < 0 || program->input_count > CK_EW_INPUTS) return false;
  if (program->output_count < 0 || program->output_count > CK_EW_OUTPUTS) return false;
  int written = 0, stored = 0;
  for (int i = 0; i < program->instruction_count; i++) {
    const ck_ew_instr *instruction = &program->instructions[i];
    if (instruction->dst >= CK_EW_REGISTERS || instruction->a >= 32 || instruction->b >= 32) return false;
    int reads = registers_read(instruction);
    if (reads < 0 || (reads & ~written) != 0) return false;
    if (instruction->opcode == CK_EW_LOAD && instruction->a >= program->input_count) return false;
    if (instruction->opcode == CK_EW_STORE) {
      int bit = 1 << instruction->dst;
      if (instruction->dst >= program->output_count || (stored & bit) != 0) return false;
      stored |= bit;
    } else {
      written |= 1 << instruction->dst;
    }
  }
  return stored == (1 << program->output_count) - 1;
}

enum {
  /// Elements of a register's tile: 2 KiB, so that all tiles together take half of a first-level cache.
  TILE = 512,
  /// Blocks of one task.
  BLOCKS_OF_TASK = CK_CHUNK / TILE,

  // Where a step's operand lies: in a register's tile, in an input, in an output.
  INPUT_PLACE = CK_EW_REGISTERS,
  OUTPUT_PLACE = INPUT_PLACE + CK_EW_INPUTS,
  PLACES = OUTPUT_PLACE + CK_EW_OUTPUTS,
};

/// One loop over a block. Its operands are places.
struct step {
  /// NULL for a multiply-add, whose addend is at `c`.
  ck_loop loop;
  float p0, p1;
  uint8_t a, b, c, y;
};

/// A program decoded for one run.
struct plan {
  const struct ck_loops *loops;
  struct step steps[CK_EW_INSTRUCTIONS];
  int step_count, input_count, output_count;
  const ck_ew_operand *inputs;
  float *const *outputs;
  /// Whether a FULL input is copied to a tile, because an output overwrites it.
  bool copied[CK_EW_INPUTS];
  /// The tensors as the blocks see them: rows of `period` elements. A row of at most TILE elements is a block;
  /// longer ones are cut into tiles.
  ptrdiff_t count, channels, period, blocks;
};

static void add_step(struct plan *plan, ck_loop loop, const ck_ew_instr *instruction, int a, int b, int c, int y) {
  plan->steps[plan->step_count++] =
      (struct step){loop, instruction->p0, instruction->p1, (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)y};
}

/// Makes the last value of a register's tile go to an output at once, for it and whoever reads it later.
/// Returns the output's place.
static int redirect(struct plan *plan, int tile, int output_place) {
  int writer = plan->step_count - 1;
  while (plan->steps[writer].y != tile) writer--;
  plan->steps[writer].y = (uint8_t)output_place;
  for (int i = writer + 1; i < plan->step_count; i++) {
    struct step *step = &plan->steps[i];
    if (step->a == tile) step->a = (uint8_t)output_place;
    if (step->b == tile) step->b = (uint8_t)output_place;
    if (step->c == tile) step->c = (uint8_t)output_place;
  }
  return output_place;
}

/// Turns instructions into steps. Loads and stores cost nothing where they can: a register is a name for a
/// place, which a load makes an input's and a store an output's.
static void decode(struct plan *plan, const ck_ew_program *program) {
  int place[CK_EW_REGISTERS] = {0};
  for (int i = 0; i < program->instruction_count; i++) {
    const ck_ew_instr *k = &program->instructions[i];
    int opcode = k->opcode, a = 0, b = 0;
    if (opcode == CK_EW_LOAD) {
      place[k->dst] = INPUT_PLACE + k->a;
      continue;
    }
    int reads = registers_read(k);
    if (reads & 1 << k->a) a = place[k->a];
    if (reads & 1 << k->b) b = place[k->b];
    if (opcode == CK_EW_STORE) {
      int output = OUTPUT_PLACE + k->dst;
      if (a < INPUT_PLACE)
        place[k->a] = redirect(plan, a, output);
      else
        add_step(plan, plan->loops->unary[CK_UNARY_IDENTITY], k, a, a, a, output);
      continue;
    }
    if (opcode < CK_EW_UNARY_BACKWARD)
      add_step(plan, plan->loops->unary[opcode], k, a, a, a, k->dst);
    else if (opcode < CK_EW_BINARY)
      add_step(plan, plan->loops->unary_backward[opcode - CK_EW_UNARY_BACKWARD], k, a, b, a, k->dst);
    else if (opcode < CK_EW_AFFINE)
      add_step(plan, plan->loops->binary[opcode - CK_EW_BINARY], k, a, b, a, k->dst);
    else if (opcode == CK_EW_AFFINE)
      add_step(plan, plan->loops->affine, k, a, a, a, k->dst);
    else if (opcode == CK_EW_CONSTANT)
      add_step(plan, plan->loops->fill, k, k->dst, k->dst, k->dst, k->dst);
    else
      add_step(plan, NULL, k, a, b, place[k->dst], k->dst);
    place[k->dst] = k->dst;
  }
}

/// The shape of the blocks: with per-channel inputs, they begin where rows do, or lie within a row.
static void cut_blocks(struct plan *plan, ptrdiff_t rows, ptrdiff_t channels) {
  bool per_channel = false;
  for (int i = 0; i < plan->input_count; i++) per_channel |= plan->inputs[i].kind == CK_EW_CHANNEL;
  plan->count = rows * channels;
  plan->channels = channels;
  if (!per_channel)
    plan->period = plan->count;
  else
    plan->period = channels <= TILE ? TILE / channels * channels : channels;
  if (plan->period <= TILE)
    plan->blocks = ck_quotient_up(plan->count, plan->period);
  else
    plan->blocks = plan->count / plan->period * ck_quotient_up(plan->period, TILE);
}

/// Where a block's elements start, how many they are, and the column of the first.
struct tile {
  ptrdiff_t start, count, column;
};

static struct tile tile_of(const struct plan *plan, ptrdiff_t block) {
  if (plan->period <= TILE) {
    struct ck_range part = ck_part(plan->count, plan->period, block);
    return (struct tile){part.start, part.count, 0};
  }
  ptrdiff_t of_row = ck_quotient_up(plan->period, TILE);
  struct ck_range part = ck_part(plan->period, TILE, block % of_row);
  return (struct tile){block / of_row * plan->period + part.start, part.count, part.start};
}

/// The memory of a task, and where the places are in it.
struct frame {
  _Alignas(64) float tiles[OUTPUT_PLACE][TILE];
  const float *sources[PLACES];
  float *targets[PLACES];
};

/// Fills in what is the same for all blocks of a task.
static void enter_task(const struct plan *plan, struct frame *frame) {
  for (int place = 0; place < OUTPUT_PLACE; place++) {
    frame->sources[place] = frame->tiles[place];
    frame->targets[place] = frame->tiles[place];
  }
  for (int i = 0; i < plan->input_count; i++) {
    float *tile = frame->tiles[INPUT_PLACE + i];
    const float *data = plan->inputs[i].data;
    if (plan->inputs[i].kind == CK_EW_SCALAR)
      plan->loops->fill(TILE, data[0], 0, tile, tile, tile);
    else if (plan->inputs[i].kind == CK_EW_CHANNEL && plan->period <= TILE)
      for (ptrdiff_t j = 0; j < plan->period; j += plan->channels)
        memcpy(tile + j, data, (size_t)plan->channels * sizeof(float));
  }
}

static void enter_block(const struct plan *plan, struct tile tile, struct frame *frame) {
  for (int i = 0; i < plan->input_count; i++) {
    const float *data = plan->inputs[i].data;
    if (plan->copied[i])
      memcpy(frame->tiles[INPUT_PLACE + i], data + tile.start, (size_t)tile.count * sizeof(float));
    else if (plan->inputs[i].kind == CK_EW_FULL)
      frame->sources[INPUT_PLACE + i] = data + tile.start;
    else if (plan->inputs[i].kind == CK_EW_CHANNEL && plan->period > TILE)
      frame->sources[INPUT_PLACE + i] = data + tile.column;
  }
  for (int o = 0; o < plan->output_count; o++) {
    frame->sources[OUTPUT_PLACE + o] = plan->outputs[o] + tile.start;
    frame->targets[OUTPUT_PLACE + o] = plan->outputs[o] + tile.start;
  }
}

static void run_blocks(void *context, int task, int lane) {
  (void)lane;
  const struct plan *plan = context;
  struct frame frame;
  enter_task(plan, &frame);
  struct ck_range blocks = ck_part(plan->blocks, BLOCKS_OF_TASK, task);
  for (ptrdiff_t block = blocks.start; block < blocks.start + blocks.count; block++) {
    struct tile tile = tile_of(plan, block);
    enter_block(plan, tile, &frame);
    for (int i = 0; i < plan->step_count; i++) {
      const struct step *k = &plan->steps[i];
      const float *a = frame.sources[k->a], *b = frame.sources[k->b];
      if (k->loop)
        k->loop(tile.count, k->p0, k->p1, a, b, frame.targets[k->y]);
      else
        plan->loops->multiply_add(tile.count, a, b, frame.sources[k->c], frame.targets[k->y]);
    }
  }
}

void ck_ew_run(ck_pool *pool, const ck_ew_program *program, ptrdiff_t rows, ptrdiff_t channels,
               const ck_ew_operand *inputs, float *const *outputs) {
  const struct ck_loops *loops = ck_loops_current();
  if (!loops) {
    ck_ew_run_reference(program, rows, channels, inputs, outputs);
    return;
  }
  if (rows == 0 || channels == 0) return;
  struct plan plan = {.loops = loops,
                      .input_count = program->input_count,
                      .output_count = program->output_count,
                      .inputs = inputs,
                      .outputs = outputs};
  for (int i = 0; i < plan.input_count; i++)
    for (int o = 0; o < plan.output_count; o++)
      plan.copied[i] |= inputs[i].kind == CK_EW_FULL && inputs[i].data == outputs[o];
  cut_blocks(&plan, rows, channels);
  decode(&plan, program);
  ck_pool_run(pool, (int)ck_quotient_up(plan.blocks, BLOCKS_OF_TASK), run_blocks, &plan);
}

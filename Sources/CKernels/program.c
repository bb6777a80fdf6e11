// Validation of fused element-wise programs.

#include "ckernels_program.h"

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

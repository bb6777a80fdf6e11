// Fused element-wise programs, one element at a time.

#include "ckernels_program.h"
#include "reference_math.h"

static float load(ck_ew_operand operand, ptrdiff_t index, ptrdiff_t channels) {
  switch (operand.kind) {
  case CK_EW_FULL: return operand.data[index];
  case CK_EW_CHANNEL: return operand.data[index % channels];
  case CK_EW_SCALAR: return operand.data[0];
  }
  return NAN;
}

void ck_ew_run_reference(const ck_ew_program *program, ptrdiff_t rows, ptrdiff_t channels,
                         const ck_ew_operand *inputs, float *const *outputs) {
  for (ptrdiff_t index = 0; index < rows * channels; index++) {
    float r[CK_EW_REGISTERS] = {0}, results[CK_EW_OUTPUTS] = {0};
    for (int i = 0; i < program->instruction_count; i++) {
      ck_ew_instr k = program->instructions[i];
      if (k.opcode < CK_EW_UNARY_BACKWARD)
        r[k.dst] = (float)reference_unary((ck_unary)k.opcode, k.p0, k.p1, (double)r[k.a]);
      else if (k.opcode < CK_EW_BINARY)
        r[k.dst] = (float)((double)r[k.a] * reference_derivative((ck_unary)(k.opcode - CK_EW_UNARY_BACKWARD), k.p0,
                                                          k.p1, (double)r[k.b]));
      else if (k.opcode < CK_EW_AFFINE)
        r[k.dst] =
            (float)reference_binary((ck_binary)(k.opcode - CK_EW_BINARY), (double)r[k.a], (double)r[k.b]);
      else if (k.opcode == CK_EW_AFFINE)
        r[k.dst] = k.p0 * r[k.a] + k.p1;
      else if (k.opcode == CK_EW_CONSTANT)
        r[k.dst] = k.p0;
      else if (k.opcode == CK_EW_LOAD)
        r[k.dst] = load(inputs[k.a], index, channels);
      else if (k.opcode == CK_EW_STORE)
        results[k.dst] = r[k.a];
      else
        r[k.dst] += r[k.a] * r[k.b];
    }
    for (int output = 0; output < program->output_count; output++) outputs[output][index] = results[output];
  }
}

#ifndef CKERNELS_PROGRAM_H
#define CKERNELS_PROGRAM_H

#include "ckernels_elementwise.h"

// A fused chain of element-wise operations: a small byte-code over tiles that stay in the first-level cache.

enum {
  CK_EW_REGISTERS = 8,
  CK_EW_INPUTS = 8,
  CK_EW_OUTPUTS = 4,
  CK_EW_INSTRUCTIONS = 64,
};

/// What an instruction does. Registers hold a tile of elements; `dst`, `a` and `b` are register numbers
/// unless said otherwise.
typedef enum {
  /// 0 ... 63: dst = f(a), `ck_unary` with the parameters p0 and p1.
  CK_EW_UNARY = 0,
  /// 64 ... 127: dst = a · f'(b), `ck_unary_backward`: a holds dy, b the saved x or y.
  CK_EW_UNARY_BACKWARD = 64,
  /// 128 ... 159: dst = f(a, b), `ck_binary`.
  CK_EW_BINARY = 128,
  /// dst = p0·a + p1.
  CK_EW_AFFINE = 160,
  /// dst = p0.
  CK_EW_CONSTANT = 161,
  /// dst = input number a.
  CK_EW_LOAD = 162,
  /// output number dst = a.
  CK_EW_STORE = 163,
  /// dst += a · b.
  CK_EW_MULTIPLY_ADD = 164,
} ck_ew_opcode;

/// One instruction; `opcode` is a `ck_ew_opcode`, or one of its bases plus a function's number.
typedef struct {
  uint8_t opcode, dst, a, b;
  float p0, p1;
} ck_ew_instr;

typedef enum {
  /// One element for every element of the output.
  CK_EW_FULL = 0,
  /// `channels` elements, repeated over the rows.
  CK_EW_CHANNEL = 1,
  /// One element for all.
  CK_EW_SCALAR = 2,
} ck_ew_operand_kind;

typedef struct {
  const float *data;
  ck_ew_operand_kind kind;
} ck_ew_operand;

/// A program over tensors of rows × channels elements, channels innermost; with no CHANNEL input the
/// split is free, and channels may be 1.
typedef struct {
  const ck_ew_instr *instructions;
  int32_t instruction_count;
  int32_t input_count, output_count;
} ck_ew_program;

/// Whether every number in the program is in range, no register is read before it is written, and every
/// output is stored once.
bool ck_ew_program_is_valid(const ck_ew_program *program);

/// Runs a valid program. An output may be a FULL input (same pointer): all reads of an element come before
/// its write.
void ck_ew_run(ck_pool *pool, const ck_ew_program *program, ptrdiff_t rows, ptrdiff_t channels,
               const ck_ew_operand *inputs, float *const *outputs);

/// Element by element, by the plain loops.
void ck_ew_run_reference(const ck_ew_program *program, ptrdiff_t rows, ptrdiff_t channels,
                         const ck_ew_operand *inputs, float *const *outputs);

#endif

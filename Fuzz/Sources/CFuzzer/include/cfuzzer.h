#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer, whose library comes with the compiler. Source: https://llvm.org/docs/LibFuzzer.html.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *bytes, size_t size));

/// A file without a name in memory, in which only `bytes` stand, and its path. The next call changes it.
const char *cfuzzer_file(const uint8_t *bytes, size_t size);

/// What this thread has computed, in seconds.
double cfuzzer_seconds(void);

#endif

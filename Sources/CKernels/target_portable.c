// The vector loops for the compiler's base target (SSE2, NEON).

#define WIDTH 4
#define TABLE ck_loops_portable
#include "vector_loops.h"

#define _GNU_SOURCE
#include "cprocess.h"

#include <sched.h>
#include <unistd.h>

int cprocess_bound_processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  // More processors than the set has room for.
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : (int)online;
}

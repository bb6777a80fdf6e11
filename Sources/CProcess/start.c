#include "cprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

static int argument_count;
static char **arguments;

/// The C library hands a constructor what it hands to `main`.
__attribute__((constructor(101))) static void start(int count, char **values) {
  argument_count = count;
  arguments = values;
  for (int stream = 0; stream <= 2; stream++) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is this one: those below are open. Where there is no such device a folder serves,
    // into which nothing can be written.
    if (open("/dev/null", stream == 0 ? O_RDONLY : O_WRONLY) < 0) open("/", O_RDONLY | O_DIRECTORY);
  }
}

int cprocess_argument_count(void) { return argument_count; }

const char *cprocess_argument(int index) { return index < argument_count ? arguments[index] : NULL; }

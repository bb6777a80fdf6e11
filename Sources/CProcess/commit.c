#include "cprocess.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

const char *cprocess_commit(void) {
#ifdef GRAPHC_COMMIT
  return TEXT(GRAPHC_COMMIT);
#else
  return "";
#endif
}

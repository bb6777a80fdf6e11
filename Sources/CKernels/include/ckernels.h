#ifndef CKERNELS_H
#define CKERNELS_H

#include "ckernels_pool.h"

#endif

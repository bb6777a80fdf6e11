#ifndef CKERNELS_H
#define CKERNELS_H

#include "ckernels_common.h"
#include "ckernels_isa.h"
#include "ckernels_pool.h"

#endif

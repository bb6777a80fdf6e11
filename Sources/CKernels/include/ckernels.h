#ifndef CKERNELS_H
#define CKERNELS_H

#include "ckernels_batch_norm.h"
#include "ckernels_common.h"
#include "ckernels_conv.h"
#include "ckernels_elementwise.h"
#include "ckernels_group_norm.h"
#include "ckernels_isa.h"
#include "ckernels_layout.h"
#include "ckernels_matmul.h"
#include "ckernels_optimizer.h"
#include "ckernels_peak.h"
#include "ckernels_pool.h"
#include "ckernels_pooling.h"
#include "ckernels_program.h"
#include "ckernels_random.h"
#include "ckernels_reduce.h"
#include "ckernels_rows.h"

#endif

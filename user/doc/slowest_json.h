/* SPDX-License-Identifier: GPL-2.0-only */
/* The slowest exits of a VM, as documents have them: the longest first. */
#ifndef EXITSTAT_DOC_SLOWEST_JSON_H
#define EXITSTAT_DOC_SLOWEST_JSON_H

#include "base/jsonread.h"
#include "model/run.h"

/* NULL: no memory. */
json_t *slowest_write(const struct run *run, const struct vm_stat *vm);

/* "slowest" of this VM, whose vCPUs and reasons are known; run: what they are read for. */
void slowest_read(struct jsonread *json, const json_t *from, struct vm_stat *vm,
		  const struct run *run, struct kept_symbols *symbols);

#endif

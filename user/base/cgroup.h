/* SPDX-License-Identifier: GPL-2.0-only */
/* What this process's cgroups allow it (version 2, Documentation/admin-guide/cgroup-v2.rst). */
#ifndef EXITSTAT_BASE_CGROUP_H
#define EXITSTAT_BASE_CGROUP_H

#include <stdint.h>

/*
 * Bytes of memory, that of BPF maps included: the least memory.max of its cgroup and of those
 * above it that can be seen. UINT64_MAX: no limit, or none is known.
 */
uint64_t cgroup_memory_max(void);

/* The same of a cgroup as /proc/PID/cgroup has it, of the hierarchy that is at root. */
uint64_t cgroup_memory_max_of(const char *root, const char *cgroup);

#endif

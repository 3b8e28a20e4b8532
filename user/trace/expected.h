/* SPDX-License-Identifier: GPL-2.0-only */
/* How many vCPUs there will be: those that there are, by KVM's files in debugfs. */
#ifndef EXITSTAT_TRACE_EXPECTED_H
#define EXITSTAT_TRACE_EXPECTED_H

#include <stddef.h>
#include <stdint.h>

struct tracer_options;

/* For so many vCPUs there should be room at the start; at most options->max_vcpus. */
uint32_t vcpus_expected(const struct tracer_options *options);

/*
 * The vCPUs in KVM's folder of debugfs, of these processes, or of all if npids is 0. -1: it
 * cannot be read.
 */
int64_t vcpus_in(const char *folder, const uint32_t *pids, size_t npids);

#endif

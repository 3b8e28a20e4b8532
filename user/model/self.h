/* SPDX-License-Identifier: GPL-2.0-only */
/* What tracing itself costs: the kernel's account of our BPF programs, and our process. */
#ifndef EXITSTAT_MODEL_SELF_H
#define EXITSTAT_MODEL_SELF_H

#include <stddef.h>
#include <stdint.h>

#define SELF_PROGRAMS 4

/* struct bpf_prog_info, include/uapi/linux/bpf.h: name, run_cnt, run_time_ns. */
struct self_program {
	char name[16];
	uint64_t runs;
	uint64_t ns; /* of all runs, on all CPUs together */
};

/* Of these, each runs once in a round trip from the guest and back. */
struct self {
	size_t nprograms;
	struct self_program programs[SELF_PROGRAMS];
	uint64_t process_ns; /* CPU time of this process, its start included */
};

#endif

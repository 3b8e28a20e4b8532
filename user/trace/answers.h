/* SPDX-License-Identifier: GPL-2.0-only */
/* What a patched KVM tells its guests, as it tells it, and its own counters of a vCPU. */
#ifndef EXITSTAT_TRACE_ANSWERS_H
#define EXITSTAT_TRACE_ANSWERS_H

#include <stdint.h>

#include "bpf/exitstat.h"
#include "trace/mapped.h"

struct ring_buffer;

struct answer_ring {
	struct ring_buffer *ring; /* NULL: answers are not asked for, or KVM gives none */
	int (*take)(void *arg, const struct exitstat_answer *answer);
	void *arg;
};

/* 0 or -errno. The ring keeps a pointer to *answers. */
int answers_open(struct answer_ring *answers, int map_fd);
void answers_close(struct answer_ring *answers);

/* Becomes readable when a leaf was answered; -1: nobody answers. */
int answers_fd(const struct answer_ring *answers);
/* Calls take(arg, answer) for each answer since the last call, if any. 0 or -errno. */
int answers_take(struct answer_ring *answers,
		 int (*take)(void *arg, const struct exitstat_answer *answer), void *arg);

/* KVM's counters of one vCPU at a time. */
struct kvm_counters {
	struct mapped mapped;
	int program_fd; /* which is asked to read them */
};

int counters_open(struct kvm_counters *counters, int map_fd, int program_fd);
void counters_close(struct kvm_counters *counters);

/* Those of that slot's vCPU as they are now; NULL: it has none, or has ended. */
const struct exitstat_counters *counters_read(const struct kvm_counters *counters, uint32_t slot);

#endif

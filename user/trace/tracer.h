/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs' life: load (loader.h), attach, detach; what was counted (memory.h). */
#ifndef EXITSTAT_TRACE_TRACER_H
#define EXITSTAT_TRACE_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/privileges.h"
#include "model/apicv.h"
#include "model/self.h"
#include "trace/answers.h"
#include "trace/maps.h"

struct tracer_options {
	uint32_t max_vcpus;
	bool at_once; /* there is room for all of them from the start; else it is made as they come
		       */
	uint32_t *pids; /* only these thread groups; none: all */
	size_t npids;
	uint32_t *vcpus; /* only these vCPU numbers; none: all */
	size_t nvcpus;
	bool self;	   /* have the kernel account for the programs: tracer_read_self() */
	bool answers;	   /* see what KVM answers to the leaves of kernel-patch/, if it has them */
	bool audit;	   /* the same, it must have them, and count what the audit needs */
	uint32_t isa;	   /* enum exitstat_isa, of the host */
	uint32_t kinds;	   /* of keys that tell what exits are about: 1 << enum exitstat_kind */
	bool split;	   /* tell where the time of exits went */
	uint32_t nslowest; /* keep so many of the longest exits; needs split and kinds */
	bool apicv;	   /* what inhibits APICv of each VM, */
	bool apicv_off;	   /* which this host has off: it does not change */
	bool verbose;	   /* let libbpf's messages through */
};

struct tracer;

/*
 * Load and attach: when it returns 0, every exit from then on is counted. Else
 * err says why and *tracer is NULL.
 */
int tracer_start(struct tracer **tracer, const struct tracer_options *options, struct error *err);

/* Stop counting; what was counted stays readable and is at rest. */
void tracer_stop(struct tracer *tracer);
void tracer_free(struct tracer *tracer);

/*
 * Whoever gives up CAP_BPF does this before, so that there can be room for more vCPUs later. 0 or
 * -errno.
 */
int tracer_keep_growing(struct tracer *tracer, const struct user *user);

const struct maps *tracer_maps(const struct tracer *tracer);
uint32_t tracer_tsc_khz(const struct tracer *tracer);

/* With options.split: of times, those that this kernel lets us tell apart; 0 without. */
uint32_t tracer_parts(const struct tracer *tracer);

/* The names that the kernel has for what inhibits APICv. */
void tracer_name_inhibits(const struct tracer *tracer, struct apicv_host *host);

/* Whether exits of nested guests are told apart; else all are said to be of L1. */
bool tracer_tells_levels(const struct tracer *tracer);

/*
 * Have the kernel account for the programs from now on, or no more: with options.self it does
 * all the time. Each exit pays for that. 0 or -errno.
 */
int tracer_account(struct tracer *tracer, bool on);

/* What has been accounted for; process_ns is not filled in. 0 or -errno. */
int tracer_read_self(const struct tracer *tracer, struct self *self);

/* Becomes readable when a vCPU starts or ends; then call tracer_poll(). */
int tracer_event_fd(const struct tracer *tracer);
/* Calls started(arg, slot) for each vCPU that started. 0 or -errno. */
int tracer_poll(struct tracer *tracer, int (*started)(void *arg, uint32_t slot), void *arg,
		bool *ended);

/* With options.answers or options.audit: KVM's answers, if it gives any. */
struct answer_ring *tracer_answers(struct tracer *tracer);
/* Answers that answers_take() does not hand out: not seen, or no room for them. */
uint64_t tracer_answers_dropped(const struct tracer *tracer);

/* With options.audit. */
const struct kvm_counters *tracer_counters(const struct tracer *tracer);

#endif

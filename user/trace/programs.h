/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs: when each is loaded, in which order they are attached, what is asked of them.
 */
#ifndef EXITSTAT_TRACE_PROGRAMS_H
#define EXITSTAT_TRACE_PROGRAMS_H

#include <stdint.h>

#include "model/self.h"

struct bpf_link;
struct bpf_object;

/* What a run needs, together; a program is loaded when one of its own is among them. */
enum need {
	NEED_ALWAYS = 1 << 0,
	NEED_TYPED = 1 << 1,	/* the reason from struct vcpu_vmx or vcpu_svm */
	NEED_PLAIN = 1 << 2,	/* the reason from the plain tracepoint */
	NEED_FENTRY = 1 << 3,	/* the ends of vCPUs by fentry */
	NEED_KPROBE = 1 << 4,	/* the same by kprobe */
	NEED_ANSWERS = 1 << 5,	/* what KVM answers to the leaves */
	NEED_COUNTERS = 1 << 6, /* KVM's own counters of a vCPU */
	/* The same, and what the exit was about, where its time went, or both. */
	NEED_DETAIL = 1 << 7,
	NEED_SPLIT = 1 << 8,
	NEED_DETAIL_SPLIT = 1 << 9,
	NEED_SLOWEST = 1 << 10, /* with NEED_DETAIL_SPLIT: who had a vCPU's CPU */
	/* Instead of NEED_DETAIL or NEED_DETAIL_SPLIT, and the RIP; from the plain tracepoint. */
	NEED_RIP = 1 << 11,
	NEED_RIP_SPLIT = 1 << 12,
	NEED_RIP_RECORD = 1 << 13,
	/* What changes APICv's inhibits, and of it what only fexit sees. */
	NEED_APICV = 1 << 14,
	NEED_APICV_CALLS = 1 << 15,
	NEED_ANSWERS_TWICE = 1 << 16, /* with NEED_ANSWERS: where one program can be skipped */
	/* The program at the exit: by itself, with questions of the leaves, with RIPs and these. */
	NEED_EXIT = 1 << 17,
	NEED_ASKING_EXIT = 1 << 18,
	NEED_RIP_EXIT = 1 << 19,
	/* Where time went, whatever else. */
	NEED_PARTS = NEED_SPLIT | NEED_DETAIL_SPLIT | NEED_RIP_SPLIT,
	NEED_FIRST_KIND = 1 << 20,
};

/* Beside NEED_DETAIL or NEED_DETAIL_SPLIT: a kind of keys. */
#define NEED_KIND(kind) ((unsigned int)NEED_FIRST_KIND << (kind))

/* What goes unseen when a program is skipped. */
enum missed {
	MISSED_EXITS = 1 << 0, /* or entries */
	MISSED_ENDS = 1 << 1,  /* of vCPUs */
	MISSED_ANSWERS = 1 << 2,
	MISSED_KEYS = 1 << 3,	   /* then an exit that has one is shown without */
	MISSED_LEAVES = 1 << 4,	   /* of vCPUs to user space, and so on: then that time is KVM's */
	MISSED_APICV = 1 << 5,	   /* a change of what inhibits it */
	MISSED_REFLECTED = 1 << 6, /* exits of L2 that went to L1 */
	MISSED_ANY = (1 << 7) - 1,
};

#define PROGRAMS_MAX 48

struct programs {
	struct bpf_object *object;
	struct bpf_link *links[PROGRAMS_MAX]; /* by their place in the table */
};

/* Before the object is loaded. 0, or -ENOENT: it has not the programs of the table. */
int programs_choose(struct programs *programs, struct bpf_object *object, unsigned int needs);

/* Those that are loaded, one after the other; detached in the reverse order. 0 or -errno. */
int programs_attach(struct programs *programs);
void programs_detach(struct programs *programs);

/*
 * Until none runs any more that was running. The kernel does that for whoever updates
 * a map of maps (since 4.18, kernel/bpf/syscall.c, maybe_wait_bpf_programs()), on every
 * configuration; membarrier() refuses to where CPUs are nohz_full. 0 or -errno.
 */
int programs_wait(void);

/* Events of these kinds that the kernel did not hand to them; 1 more where it does not tell. */
uint64_t programs_missed(const struct programs *programs, unsigned int what);

/* The kernel's account of those that run at each exit; process_ns is not filled in. 0 or -errno. */
int programs_read_self(const struct programs *programs, struct self *self);

#endif

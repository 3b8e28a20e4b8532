/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers, as plain data: VMs, their vCPUs, their exit reasons. Nothing here
 * knows about BPF; every output and every test works on these types.
 */
#ifndef EXITSTAT_MODEL_SNAPSHOT_H
#define EXITSTAT_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/apicv.h"
#include "model/detail.h"
#include "model/distribution.h"
#include "model/vmname.h"

/* One exit, of those that took longest. */
struct slow {
	uint64_t entry_ns; /* CLOCK_MONOTONIC, when it ended */
	uint64_t ns;
	uint64_t part_ns[EXITSTAT_PARTS];
	struct detail key;  /* what it was about: accesses 0: not known */
	uint32_t other_tid; /* who had the CPU before it got it again; 0: nobody */
	char other[EXITSTAT_COMM_LEN];
};

struct reason_stat {
	uint32_t isa;	 /* enum exitstat_isa */
	uint32_t reason; /* the full word, flags included */
	uint32_t level;	 /* enum exitstat_level: of a nested guest? */
	uint64_t count;	 /* exits */
	uint64_t timed;	 /* exits followed by an entry: the histogram's total */
	uint64_t sum_ns;
	uint64_t min_ns; /* UINT64_MAX while timed is 0 */
	uint64_t max_ns;
	uint64_t part_ns[EXITSTAT_PARTS]; /* with split, see model/split.h */
	uint64_t reflected; /* exits that KVM answered with one to the VM's own hypervisor */
	size_t nbuckets;
	struct bucket *buckets; /* by index, ascending */
	struct details details; /* what adds up to less than count had no key */
	size_t nslow;
	struct slow *slow; /* the longest of them, in no order */
};

struct vcpu_stat {
	uint32_t id;
	size_t nreasons;
	struct reason_stat *reasons;
};

struct vm_stat {
	uint64_t serial; /* unique in a run: a new VM has a new one */
	uint32_t pid;
	bool ended;
	bool whole; /* counted since it was created */
	char *name;
	char uuid[VM_UUID_LEN]; /* "": none is known */
	struct apicv apicv;
	size_t nvcpus;
	struct vcpu_stat *vcpus;
};

struct losses {
	uint64_t map_full; /* exits not counted: no room (--max-vcpus) */
	uint64_t unpaired; /* exits counted but not timed: entry not seen */
	uint64_t missed;   /* events that the kernel did not hand to BPF */
	uint64_t keys;	   /* of these, those that only tell what an exit was about */
};

struct snapshot {
	struct losses losses;
	size_t nvms;
	struct vm_stat *vms;
};

/* For each of these, in their order; nothing where the array is NULL. */
#define for_each_element(e, array, n) \
	for (__typeof__((array) + 0) e = (array), e##_end = e ? e + (n) : e; e != e##_end; e++)
#define for_each_vm(vm, snap)	      for_each_element(vm, (snap)->vms, (snap)->nvms)
#define for_each_vcpu(vcpu, vm)	      for_each_element(vcpu, (vm)->vcpus, (vm)->nvcpus)
#define for_each_reason(reason, vcpu) for_each_element(reason, (vcpu)->reasons, (vcpu)->nreasons)
#define for_each_bucket(b, reason)    for_each_element(b, (reason)->buckets, (reason)->nbuckets)

/* The exits of all its vCPUs, of all its VMs, for whatever reason. */
uint64_t vm_count(const struct vm_stat *vm);
uint64_t snapshot_count(const struct snapshot *snap);

/* All allocating functions return NULL or -ENOMEM when memory runs out. */
struct vm_stat *snapshot_add_vm(struct snapshot *snap, uint64_t serial, uint32_t pid,
				const char *name);
struct vcpu_stat *vm_add_vcpu(struct vm_stat *vm, uint32_t id);
/* Of the VM itself, unless its level is set. */
struct reason_stat *vcpu_add_reason(struct vcpu_stat *vcpu, uint32_t isa, uint32_t reason);
struct vm_stat *snapshot_find_vm(const struct snapshot *snap, uint64_t serial);
struct vcpu_stat *vm_find_vcpu(const struct vm_stat *vm, uint32_t id);
/* Of the same reason and level. */
struct reason_stat *vcpu_find_reason(const struct vcpu_stat *vcpu, const struct reason_stat *like);
int snapshot_copy(struct snapshot *to, const struct snapshot *from);
void snapshot_free(struct snapshot *snap);
/* What they have: whoever takes one out of its array gives it up so. */
void vm_free(struct vm_stat *vm);
void vcpu_free(struct vcpu_stat *vcpu);

/* Order VMs by serial, vCPUs by number, reasons by code and level. */
void snapshot_sort(struct snapshot *snap);

/*
 * What happened between two snapshots of one run. min_ns and max_ns of an
 * interval are known only as well as the histogram tells.
 */
int snapshot_subtract(struct snapshot *growth, const struct snapshot *now,
		      const struct snapshot *before);

bool reason_is_same(const struct reason_stat *a, const struct reason_stat *b);
/* A reason of no exits, of the VM itself, to add others to. */
void reason_init(struct reason_stat *reason, uint32_t isa, uint32_t code);
/* Add src to sum; the two need not be of the same reason. 0 or -ENOMEM. */
int reason_accumulate(struct reason_stat *sum, const struct reason_stat *src);
void reason_free(struct reason_stat *reason);

/*
 * The value below or at which percent of the timed exits lie, in ns: the middle
 * of its bucket, kept within min and max, so at most 1/16 off. 0 if none is timed.
 */
uint64_t reason_percentile(const struct reason_stat *reason, double percent);

#endif

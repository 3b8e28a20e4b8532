/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the BPF programs and user space: what lies in the maps.
 *
 * Both sides include this file, and nothing in it is written down anywhere
 * else. Fixed-width types, explicit padding, sizes asserted. All times are
 * nanoseconds of CLOCK_MONOTONIC; user space scales them to TSC cycles.
 */
#ifndef EXITSTAT_H
#define EXITSTAT_H

#include <linux/types.h>

/* The isa argument of the kvm_exit tracepoint: KVM_ISA_* of arch/x86/kvm/trace.h. */
enum exitstat_isa {
	EXITSTAT_ISA_UNKNOWN = 0,
	EXITSTAT_ISA_VMX = 1,
	EXITSTAT_ISA_SVM = 2,
};

/*
 * An exit reason is the full 32-bit word KVM reports. On VMX its low 16 bits
 * are the basic exit reason (SDM vol. 3, 25.9.1) and the bits above are flags;
 * on SVM all 32 bits are the exit code (APM vol. 2, appendix C).
 */
#define EXITSTAT_VMX_BASIC_MASK 0xffffu

/*
 * Log-linear histogram: 8 sub-buckets an octave, so a bucket is never wider
 * than 1/8 of its lower bound. Values below 16 have a bucket each, and the last
 * bucket ends at 2^64: no value has to be clamped.
 */
#define EXITSTAT_SUB_BITS     3
#define EXITSTAT_HIST_BUCKETS 496u
#define EXITSTAT_HIST_ROOM    512u /* a mask keeps an index within */

/*
 * Where the time of a reason's exits went, with split; what is in none of these KVM itself
 * took on its CPU. A part grows after sum_ns has.
 */
enum exitstat_part {
	EXITSTAT_USER,	   /* in user space: the VMM's, asleep there included */
	EXITSTAT_POLLED,   /* halted, KVM polled for a wakeup */
	EXITSTAT_BLOCKED,  /* asleep in KVM, mostly as halted */
	EXITSTAT_RUNNABLE, /* wanted to run, but had no CPU */
	EXITSTAT_PARTS,
};

/*
 * Who ran when the exit happened: the VM itself, or what runs inside it where it is a
 * hypervisor, at whatever depth (KVM knows two). All is L1 where only the plain
 * tracepoint tells, which does not say.
 */
enum exitstat_level {
	EXITSTAT_L1 = 1,
	EXITSTAT_L2 = 2,
};

/*
 * Exits that begin a nested guest: VMLAUNCH, VMRESUME (SDM vol. 3, appendix C), VMRUN (APM
 * vol. 2, appendix C).
 */
static inline __attribute__((always_inline)) int exitstat_begins_nested(__u32 isa, __u32 reason)
{
	__u32 basic = reason & EXITSTAT_VMX_BASIC_MASK;

	if (isa == EXITSTAT_ISA_SVM)
		return reason == 0x80;
	return isa == EXITSTAT_ISA_VMX && (basic == 20 || basic == 24);
}

/* What tells records of a vCPU apart. */
union exitstat_class {
	struct {
		__u32 reason;
		__u32 level; /* enum exitstat_level */
	};
	__u64 both;
};

/*
 * What one vCPU did for one reason at one level. An exit is counted at the entry that
 * follows it; one that has none yet is in the vCPU's line. The histogram counts those that
 * were timed: all but those whose entry was not seen, as the ledger says. While the vCPU runs,
 * whoever reads hist first and count after it finds as much in count, or more.
 */
struct exitstat_record {
	union exitstat_class class;
	__u64 count;
	__u64 sum_ns;
	__u64 min_ns; /* all ones until the first entry */
	__u64 max_ns;
	__u32 next;    /* the next record of this vCPU, 0 at the end */
	__u32 details; /* head of the list of its keys, 0: none */
	/* Of exits that have a key for which there was no room. */
	__u64 rest_count;
	__u64 rest_ns;
	__u64 rest_accesses;
	__u64 part_ns[EXITSTAT_PARTS]; /* with split */
	__u64 slowest_ns;	       /* an exit that took no longer is not among the slowest */
	__u32 nslowest;
	__u32 index;	 /* its own */
	__u64 reflected; /* exits that KVM answered with one to the VM's own hypervisor */
	__u32 hist[EXITSTAT_HIST_ROOM]; /* each begins at 0 again after 2^32 - 1 */
};

/* Not a power of two: with a page each, all heads would share two sets of the L1. */
_Static_assert(sizeof(struct exitstat_record) == 34 * 64, "whole cache lines");

/*
 * Records of the common reasons are found by a direct index: 0-0xff (all of
 * VMX, most of SVM) and 0x400-0x43f (SVM's NPF and its neighbours). Any other
 * reason, and those of L2, are found by walking the vCPU's list.
 */
#define EXITSTAT_DIRECT_LOW  0x100u
#define EXITSTAT_NPF_BASE    0x400u
#define EXITSTAT_NPF_REASONS 0x40u
#define EXITSTAT_DIRECT	     (EXITSTAT_DIRECT_LOW + EXITSTAT_NPF_REASONS)

/* A vCPU's. */
struct exitstat_index {
	__u32 record[EXITSTAT_DIRECT]; /* by reason; 0: there is none yet */
};

#define EXITSTAT_COMM_LEN 16

/* How a vCPU's thread came to leave KVM or its CPU. */
enum exitstat_leave {
	EXITSTAT_NOT_LEFT,
	EXITSTAT_TO_USER,
	EXITSTAT_TO_SLEEP,
	EXITSTAT_PREEMPTED,
	EXITSTAT_BACK, /* it is here again */
};

/*
 * Which of a line's places remembers the record of a reason. The multiplier is one of those
 * that give the ten most common reasons of each ISA places of their own.
 */
#define EXITSTAT_RECENT_BITS 4
#define EXITSTAT_RECENT	     (1u << EXITSTAT_RECENT_BITS)

static inline __attribute__((always_inline)) __u32 exitstat_recent(__u32 reason)
{
	return (reason * 0xe2ade707u) >> (32 - EXITSTAT_RECENT_BITS);
}

/*
 * What each exit and each entry of a vCPU touches: found by a hash of its address, without a
 * map. A line belongs to a vCPU from the moment slot is set until it is 0 again.
 */
struct exitstat_line {
	__u32 record[EXITSTAT_RECENT]; /* by a hash of the reason; 0, or another's: look for it */
	__u64 own;     /* its address while no nested guest can run: all exits are the VM's own */
	__u64 exit_ns; /* of the exit that has had no entry yet, 0: there is none */
	union exitstat_class class; /* of that exit; set before exit_ns is */
	__u64 reason_at;	    /* where KVM has the reason, while own is set: it never moves */
	__u32 slot;
	__u32 reserved[7];
};

_Static_assert(sizeof(struct exitstat_line) == 128, "two cache lines");

/* Two to a hash. A vCPU that has none of both uses the one in its slot, and takes longer. */
#define EXITSTAT_LINE_BITS 12

struct exitstat_lines {
	struct exitstat_line two[2];
};

#define EXITSTAT_LINES (2u << EXITSTAT_LINE_BITS)

/*
 * What vCPUs need is memory in chunks, for 2^n of them each, which user space adds as they come;
 * only their slots are all there from the start. A Linux guest's busiest vCPU shows about 20
 * reasons, the others some 10, and all share what there is. A boot has some hundred keys, a guest
 * that has thousands is rare.
 */
#define EXITSTAT_RECORD_BITS 4 /* 2^n for each vCPU */
#define EXITSTAT_DETAIL_BITS 6

/* What vCPUs take numbers of. */
enum exitstat_room_of {
	EXITSTAT_VCPUS,
	EXITSTAT_RECORDS,
	EXITSTAT_DETAILS,
	EXITSTAT_ROOMS,
};

struct exitstat_room {
	__u32 end[EXITSTAT_ROOMS];  /* only numbers below this are given out */
	__u32 last[EXITSTAT_ROOMS]; /* the highest that was */
	__u32 few[EXITSTAT_ROOMS];  /* with no more than these left user space is told */
};

/*
 * One vCPU. Index 0 of the vCPU and record arrays stands for "none" and is
 * never used. A slot belongs to BPF from the moment serial is set until end_ns
 * is set (the vCPU is destroyed); then user space harvests and recycles it.
 */
struct exitstat_vcpu {
	__u64 serial;	 /* unique, grows; 0 in a free slot */
	__u64 vm_serial; /* the same for all vCPUs of a VM, never reused */
	__u64 start_ns;
	__u64 end_ns;
	__u32 first; /* head of the list of records */
	__u32 isa;   /* enum exitstat_isa, or a number KVM knows and we do not */
	__u32 line;  /* where its line is, from 1; 0: it is spare */
	__u32 vcpu_id;
	__u32 pid;		      /* thread group, initial pid namespace */
	__u32 tid;		      /* the thread that made the first exit seen */
	char comm[EXITSTAT_COMM_LEN]; /* name of the thread group's leader */
	__u64 vm;		      /* struct kvm */
	__u64 born;  /* a time that the VM has from its creation, 0 where it is not known */
	__u32 asker; /* the thread with a question of this vCPU, 0: none */
	__u32 slot;  /* this one */
	/* With detail: the key of the pending exit. */
	__u32 accesses; /* to the key, 0: it has none so far */
	union {
		struct {
			__u8 kind;
			__u8 access;
		};
		__u16 what; /* both */
	};
	__u16 reads; /* 1: MMIO that user space has not done yet */
	__u64 key;
	/* With split: of the pending exit, but for polled_ns, KVM's sum at the last entry. */
	__u64 left_ns;	 /* when it left, */
	__u64 left_wait; /* and what it had waited for a CPU until then */
	__u64 polled_ns;
	__u64 part_ns[EXITSTAT_PARTS];
	__u32 left; /* enum exitstat_leave */
	__u32 left_tid;
	__u32 other_tid; /* the last that had the CPU when this one got it again, 0: none */
	__u32 reserved32;
	char other[EXITSTAT_COMM_LEN];
	__u64 rip;     /* with EXITSTAT_RIP: of the pending exit, */
	__u32 has_rip; /* if this is set */
	__u32 reserved_rip;
	__u64 addr; /* struct kvm_vcpu, 0 once it is destroyed */
	struct exitstat_line spare;
	__u64 reserved[12];
};

/* An odd number, as of a record. */
_Static_assert(sizeof(struct exitstat_vcpu) == 7 * 64, "whole cache lines");

/* --- detail: what an exit was about --------------------------------------------- */

/* Bit 1 << kind of the setting `kinds`. */
enum exitstat_kind {
	EXITSTAT_IO,	    /* port */
	EXITSTAT_MSR,	    /* index */
	EXITSTAT_MMIO,	    /* guest-physical page, in those of timers and APICs the register */
	EXITSTAT_FAULT,	    /* guest-physical page */
	EXITSTAT_CPUID,	    /* leaf, above it the subleaf where it has any */
	EXITSTAT_HYPERCALL, /* number, above it enum exitstat_hypervisor */
	EXITSTAT_VECTOR,    /* of an exception, an NMI, an external interrupt */
	EXITSTAT_RIP,	    /* the guest's */
	EXITSTAT_KINDS,
};

enum exitstat_hypervisor {
	EXITSTAT_KVM,
	EXITSTAT_HYPERV,
	EXITSTAT_XEN
};

enum exitstat_access {
	EXITSTAT_READ,
	EXITSTAT_WRITE,
	EXITSTAT_EXECUTE
};

/*
 * A key of one record, in the list that begins at the record's details. An exit is
 * counted, in one of these or in the record's rest, at the entry that ends it: so they
 * never add up to more than the record's count, and all that is less had no key.
 */
struct exitstat_detail {
	__u64 count;
	__u64 sum_ns;
	__u64 accesses; /* more than count where an exit has several */
	__u64 key;
	union {
		struct {
			__u32 record; /* 0 in a free one */
			__u8 kind;
			__u8 access;
			__u16 reserved16;
		};
		__u64 of; /* all of these */
	};
	__u32 next;    /* of the same hash */
	__u32 sibling; /* the next of the record, 0 at the end */
	__u64 reserved[2];
};

_Static_assert(sizeof(struct exitstat_detail) == 64, "one cache line");

/* --- the slowest exits of each record ------------------------------------------- */

#define EXITSTAT_MAX_SLOWEST 32u

struct exitstat_slow {
	__u32 writes; /* odd while it is being written */
	__u32 accesses;
	__u64 entry_ns;
	__u64 ns;
	__u64 part_ns[EXITSTAT_PARTS];
	__u64 key; /* with accesses, its kind and access */
	__u8 kind;
	__u8 access;
	__u16 reserved16;
	__u32 other_tid;
	char other[EXITSTAT_COMM_LEN];
	__u64 reserved[5];
};

_Static_assert(sizeof(struct exitstat_slow) == 128, "whole cache lines");

/* Heads of the chains of one vCPU's keys, by hash. */
#define EXITSTAT_CHAINS 1024u

struct exitstat_chains {
	__u32 head[EXITSTAT_CHAINS];
};

/* --- APICv, AVIC: what inhibits it, of a VM ----------------------------------------- */

/* KVM has 13 reasons (7.3): a bit each of inhibits, by their number. */
#define EXITSTAT_INHIBITS 32u

struct exitstat_apicv {
	__u64 inhibits;
	__u64 set[EXITSTAT_INHIBITS];	  /* how often it came, after the first exit we saw, */
	__u64 cleared[EXITSTAT_INHIBITS]; /* and went */
};

/* The loss ledger: what happened and is not in any record. */
struct exitstat_ledger {
	__u64 map_full; /* exits not counted: no slot or record left, or too many kinds */
	__u64 unpaired; /* exits counted whose entry was not seen: not timed */
	__u64 missed;	/* events whose program the kernel skipped */
	__u64 rips;	/* with EXITSTAT_RIP: exits of which nobody told the RIP */
	__u64 reserved[4];
};

_Static_assert(sizeof(struct exitstat_ledger) == 64, "one cache line");

/* Sent through the ring buffer; a hint only, nothing depends on its arrival. */
enum exitstat_event_type {
	EXITSTAT_VCPU_STARTED = 1,
	EXITSTAT_VCPU_ENDED = 2,
	EXITSTAT_LITTLE_ROOM = 3,
};

struct exitstat_event {
	__u32 type;
	__u32 slot;
};

/* --- audit: what a patched KVM counts itself --------------------------------- */

/*
 * KVM's counters of one vCPU, as kernel-patch/ keeps them (arch/x86/kvm/exitstat.h
 * there): an entry per exit code, the last one for all codes that have none.
 */
enum exitstat_sum {
	EXITSTAT_HANDLED, /* TSC cycles */
	EXITSTAT_AWAY,	  /* TSC cycles */
	EXITSTAT_COUNT,
	EXITSTAT_SUMS,
};

#define EXITSTAT_COUNTERS 0x113u

struct exitstat_counters {
	__u64 sum[EXITSTAT_COUNTERS][EXITSTAT_SUMS];
};

/* Where the counter of a reason is: of VMX without its flags. */
static inline __attribute__((always_inline)) __u32 exitstat_counter(__u32 isa, __u32 reason)
{
	__u32 code = isa == EXITSTAT_ISA_VMX ? reason & EXITSTAT_VMX_BASIC_MASK : reason;

	if (code < 0x100)
		return code;
	if (code >= 0x400 && code < 0x410)
		return code - 0x300;
	return code >= 0xfffffffe ? 0x110 + (code & 1) : EXITSTAT_COUNTERS - 1;
}

/*
 * What KVM had counted of a vCPU when we saw its first exit, without that exit, and
 * when it was destroyed: what lies between is what we have counted.
 */
struct exitstat_audited {
	__u32 ready; /* last to be set */
	__u32 known; /* 0: KVM does not count this VM, or its counters cannot be read */
	__u32 ended; /* last is set, before the slot's end_ns */
	__u32 reserved;
	__u64 total[EXITSTAT_SUMS]; /* of first */
	struct exitstat_counters first, last;
	__u64 reserved64;
};

_Static_assert(sizeof(struct exitstat_audited) % 16 == 0, "a chunk of them ends with a page");

/* What was counted of a VM up to a moment, all its vCPUs together. */
struct exitstat_tally {
	__u64 count;		       /* exits we counted */
	__u64 timed_ns;		       /* their times, of those that were entered again */
	__u64 baseline[EXITSTAT_SUMS]; /* what KVM had before */
};

enum exitstat_answer_state {
	EXITSTAT_ASKED,
	EXITSTAT_ANSWERED,	    /* by the first of two programs */
	EXITSTAT_ANSWERED_LONG_AGO, /* both have been there */
};

/*
 * A leaf's answer; for the audit also what we had counted when it was asked for and
 * when it was given.
 */
struct exitstat_answer {
	__u64 vm_serial;
	__u64 ns;	/* when it was given */
	__u32 slot;	/* of the vCPU that asked */
	__u32 function; /* EAX and ECX as asked */
	__u32 index;
	__u32 created;	 /* vCPUs the VM has, */
	__u32 seen;	 /* and those of them that we have seen exit */
	__u32 waiting;	 /* of which so many were not in the guest, the asking one included */
	__u32 unknown;	 /* vCPUs of which it is not known what KVM had counted before */
	__u32 state;	 /* BPF's own: enum exitstat_answer_state */
	__u32 answer[4]; /* EAX, EBX, ECX, EDX */
	__u64 lost_before, lost_after; /* what the ledger had of exits that were not counted */
	/* of the reason in index, and of all reasons */
	struct exitstat_tally reason_before, reason_after;
	struct exitstat_tally total_before, total_after;
};

#define EXITSTAT_LEAF_FIRST 0x4ffffff9u
#define EXITSTAT_LEAF_LAST  0x4fffffffu

/* Of these leaves the subleaf is part of the key. SDM vol. 2, CPUID; APM vol. 3, appendix E. */
static inline __attribute__((always_inline)) int exitstat_has_subleaves(__u32 leaf)
{
	const __u64 basic = 1ULL << 0x4 | 1ULL << 0x7 | 1ULL << 0xb | 1ULL << 0xd | 1ULL << 0xf |
			    1ULL << 0x10 | 1ULL << 0x12 | 1ULL << 0x14 | 1ULL << 0x17 |
			    1ULL << 0x18 | 1ULL << 0x1a | 1ULL << 0x1b | 1ULL << 0x1d |
			    1ULL << 0x1e | 1ULL << 0x1f | 1ULL << 0x20 | 1ULL << 0x23 |
			    1ULL << 0x24 | 1ULL << 0x29;

	if (leaf < 64)
		return basic >> leaf & 1;
	return leaf == 0x8000001d || leaf == 0x80000020 || leaf == 0x80000026 ||
	       (leaf >= EXITSTAT_LEAF_FIRST && leaf <= EXITSTAT_LEAF_LAST);
}

/* Asked of the program read_counters. */
struct exitstat_question {
	__u32 slot;
	__u32 good; /* the answer: 1, the counters are those of the slot's vCPU */
};

/*
 * Where the buckets of the values below 256 are, in bytes: BPF has no clz, and this costs half
 * of a search.
 */
#define EXITSTAT_X1(n)	     4 * (n)
#define EXITSTAT_X2(n)	     EXITSTAT_X1(n), EXITSTAT_X1(n)
#define EXITSTAT_X4(n)	     EXITSTAT_X2(n), EXITSTAT_X2(n)
#define EXITSTAT_X8(n)	     EXITSTAT_X4(n), EXITSTAT_X4(n)
#define EXITSTAT_X16(n)	     EXITSTAT_X8(n), EXITSTAT_X8(n)
#define EXITSTAT_FOUR(x, n)  x(n), x((n) + 1), x((n) + 2), x((n) + 3)
#define EXITSTAT_EIGHT(x, n) EXITSTAT_FOUR(x, n), EXITSTAT_FOUR(x, (n) + 4)
static const __u8 exitstat_low_buckets[256] = {
	EXITSTAT_EIGHT(EXITSTAT_X1, 0),	 EXITSTAT_EIGHT(EXITSTAT_X1, 8),
	EXITSTAT_EIGHT(EXITSTAT_X2, 16), EXITSTAT_EIGHT(EXITSTAT_X4, 24),
	EXITSTAT_EIGHT(EXITSTAT_X8, 32), EXITSTAT_EIGHT(EXITSTAT_X16, 40),
};

/*
 * Where the bucket of a value is, in bytes. One that is at least 256 is in the same place of its
 * octave as that five octaves below.
 */
static inline __attribute__((always_inline)) __u32 exitstat_bucket_offset(__u64 value)
{
	__u32 offset = 0;

	/* Else the compiler sets it to 0 twice. */
	asm volatile("" : "+r"(offset));
	for (;;) {
		/* Have that tested which is the index: so the verifier knows its bounds. */
		asm volatile("" : "+r"(value));
		if (value < 256)
			return offset + exitstat_low_buckets[value];
		value >>= 5;
		offset += 4 * (5u << EXITSTAT_SUB_BITS);
	}
}

static inline __u32 exitstat_bucket(__u64 value)
{
	return exitstat_bucket_offset(value) / sizeof(__u32);
}

/* The smallest value of a bucket; the inverse of exitstat_bucket(). */
static inline __u64 exitstat_bucket_low(__u32 bucket)
{
	__u32 sub = 1u << EXITSTAT_SUB_BITS;
	__u32 shift;

	if (bucket < 2 * sub)
		return bucket;
	shift = bucket / sub - 1;
	return (__u64)(bucket % sub + sub) << shift;
}

#endif

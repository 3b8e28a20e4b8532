/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the BPF maps to struct snapshot. The only reader of the maps: it gets
 * them as memory, so it needs neither libbpf nor a kernel to be tested.
 */
#ifndef EXITSTAT_TRACE_MAPS_H
#define EXITSTAT_TRACE_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/exitstat.h"
#include "model/snapshot.h"

struct maps {
	struct exitstat_vcpu *vcpus;
	struct exitstat_index *indexes; /* as vcpus, as far as nindexes */
	struct exitstat_record *records;
	const struct exitstat_lines *lines; /* EXITSTAT_LINES / 2 */
	struct exitstat_detail *details;    /* NULL without detail */
	struct exitstat_chains *chains;	    /* as vcpus, as far as nchains */
	struct exitstat_slow *slowest;	    /* nslowest of each record, NULL if that is 0 */
	const struct exitstat_ledger *ledger;
	const struct exitstat_room *room; /* entries from 1 to these ends are there */
	uint32_t nindexes;
	uint32_t nchains;
	struct exitstat_audited *audited; /* as vcpus, NULL without audit */
	uint32_t max_records;		  /* there will never be more */
	uint32_t nslowest;

	/* Give a zeroed vCPU slot, record or key back to the BPF side; 0 or -errno. */
	int (*free_vcpu)(void *owner, uint32_t index);
	int (*free_record)(void *owner, uint32_t index);
	int (*free_detail)(void *owner, uint32_t index);
	/* What inhibits APICv of this VM; last: it has ended. 0 or -errno; NULL: is not kept. */
	int (*read_apicv)(void *owner, uint64_t vm_serial, bool last, struct exitstat_apicv *apicv);
	/* Events whose program was skipped so far; what: of enum missed. */
	uint64_t (*missed)(void *owner, unsigned int what);
	void *owner;
};

/* Of one vCPU, by KVM's counters: exitstat_counter(). */
struct slot_counts {
	uint64_t count[EXITSTAT_COUNTERS], ns[EXITSTAT_COUNTERS];
	bool waiting; /* not in the guest */
};

/* Of vCPUs there have been so many at a time, entry 0 included. */
uint32_t slots_end(const struct maps *maps);

bool slot_is_live(const struct maps *maps, uint32_t slot);

/*
 * While the vCPU runs, counts are none too many with SLOT_AT_MOST, none too few with
 * SLOT_AT_LEAST; at rest they are the same.
 */
enum slot_bound {
	SLOT_AT_MOST,
	SLOT_AT_LEAST
};
void slot_read(const struct maps *maps, uint32_t slot, enum slot_bound bound,
	       struct slot_counts *counts);

/* Exits that were not counted, of all VMs, as far as is known. */
uint64_t maps_lost(const struct maps *maps);

struct reader;

/* maps must outlive the reader. NULL: no memory. */
struct reader *reader_new(const struct maps *maps);
void reader_free(struct reader *reader);

/*
 * A vCPU has started in this slot: note the name of its VM while its process
 * lives. Only a hint; the next snapshot does it too.
 */
int reader_notice(struct reader *reader, uint32_t slot);

/* The VM, with its name, of a slot in use; NULL: no memory. */
const struct vm_stat *reader_vm(struct reader *reader, uint32_t slot);

/* A VM that has ended as the last snapshot says: it is in no later one. */
void reader_forget(struct reader *reader, uint64_t serial);

/* Have ended(arg, slot) look at a vCPU that has ended, before its slot is used again. */
void reader_on_end(struct reader *reader, int (*ended)(void *arg, uint32_t slot), void *arg);

/*
 * Take a snapshot: all that was counted since the programs were attached, ended
 * VMs included. Harvests ended vCPUs, whose slots are then used again.
 * Returns 0, -ENOMEM, or what ended() did. The caller frees it.
 */
int reader_take(struct reader *reader, struct snapshot *snap);

#endif

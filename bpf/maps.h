/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF programs keep: settings, counters, maps. */
#ifndef EXITSTAT_MAPS_H
#define EXITSTAT_MAPS_H

#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#include "exitstat.h"

/* Set before load. */
const volatile __u32 chunk_bits; /* a chunk is for 2^n vCPUs */
const volatile __u32 filter_pids;
const volatile __u32 filter_vcpus;
const volatile __u32 kinds;	   /* of keys, 1 << enum exitstat_kind; 0: no detail */
const volatile __u32 nslowest;	   /* exits of each record that are kept; 0: none */
const volatile bool apicv;	   /* what inhibits APICv or AVIC is kept */
const volatile bool asking;	   /* what KVM answers to the leaves is noted */
const volatile bool answers_twice; /* a second program sees what the first one misses */
const volatile bool auditing;	   /* and beside it what we had counted */

struct exitstat_ledger ledger;
struct exitstat_room room; /* user space adds to its ends */
__u32 host_tsc_khz;
bool host_counts_waiting; /* how long a thread wanted to run but had no CPU */

static __u64 last_serial;
static __u64 last_vm_serial;

/* Two vCPUs share no cache line. */
struct exitstat_lines lines[EXITSTAT_LINES / 2] __attribute__((aligned(128)));

/* User space reads what is in these, as memory; entry 0 of each is none's. */
#define ARRAY(name, type_of)                         \
	struct {                                     \
		__uint(type, BPF_MAP_TYPE_ARRAY);    \
		__uint(map_flags, BPF_F_MMAPABLE);   \
		__uint(max_entries, 1);              \
		__uint(key_size, sizeof(__u32));     \
		__uint(value_size, sizeof(type_of)); \
	} name SEC(".maps")

/*
 * Chunks of such an array, of which user space adds one when there is need for it. Where each exit
 * is in need of one, the first chunk is an array of its own, too, which saves most a look-up.
 */
#define CHUNKS(name, type_of)                                        \
	struct {                                                     \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);            \
		__uint(max_entries, 1);                              \
		__type(key, __u32);                                  \
		__array(                                             \
			values, struct {                             \
				__uint(type, BPF_MAP_TYPE_ARRAY);    \
				__uint(map_flags, BPF_F_MMAPABLE);   \
				__uint(max_entries, 1);              \
				__uint(key_size, sizeof(__u32));     \
				__uint(value_size, sizeof(type_of)); \
			});                                          \
	} name SEC(".maps")

/* An entry of them; NULL: there is no such chunk. */
static __always_inline void *in_chunk(void *chunks, __u32 chunk, __u32 entry)
{
	void *entries = bpf_map_lookup_elem(chunks, &chunk);

	return entries ? bpf_map_lookup_elem(entries, &entry) : NULL;
}

/* By a number of which each vCPU has 2^bits. */
static __always_inline void *chunk_entry(void *chunks, __u32 number, __u32 bits)
{
	bits += chunk_bits;
	return in_chunk(chunks, number >> bits, number & ((1u << bits) - 1));
}

ARRAY(vcpus, struct exitstat_vcpu);
ARRAY(records, struct exitstat_record);
CHUNKS(record_chunks, struct exitstat_record);
CHUNKS(indexes, struct exitstat_index); /* entries as vcpus has */

/* What user space has harvested of vCPUs that ended, to be used again. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(__u32));
} free_vcpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(__u32));
} free_records SEC(".maps");

/* Address of a live struct kvm_vcpu to its slot. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} slot_of_vcpu SEC(".maps");

/* Address of a live struct kvm to the VM's serial. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} serial_of_vm SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8);
} wanted_pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8);
} wanted_vcpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

static __always_inline void lost(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline struct exitstat_record *record_at(__u32 index)
{
	return chunk_entry(&record_chunks, index, EXITSTAT_RECORD_BITS);
}

#endif

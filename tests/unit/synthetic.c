// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "bpf/exitstat.h"
#include "model/split.h"
#include "synthetic.h"

/* 2026-11-29 04:00:00 UTC */
#define START 1795924800

/* Each second so many exits of vCPU 0 of the first VM, which take so long each. */
static const struct {
	uint32_t reason;
	uint64_t rate, ns;
} made[] = {
	{ 1, 40, 3000 },     /* EXTERNAL_INTERRUPT */
	{ 10, 100, 1500 },   /* CPUID */
	{ 12, 20, 9000000 }, /* HLT */
	{ 30, 500, 20000 },  /* IO_INSTRUCTION */
	{ 31, 10, 1100 },    /* MSR_READ */
	{ 32, 300, 2500 },   /* MSR_WRITE */
	{ 48, 60, 12000 },   /* EPT_VIOLATION */
	{ 52, 80, 1800 },    /* PREEMPTION_TIMER */
};

#define IO	3 /* of these */
#define SLOWEST 2u

static struct bucket *find_bucket(struct reason_stat *reason, uint32_t index)
{
	struct bucket *bucket;
	size_t i;

	for_each_bucket(known, reason)
		if (known->index == index)
			return known;
	bucket = array_append(&reason->buckets, &reason->nbuckets, sizeof(*bucket));
	if (!bucket)
		return NULL;
	for (i = reason->nbuckets - 1; i && reason->buckets[i - 1].index > index; i--)
		reason->buckets[i] = reason->buckets[i - 1];
	reason->buckets[i] = (struct bucket){ .index = index };
	return &reason->buckets[i];
}

static int add_exits(struct reason_stat *reason, uint64_t ns, uint64_t times)
{
	struct bucket *bucket = find_bucket(reason, exitstat_bucket(ns));

	if (!bucket)
		return -1;
	bucket->count += times;
	reason->count += times;
	reason->timed += times;
	reason->sum_ns += times * ns;
	if (reason->reason == 12)
		reason->part_ns[EXITSTAT_BLOCKED] += times * ns * 9 / 10;
	else if (reason->reason == 30)
		reason->part_ns[EXITSTAT_USER] += times * ns / 2;
	reason->min_ns = ns < reason->min_ns ? ns : reason->min_ns;
	reason->max_ns = ns > reason->max_ns ? ns : reason->max_ns;
	return 0;
}

/* Of I/O: two thirds are of one port. */
static void add_keys(struct reason_stat *reason, uint64_t times, uint64_t ns)
{
	struct detail *keys = reason->details.list;
	uint64_t first = times * 2 / 3, counts[] = { times - first, first };

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		keys[i].count += counts[i];
		keys[i].accesses += counts[i];
		keys[i].sum_ns += counts[i] * ns;
	}
}

static int make_keys(struct reason_stat *reason)
{
	const struct detail keys[] = {
		{ .kind = EXITSTAT_IO, .access = EXITSTAT_WRITE, .key = 0x70 },
		{ .kind = EXITSTAT_IO, .access = EXITSTAT_WRITE, .key = 0x3f8 },
	};

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (!details_add(&reason->details, &keys[i]))
			return -1;
	return 0;
}

static int make_vcpu(struct vm_stat *vm, uint32_t id)
{
	struct vcpu_stat *vcpu = vm_add_vcpu(vm, id);

	for (size_t i = 0; vcpu && i < COUNT_OF(made); i++) {
		struct reason_stat *reason =
			vcpu_add_reason(vcpu, EXITSTAT_ISA_VMX, made[i].reason);

		if (!reason || (made[i].reason == 30 && make_keys(reason)))
			return -1;
	}
	return vcpu ? 0 : -1;
}

int synthetic_init(struct synthetic *host, unsigned int vms, unsigned int vcpus)
{
	*host = (struct synthetic){ .vms = vms, .vcpus = vcpus };
	host->host = (struct host){ .kernel = "6.1.0-synthetic",
				    .cpu = "A CPU that was made up",
				    .isa = EXITSTAT_ISA_VMX,
				    .tsc_khz = 2000000 };
	host->run = (struct run){
		.host = &host->host,
		.start = { .tv_sec = START },
		.end = { .tv_sec = START },
		.start_ns = NS_PER_SEC,
		.snap = &host->snap,
		.self = &host->self,
		.kinds = 1u << EXITSTAT_IO,
		.parts = PARTS_ALL,
	};
	host->self = (struct self){ .nprograms = 1, .programs = { { .name = "handle_exit" } } };
	for (unsigned int i = 0; i < vms; i++) {
		char name[32];
		struct vm_stat *vm;

		snprintf(name, sizeof(name), "vm%u", i);
		vm = snapshot_add_vm(&host->snap, i + 1, 1000 + i, name);
		for (unsigned int j = 0; vm && j < vcpus; j++)
			if (make_vcpu(vm, j))
				return -1;
		if (!vm)
			return -1;
	}
	return 0;
}

int synthetic_more(struct synthetic *host)
{
	struct reason_stat *nested;

	host->more = true;
	host->run.nslowest = SLOWEST;
	for_each_vcpu(vcpu, &host->snap.vms[0]) {
		nested = vcpu_add_reason(vcpu, EXITSTAT_ISA_VMX, 10);
		if (!nested)
			return -1;
		nested->level = EXITSTAT_L2;
	}
	return 0;
}

/* Each is longer than the one before, so the last ones are the slowest. */
static int add_slow(struct reason_stat *reason, uint64_t second, unsigned int vm)
{
	struct slow *slow = reason->slow, *place;
	uint64_t ns = second * 1000000 + vm * 1000;

	place = reason->nslow < SLOWEST ? array_append(&reason->slow, &reason->nslow, sizeof(*slow))
					: &slow[second % SLOWEST];
	if (!place)
		return -1;
	*place = (struct slow){
		.entry_ns = (second + 1) * NS_PER_SEC - 1000,
		.ns = ns,
		.part_ns = { [EXITSTAT_USER] = ns / 2 },
		.key = { .kind = EXITSTAT_IO,
			 .access = EXITSTAT_WRITE,
			 .key = 0x3f8,
			 .accesses = 1 },
		.other_tid = second % 2 ? 77 : 0,
	};
	if (place->other_tid)
		strcpy(place->other, "kworker/0:1");
	return 0;
}

static int add_nested(struct reason_stat *nested)
{
	nested->reflected += 20;
	return add_exits(nested, 4000, 50);
}

/* Higher with each VM; each tenth second twice as many; times differ by some. */
static int run_vcpu(struct vcpu_stat *vcpu, unsigned int vm, uint64_t second)
{
	for (size_t i = 0; i < COUNT_OF(made); i++) {
		uint64_t times = made[i].rate * (vm % 7 + 1) * (second % 10 ? 1 : 2);
		uint64_t ns = made[i].ns + made[i].ns / 4 * ((second + vm + vcpu->id) % 8);

		if (add_exits(&vcpu->reasons[i], ns, times))
			return -1;
		if (made[i].reason == 30)
			add_keys(&vcpu->reasons[i], times, ns);
	}
	return 0;
}

static int run_more(struct vcpu_stat *vcpu, unsigned int vm, uint64_t second)
{
	if (add_slow(&vcpu->reasons[IO], second, vm))
		return -1;
	return vm ? 0 : add_nested(&vcpu->reasons[COUNT_OF(made)]);
}

int synthetic_second(struct synthetic *host)
{
	uint64_t second = host->run.ns / NS_PER_SEC + 1;

	for (size_t i = 0; i < host->snap.nvms; i++)
		for_each_vcpu(vcpu, &host->snap.vms[i])
			if (run_vcpu(vcpu, (unsigned int)i, second) ||
			    (host->more && run_more(vcpu, (unsigned int)i, second)))
				return -1;
	host->self.programs[0].runs += 1000;
	host->self.programs[0].ns += 250000;
	host->self.process_ns += 3000000;
	host->run.ns += NS_PER_SEC;
	host->run.end.tv_sec++;
	return 0;
}

void synthetic_free(struct synthetic *host)
{
	snapshot_free(&host->snap);
}

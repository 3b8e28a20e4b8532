// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "bpf/exitstat.h"
#include "hour.h"
#include "model/split.h"

#define SLOWEST 6u

/* How a reason of Intel's behaves: rates are of a vCPU that is busy. */
struct habit {
	uint32_t code;
	double rate;		      /* a second, */
	double start;		      /* and so much more while it boots */
	double median;		      /* ns */
	double spread;		      /* octaves of one sigma */
	double second, far;	      /* of so many exits the median is so many times as much */
	double parts[EXITSTAT_PARTS]; /* user, polled, blocked, runnable: shares of the time */
};

static const struct habit habits[] = {
	{ 0, 3, 1, 2900, 0.5, 0, 1, { 0 } },
	{ 1, 900, 100, 1900, 0.6, 0.02, 12, { 0, 0, 0, 0.2 } },
	{ 7, 120, 40, 900, 0.4, 0, 1, { 0 } },
	{ 10, 30, 2200, 1300, 0.4, 0.01, 40, { 0 } },
	{ 12, 700, 50, 240000, 2.2, 0.4, 9, { 0, 0.1, 0.82, 0.03 } },
	{ 18, 4, 10, 1500, 0.5, 0, 1, { 0 } },
	{ 28, 12, 300, 1100, 0.4, 0, 1, { 0 } },
	{ 29, 0.3, 3, 1600, 0.3, 0, 1, { 0 } },
	{ 30, 240, 2600, 14000, 0.7, 0.06, 14, { 0.7, 0, 0, 0.05 } },
	{ 31, 20, 400, 1200, 0.4, 0, 1, { 0 } },
	{ 32, 1500, 800, 1500, 0.5, 0.03, 7, { 0, 0, 0, 0.04 } },
	{ 40, 60, 5, 2100, 0.8, 0.1, 30, { 0, 0, 0, 0.5 } },
	{ 45, 140, 60, 1000, 0.3, 0, 1, { 0 } },
	{ 48, 90, 5200, 3800, 0.9, 0.05, 60, { 0, 0, 0.3, 0.05 } },
	{ 49, 160, 300, 5200, 0.6, 0.1, 6, { 0.35, 0, 0, 0.02 } },
	{ 52, 350, 20, 900, 0.3, 0, 1, { 0 } },
	{ 54, 2, 40, 2500, 0.3, 0, 1, { 0 } },
	{ 55, 1, 10, 1400, 0.3, 0, 1, { 0 } },
	{ 58, 6, 2, 1900, 0.4, 0, 1, { 0 } },
};

/* What they are about; those of RTC only where it is polled. */
static const struct {
	uint32_t code;
	uint8_t kind, access;
	uint64_t key;
	double share;
	bool rtc;
} keys[] = {
	{ 1, EXITSTAT_VECTOR, 0, 0xec, 0.7, false },
	{ 1, EXITSTAT_VECTOR, 0, 0xfb, 0.3, false },
	{ 10, EXITSTAT_CPUID, 0, 0, 0.2, false },
	{ 10, EXITSTAT_CPUID, 0, 1, 0.3, false },
	{ 10, EXITSTAT_CPUID, 0, 7, 0.4, false },
	{ 10, EXITSTAT_CPUID, 0, 0x40000001, 0.1, false },
	{ 18, EXITSTAT_HYPERCALL, 0, 11, 0.9, false },
	{ 30, EXITSTAT_IO, EXITSTAT_WRITE, 0xc010, 0.8, false },
	{ 30, EXITSTAT_IO, EXITSTAT_WRITE, 0x3f8, 0.1, false },
	{ 30, EXITSTAT_IO, EXITSTAT_WRITE, 0x70, 0.2, true },
	{ 30, EXITSTAT_IO, EXITSTAT_READ, 0x71, 0.75, true },
	{ 31, EXITSTAT_MSR, EXITSTAT_READ, 0x1b, 0.5, false },
	{ 31, EXITSTAT_MSR, EXITSTAT_READ, 0x3a, 0.4, false },
	{ 32, EXITSTAT_MSR, EXITSTAT_WRITE, 0x6e0, 0.75, false },
	{ 32, EXITSTAT_MSR, EXITSTAT_WRITE, 0x830, 0.2, false },
	{ 32, EXITSTAT_MSR, EXITSTAT_WRITE, 0x48, 0.05, false },
	{ 48, EXITSTAT_FAULT, EXITSTAT_WRITE, 0x5400000, 0.02, false },
	{ 48, EXITSTAT_FAULT, EXITSTAT_READ, 0x7f000, 0.01, false },
	{ 48, DETAIL_REST, 0, 0, 0.9, false },
	{ 49, EXITSTAT_MMIO, EXITSTAT_WRITE, 0xfebc1000, 0.8, false },
	{ 49, EXITSTAT_MMIO, EXITSTAT_READ, 0xfed00000, 0.15, false },
};

/* One VM polls its clock. */
#define RTC_VM 4u

/* Of VMs in turn: how busy, when they boot, and a phase in which they have more to do. */
static const struct {
	const char *name;
	double load;
	unsigned int boot, busy, idle;
} kinds[] = {
	{ "web1", 1, 0, 300, 2400 },	      { "web2", 0.9, 0, 320, 2400 },
	{ "db1", 1.6, 0, 0, 3600 },	      { "build", 2.2, 900, 900, 2100 },
	{ "desktop", 0.5, 1500, 1600, 3600 }, { "mail", 0.25, 0, 1200, 1500 },
	{ "cache", 1.3, 0, 300, 2700 },	      { "spare", 0.02, 0, 0, 0 },
};

/* xorshift64*, Vigna 2016 */
static uint64_t draw(struct hour *hour)
{
	hour->random ^= hour->random >> 12;
	hour->random ^= hour->random << 25;
	hour->random ^= hour->random >> 27;
	return hour->random * 0x2545f4914f6cdd1dull;
}

static double uniform(struct hour *hour)
{
	return (double)(draw(hour) >> 11) / (double)(1ull << 53);
}

/* Near enough to a normal one: the sum of twelve. */
static double normal(struct hour *hour)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(hour);
	return sum;
}

/* 2^x, but straight from one power of two to the next. */
static double power_of_two(double x)
{
	double value = 1;

	for (; x >= 1; x--)
		value *= 2;
	for (; x < 0; x++)
		value /= 2;
	return value * (1 + x);
}

static void add_bucket(struct reason_stat *r, uint64_t ns, uint64_t n)
{
	uint32_t index = exitstat_bucket(ns);
	struct bucket *grown;
	size_t i = 0;

	while (i < r->nbuckets && r->buckets[i].index < index)
		i++;
	if (i == r->nbuckets || r->buckets[i].index != index) {
		grown = reallocarray(r->buckets, r->nbuckets + 1, sizeof(*grown));
		if (!grown)
			abort();
		r->buckets = grown;
		memmove(&grown[i + 1], &grown[i], (r->nbuckets++ - i) * sizeof(*grown));
		grown[i] = (struct bucket){ .index = index };
	}
	r->buckets[i].count += n;
}

static struct detail *find_key(struct reason_stat *r, const struct detail *like)
{
	struct detail *made;

	for (size_t i = 0; i < r->details.n; i++)
		if (!details_compare(&r->details.list[i], like))
			return &r->details.list[i];
	made = details_add(&r->details, like);
	if (!made)
		abort();
	return made;
}

static void add_keys(struct reason_stat *r, bool rtc, uint64_t ns, uint64_t n)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const struct detail like = { .kind = keys[i].kind,
					     .access = keys[i].access,
					     .key = keys[i].key };
		bool its = keys[i].code == r->reason && (r->reason != 30 || keys[i].rtc == rtc);
		uint64_t count = its ? (uint64_t)((double)n * keys[i].share) : 0;
		struct detail *detail = count ? find_key(r, &like) : NULL;

		if (!detail)
			continue;
		detail->count += count;
		detail->accesses += count;
		detail->sum_ns += count * ns;
	}
}

/* In place of the shortest of those that there are. */
static void add_slow(struct hour *hour, struct reason_stat *r, const struct habit *habit,
		     uint64_t ns)
{
	struct slow *slow = r->slow;

	if (r->nslow < SLOWEST)
		slow = array_append(&r->slow, &r->nslow, sizeof(*slow));
	for (size_t i = 0; r->nslow == SLOWEST && i < r->nslow; i++)
		if (r->slow[i].ns < slow->ns)
			slow = &r->slow[i];
	if (!slow || slow->ns > ns)
		return;
	*slow = (struct slow){ .ns = ns, .other_tid = 60 + ns % 7 };
	slow->entry_ns = hour->run.start_ns + hour->run.ns + draw(hour) % NS_PER_SEC;
	strcpy(slow->other, ns % 2 ? "kworker/2:1" : "kcompactd0");
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		slow->part_ns[i] = (uint64_t)((double)ns * habit->parts[i]);
	if (r->details.n && r->details.list[0].kind < EXITSTAT_KINDS)
		slow->key = (struct detail){ .kind = r->details.list[0].kind,
					     .access = r->details.list[0].access,
					     .key = r->details.list[0].key,
					     .accesses = 1 };
}

static void add_exits(struct hour *hour, struct reason_stat *r, const struct habit *habit,
		      uint64_t n, bool rtc)
{
	double far = uniform(hour) < habit->second ? habit->far : 1;
	double time = habit->median * far * power_of_two(habit->spread * normal(hour));
	uint64_t ns = time < 300 ? 300 : (uint64_t)time;

	add_bucket(r, ns, n);
	r->count += n;
	r->timed += n;
	r->sum_ns += ns * n;
	r->min_ns = ns < r->min_ns ? ns : r->min_ns;
	r->max_ns = ns > r->max_ns ? ns : r->max_ns;
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		r->part_ns[i] += (uint64_t)((double)(ns * n) * habit->parts[i]);
	add_keys(r, rtc, ns, n);
	add_slow(hour, r, habit, ns);
}

/* A second of one reason of one vCPU: a few times stand for all its exits. */
static void add_habit(struct hour *hour, struct vcpu_stat *vcpu, const struct habit *habit,
		      double mean, bool rtc)
{
	double wanted = mean + normal(hour) * (mean > 1 ? mean / 12 : 0.5);
	const struct reason_stat like = { .isa = EXITSTAT_ISA_VMX,
					  .reason = habit->code,
					  .level = EXITSTAT_L1 };
	uint64_t n = wanted > 0 ? (uint64_t)(wanted + uniform(hour)) : 0;
	struct reason_stat *r;

	if (!n)
		return;
	r = vcpu_find_reason(vcpu, &like);
	r = r ?: vcpu_add_reason(vcpu, EXITSTAT_ISA_VMX, habit->code);
	if (!r)
		abort();
	for (uint64_t left = n, turns = 6; left; turns--) {
		uint64_t part = turns > 1 && left > turns ? left / turns : left;

		add_exits(hour, r, habit, part, rtc);
		left -= part;
	}
}

static void add_vm(struct hour *hour, struct vm_stat *vm, size_t i)
{
	const unsigned int now = hour->seconds;
	const __typeof__(kinds[0]) *kind = &kinds[i % COUNT_OF(kinds)];
	bool busy = now >= kind->busy && now < kind->idle, boots = now < kind->boot + 40;
	double load = kind->load * (busy ? 1 : 0.15) * (1 + 0.3 * ((now / 60 + i) % 5) / 4.0);

	if (now < kind->boot)
		return;
	for_each_vcpu(vcpu, vm)
		for (size_t h = 0; h < COUNT_OF(habits); h++)
			add_habit(hour, vcpu, &habits[h],
				  (habits[h].rate + (boots && !vcpu->id ? habits[h].start : 0)) *
					  load,
				  i == RTC_VM);
}

void hour_begin(struct hour *hour, unsigned int vms, unsigned int vcpus)
{
	*hour = (struct hour){
		.random = 14,
		.host = { .kernel = "6.12.43+deb13-amd64",
			  .cpu = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
			  .isa = EXITSTAT_ISA_VMX,
			  .tsc_khz = 2000000,
			  .apicv = { .use = APICV_ON,
				     .n = 2,
				     .names = { "DISABLE", "PIT_REINJ" } } },
	};
	for (unsigned int i = 0; i < vms; i++) {
		char name[32];
		struct vm_stat *vm;

		snprintf(name, sizeof(name), i < COUNT_OF(kinds) ? "%s" : "%s-%u",
			 kinds[i % COUNT_OF(kinds)].name, i / (unsigned int)COUNT_OF(kinds) + 1);
		vm = snapshot_add_vm(&hour->snap, i + 1, 4200 + 17 * i, name);
		if (!vm)
			abort();
		vm->whole = kinds[i % COUNT_OF(kinds)].boot;
		vm->apicv = (struct apicv){ .known = true, .inhibits = i % 5 == 4 ? 2 : 0 };
		for (unsigned int id = 0; id < vcpus; id++)
			if (!vm_add_vcpu(vm, id))
				abort();
	}
	hour->run = (struct run){ .host = &hour->host,
				  .start = { .tv_sec = 1794873600 },
				  .start_ns = 77 * NS_PER_SEC,
				  .snap = &hour->snap,
				  .kinds = (1u << EXITSTAT_RIP) - 1,
				  .parts = PARTS_ALL,
				  .nslowest = SLOWEST };
	hour->run.end = hour->run.start;
}

void hour_second(struct hour *hour)
{
	for (size_t i = 0; i < hour->snap.nvms; i++)
		add_vm(hour, &hour->snap.vms[i], i);
	snapshot_sort(&hour->snap);
	hour->seconds++;
	hour->run.end.tv_sec++;
	hour->run.ns += NS_PER_SEC;
}

void hour_end(struct hour *hour)
{
	snapshot_free(&hour->snap);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpf/exitstat.h"
#include "traffic.h"
#include "unit.h"

#define VCPUS_OF_VM 4u
#define HLT	    12u

/* 64 of these: 51,000 exits a second. */
const struct traffic busy_traffic = { .nvcpus = 64, .nreasons = 20, .rate = 400, .halt_ns = 2e5 };
const struct traffic busy_with_keys = {
	.nvcpus = 64, .nreasons = 20, .nkeys = 5, .rate = 400, .halt_ns = 2e5
};
/* Guests without work, and without a tick: an exit a second each. */
const struct traffic idle_traffic = { .nvcpus = 64, .nreasons = 4, .rate = 0.5, .halt_ns = 5e8 };

/* Codes that VMX has, the second is HLT. */
static uint32_t code_of(size_t i)
{
	static const uint32_t codes[] = { 32, HLT, 1,  52, 49, 48, 30, 10, 28, 7,
					  0,  31,  40, 29, 54, 45, 56, 58, 2,  44 };

	return codes[i % COUNT(codes)];
}

/* In [0, 1) */
static double next_uniform(uint64_t *random)
{
	return (double)(next_random(random) >> 11) * 0x1p-53;
}

/* Box and Muller's. */
static double next_normal(uint64_t *random)
{
	double u = 1 - next_uniform(random), v = next_uniform(random);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Of a large mean it is as good as normal. */
static uint64_t next_poisson(uint64_t *random, double mean)
{
	double product = 1, limit = exp(-mean);
	uint64_t n = 0;

	if (mean > 500) {
		double value = mean + sqrt(mean) * next_normal(random);

		return value > 0 ? (uint64_t)value : 0;
	}
	while ((product *= 1 - next_uniform(random)) > limit)
		n++;
	return n;
}

static double next_ns(const struct traffic *traffic, const struct reason_stat *r, uint64_t *random)
{
	double normal = next_normal(random);

	if (r->reason == HLT)
		return traffic->halt_ns * exp(1.2 * normal);
	return (1200 + 300 * (r->reason % 37)) * exp((0.2 + 0.01 * (r->reason % 23)) * normal);
}

/* Exits of a second by bucket: sample_exits() would look for the bucket of each. */
static void add_buckets(struct reason_stat *r, const uint64_t hist[EXITSTAT_HIST_BUCKETS])
{
	const struct bucket *old = r->buckets, *end = old + r->nbuckets;
	struct bucket *list = calloc(EXITSTAT_HIST_BUCKETS, sizeof(*list));
	size_t n = 0;

	assert_non_null(list);
	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++) {
		uint64_t had = old != end && old->index == i ? old++->count : 0;

		if (had || hist[i])
			list[n++] = (struct bucket){ i, had + hist[i] };
	}
	free(r->buckets);
	r->buckets = reallocarray(list, n, sizeof(*list));
	assert_non_null(r->buckets);
	r->nbuckets = n;
}

static void make_keys(const struct traffic *traffic, struct reason_stat *r)
{
	for (size_t i = 0; i < traffic->nkeys && r->reason != HLT; i++) {
		const struct detail key = { .kind = EXITSTAT_MSR, .key = r->reason * 64 + i * i };

		assert_non_null(details_add(&r->details, &key));
	}
}

/* The last has what all after it would have. */
static void add_key(struct reason_stat *r, uint64_t ns, uint64_t *random)
{
	size_t last = r->details.n - 1, i = 0;
	struct detail *key;

	for (uint64_t bits = next_random(random); i < last && bits & 1; i++)
		bits >>= 1;
	key = &r->details.list[i];
	key->count++;
	key->accesses++;
	key->sum_ns += ns;
}

static void add_exits(const struct traffic *traffic, struct reason_stat *r, uint64_t n,
		      uint64_t *random)
{
	uint64_t hist[EXITSTAT_HIST_BUCKETS] = { 0 };

	r->count += n;
	r->timed += n;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t ns = (uint64_t)next_ns(traffic, r, random);

		hist[exitstat_bucket(ns)]++;
		r->sum_ns += ns;
		r->min_ns = ns < r->min_ns ? ns : r->min_ns;
		r->max_ns = ns > r->max_ns ? ns : r->max_ns;
		if (r->details.n)
			add_key(r, ns, random);
	}
	if (n)
		add_buckets(r, hist);
}

void traffic_begin(const struct traffic *traffic, struct snapshot *snap)
{
	struct vm_stat *vm = NULL;
	char name[24];

	*snap = (struct snapshot){ 0 };
	for (uint32_t i = 0; i < traffic->nvcpus; i++) {
		struct vcpu_stat *vcpu;

		if (i % VCPUS_OF_VM == 0) {
			snprintf(name, sizeof(name), "guest-%u", i / VCPUS_OF_VM);
			vm = sample_vm(snap, i + 1, 1000 + i, name);
		}
		vcpu = sample_vcpu(vm, i % VCPUS_OF_VM);
		for (size_t r = 0; r < traffic->nreasons; r++)
			make_keys(traffic, sample_reason(vcpu, EXITSTAT_ISA_VMX, code_of(r)));
	}
	snapshot_sort(snap);
}

static double rate_of(const struct traffic *traffic, const struct reason_stat *r)
{
	double rate = traffic->rate;

	for (size_t i = 0; code_of(i) != r->reason; i++)
		rate /= 2;
	return rate;
}

static void run_vcpu(const struct traffic *traffic, struct vcpu_stat *vcpu, double load,
		     uint64_t *random)
{
	for_each_reason(r, vcpu) {
		uint64_t n = next_poisson(random, load * rate_of(traffic, r));

		/* The one that had no entry yet has got it. */
		r->count = r->timed;
		add_exits(traffic, r, n, random);
	}
	/* Most of an idle one's time goes by in HLT. */
	if (next_uniform(random) < (traffic->halt_ns > 1e8 ? 1 : 0.3))
		for_each_reason(r, vcpu)
			if (r->reason == HLT)
				sample_in_flight(r);
}

void traffic_go_on(struct traffic *traffic, struct snapshot *snap, uint64_t *random)
{
	double *load = traffic->load;

	for_each_vm(vm, snap) {
		for_each_vcpu(vcpu, vm) {
			*load = 0.95 * *load + 0.06 * next_normal(random);
			run_vcpu(traffic, vcpu, exp(*load++), random);
		}
	}
}

// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/exitstat.h"
#include "clock.h"
#include "reasons.h"
#include "selfcheck.h"

struct check {
	const struct host_doc *doc;
	struct findings *findings;
	uint64_t edges[EXITSTAT_HIST_BUCKETS + 1]; /* of the buckets, in cycles */
	char where[128];			   /* what is being looked at */
};

static struct finding *found(struct check *check, const char *field, uint64_t value)
{
	struct finding *f = findings_add(check->findings, check->doc->file);

	finding_field(f, "%s.%s", check->where, field);
	finding_value(f, value);
	return f;
}

/* --- cycles are scaled nanoseconds ---------------------------------------------------- */

static uint64_t cycles_of(const struct check *check, unsigned __int128 ns)
{
	unsigned __int128 cycles = ns * check->doc->tsc_khz / 1000000;

	return cycles < INT64_MAX ? (uint64_t)cycles : INT64_MAX;
}

/* The least that many ns can be. */
static uint64_t ns_of(const struct check *check, uint64_t cycles)
{
	unsigned __int128 khz = check->doc->tsc_khz;

	return (uint64_t)(((unsigned __int128)cycles * 1000000 + khz - 1) / khz);
}

/* Above 1 GHz not every number of cycles is that of a whole number of ns. */
static void check_scaled(struct check *check, const char *field, uint64_t cycles)
{
	uint64_t ns = ns_of(check, cycles);
	struct finding *f;

	if (cycles == INT64_MAX || cycles_of(check, ns) == cycles)
		return;
	f = found(check, field, cycles);
	finding_expected(f, "%" PRIu64 " or %" PRIu64, cycles_of(check, ns - 1),
			 cycles_of(check, ns));
	finding_why(f, "no whole number of nanoseconds has so many cycles");
}

/* --- histograms ------------------------------------------------------------------------- */

/* The last bucket that begins there; -1: none does. */
static int index_of(const struct check *check, uint64_t lo)
{
	for (int i = EXITSTAT_HIST_BUCKETS - 1; i >= 0; i--)
		if (check->edges[i] == lo)
			return i;
	return -1;
}

/* Below 1 GHz small buckets that begin at the same cycle are written as one. */
static bool is_joined(const struct check *check, int index)
{
	return index > 0 && check->edges[index - 1] == check->edges[index];
}

static bool is_edge(const struct check *check, const struct host_bucket *bucket)
{
	int index = index_of(check, bucket->lo);

	if (index < 0)
		return false;
	return bucket->hi == check->edges[index + 1] ||
	       (bucket->hi == bucket->lo + 1 &&
		(is_joined(check, index) || check->edges[index + 1] == bucket->lo));
}

static void check_edges(struct check *check, const struct host_reason *r)
{
	for (size_t i = 0; i < r->nbuckets; i++) {
		const struct host_bucket *bucket = &r->buckets[i];
		bool bad_lo = index_of(check, bucket->lo) < 0;
		char field[48];
		struct finding *f;

		if (is_edge(check, bucket) && (!i || bucket->lo >= bucket[-1].hi))
			continue;
		snprintf(field, sizeof(field), "histogram[%zu].%s", i, bad_lo ? "lo" : "hi");
		f = found(check, field, bad_lo ? bucket->lo : bucket->hi);
		finding_why(f, "not where a bucket %s", bad_lo ? "begins" : "ends");
	}
}

static uint64_t timed_exits(const struct host_reason *r)
{
	uint64_t timed = 0;

	for (size_t i = 0; i < r->nbuckets; i++)
		timed += r->buckets[i].count;
	return timed;
}

/* As reason_percentile() has it; false: not to be told, by the joined buckets. */
static bool percentile(const struct check *check, const struct host_reason *r, double percent,
		       uint64_t *expected)
{
	struct reason_stat stat = { .timed = timed_exits(r), .max_ns = UINT64_MAX };
	bool known = true;
	uint64_t cycles;

	stat.buckets = calloc(r->nbuckets, sizeof(*stat.buckets));
	for (size_t i = 0; stat.buckets && i < r->nbuckets; i++) {
		int index = index_of(check, r->buckets[i].lo);

		known &= index >= 0 && !is_joined(check, index);
		stat.buckets[i] = (struct bucket){ (uint32_t)index, r->buckets[i].count };
		stat.nbuckets++;
	}
	known &= stat.nbuckets > 0;
	cycles = known ? cycles_of(check, reason_percentile(&stat, percent)) : 0;
	free(stat.buckets);
	*expected = cycles < r->min ? r->min : cycles > r->max ? r->max : cycles;
	return known;
}

static void check_percentiles(struct check *check, const struct host_reason *r)
{
	static const char *const fields[] = { "cycles.p50", "cycles.p90", "cycles.p99" };
	static const double percents[] = { 50, 90, 99 };
	uint64_t expected;

	for (int i = 0; i < PERCENTILES; i++) {
		struct finding *f;

		if (!percentile(check, r, percents[i], &expected) || r->percentiles[i] == expected)
			continue;
		f = found(check, fields[i], r->percentiles[i]);
		finding_expected(f, "%" PRIu64, expected);
		finding_why(f, "not what the histogram says");
	}
}

/* --- sum, min and max ------------------------------------------------------------------- */

static void expect_range(struct check *check, const char *field, uint64_t value, uint64_t low,
			 uint64_t high, const char *why)
{
	struct finding *f;

	if (value >= low && value <= high)
		return;
	f = found(check, field, value);
	finding_expected(f, "%" PRIu64 " to %" PRIu64, low, high);
	finding_why(f, "%s", why);
}

/* One of the exits took min, one took max, the others what their buckets allow. */
static void check_sum(struct check *check, const struct host_reason *r)
{
	const struct host_bucket *last = &r->buckets[r->nbuckets - 1];
	unsigned __int128 low = 0, high = 0, one = r->min != r->max || timed_exits(r) > 1;

	for (size_t i = 0; i < r->nbuckets; i++) {
		const struct host_bucket *bucket = &r->buckets[i];

		low += (unsigned __int128)bucket->count * bucket->lo;
		high += (unsigned __int128)bucket->count * bucket->hi;
	}
	low += r->min - r->buckets[0].lo;
	high -= r->buckets[0].hi - r->min;
	if (one) {
		low += r->max - last->lo;
		high -= last->hi - r->max;
	}
	if (timed_exits(r) == 1) {
		expect_range(check, "cycles.max", r->max, r->min, r->min, "one exit has one time");
		expect_range(check, "cycles.sum", r->sum, r->min, r->min, "one exit has one time");
		return;
	}
	/* Each of them was rounded down from ns. */
	high += timed_exits(r);
	if (low > INT64_MAX || high > INT64_MAX)
		return;
	expect_range(check, "cycles.sum", r->sum, (uint64_t)low, (uint64_t)high,
		     "not possible with this histogram, min and max");
}

static void check_min_max(struct check *check, const struct host_reason *r)
{
	const struct host_bucket *last = &r->buckets[r->nbuckets - 1];
	size_t before = check->findings->n + check->findings->dropped;

	expect_range(check, "cycles.min", r->min, r->buckets[0].lo, r->buckets[0].hi,
		     "not in the first bucket");
	expect_range(check, "cycles.max", r->max, last->lo, last->hi, "not in the last bucket");
	expect_range(check, "cycles.min", r->min, 0, r->max, "more than max");
	if (before == check->findings->n + check->findings->dropped)
		check_sum(check, r);
}

static void check_times(struct check *check, const struct host_reason *r)
{
	if (r->timed != (r->nbuckets > 0) || (!r->nbuckets && r->sum)) {
		finding_why(found(check, "cycles.sum", r->sum),
			    "there are cycles without a histogram, or none with one");
		return;
	}
	check_scaled(check, "cycles.sum", r->sum);
	if (!r->nbuckets)
		return;
	check_scaled(check, "cycles.min", r->min);
	check_scaled(check, "cycles.max", r->max);
	check_edges(check, r);
	check_min_max(check, r);
	check_percentiles(check, r);
}

/* --- one reason, one vCPU ------------------------------------------------------------------ */

static uint32_t word_of(const struct host_reason *r)
{
	return r->code | r->flags;
}

static bool flags_fit(const struct check *check, const struct host_reason *r)
{
	return reason_code(check->doc->isa, word_of(r)) == r->code &&
	       reason_flags(check->doc->isa, word_of(r)) == r->flags;
}

static void check_name(struct check *check, const struct host_reason *r)
{
	char name[REASON_NAME_LEN], plain[REASON_NAME_LEN];
	bool flags;
	struct finding *f;

	reason_name(name, check->doc->isa, word_of(r));
	if (!strcmp(name, r->name) && flags_fit(check, r))
		return;
	reason_name(plain, check->doc->isa, r->code);
	flags = !flags_fit(check, r) ||
		(!strncmp(plain, r->name, strcspn(r->name, "+")) && !plain[strcspn(r->name, "+")]);
	f = found(check, flags ? "flags" : "code", flags ? r->flags : r->code);
	finding_why(f, "%s is called %s, not %.40s", flags ? "with these it" : "this", name,
		    r->name);
}

/* The count and the histogram do not go together: which number of them it is, is open. */
static void name_untimed(struct check *check, const struct host_reason *r, const char *why)
{
	uint64_t timed = timed_exits(r);

	expect_range(check, "count", r->count, timed, timed, why);
	for (size_t i = 0; i < r->nbuckets; i++) {
		uint64_t rest = timed - r->buckets[i].count;
		uint64_t expected = r->count > rest ? r->count - rest : 0;
		char field[48];

		snprintf(field, sizeof(field), "histogram[%zu].count", i);
		expect_range(check, field, r->buckets[i].count, expected, expected,
			     "or else this, one of the histogram's, is wrong");
	}
}

static void check_vcpu(struct check *check, const struct host_vcpu *vcpu)
{
	const struct losses *losses = &check->doc->losses;
	uint64_t untimed = 0, allowed = 1 + losses->unpaired + losses->missed;
	size_t len = strlen(check->where);

	for (size_t i = 0; i < vcpu->nreasons; i++) {
		const struct host_reason *r = &vcpu->reasons[i];
		uint64_t timed = timed_exits(r);

		snprintf(check->where + len, sizeof(check->where) - len, ".reasons[%zu]", i);
		check_name(check, r);
		check_times(check, r);
		if ((i && word_of(r) <= word_of(r - 1)) ||
		    (i + 1 < vcpu->nreasons && word_of(r) >= word_of(r + 1)))
			finding_why(found(check, "code", r->code), "not in ascending order");
		if (r->count < timed)
			name_untimed(check, r, "less than the histogram has");
		else
			untimed += r->count - timed;
	}
	for (size_t i = 0; i < vcpu->nreasons && untimed > allowed; i++) {
		const struct host_reason *r = &vcpu->reasons[i];
		uint64_t timed = timed_exits(r);

		snprintf(check->where + len, sizeof(check->where) - len, ".reasons[%zu]", i);
		if (r->count > timed)
			name_untimed(check, r,
				     "one exit of a vCPU can lack its entry, besides the losses");
	}
	check->where[len] = '\0';
}

/* --- snapshots ------------------------------------------------------------------------------- */

static const struct host_vcpu *find_vcpu(const struct host_vm *vm, uint32_t id)
{
	for (size_t i = 0; vm && i < vm->nvcpus; i++)
		if (vm->vcpus[i].id == id)
			return &vm->vcpus[i];
	return NULL;
}

static const struct host_reason *find_reason(const struct host_vm *vm, uint32_t id, uint32_t word)
{
	const struct host_vcpu *vcpu = find_vcpu(vm, id);

	for (size_t i = 0; vcpu && i < vcpu->nreasons; i++)
		if (word_of(&vcpu->reasons[i]) == word)
			return &vcpu->reasons[i];
	return NULL;
}

static const struct host_vm *find_vm(const struct host_point *point, uint64_t index)
{
	for (size_t i = 0; i < point->nvms; i++)
		if (point->vms[i].index == index)
			return &point->vms[i];
	return NULL;
}

static uint64_t sum_of(const struct host_vm *vm)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < vm->nvcpus; i++)
		for (size_t j = 0; j < vm->vcpus[i].nreasons; j++)
			sum += vm->vcpus[i].reasons[j].count;
	return sum;
}

/*
 * Counters only grow, so one of two is wrong when they do not: that which does not
 * add up, or the earlier one if the later fits what was before both.
 */
static bool later_is_wrong(const struct host_vm *earlier, const struct host_vm *later,
			   uint64_t value, uint64_t before)
{
	bool earlier_adds_up = sum_of(earlier) == earlier->count;
	bool later_adds_up = sum_of(later) == later->count;

	if (earlier_adds_up != later_adds_up)
		return earlier_adds_up;
	return value < before;
}

struct pair {
	size_t point; /* the earlier; the later one is behind it */
	size_t vm, vcpu, reason;
};

static void name_shrunk(struct check *check, const struct pair *at, const char *field,
			uint64_t value, uint64_t low, uint64_t high)
{
	snprintf(check->where, sizeof(check->where),
		 "snapshots[%zu].vms[%zu].vcpus[%zu].reasons[%zu]", at->point, at->vm, at->vcpu,
		 at->reason);
	expect_range(check, field, value, low, high, "counters only grow");
}

/* Where in the later snapshot a reason is, to name it. */
static void locate(const struct host_point *point, uint64_t index, uint32_t id,
		   const struct host_reason *r, struct pair *at)
{
	for (at->vm = 0; point->vms[at->vm].index != index;)
		at->vm++;
	for (at->vcpu = 0; point->vms[at->vm].vcpus[at->vcpu].id != id;)
		at->vcpu++;
	at->reason = (size_t)(r - point->vms[at->vm].vcpus[at->vcpu].reasons);
}

static void check_growth(struct check *check, struct pair at, const struct host_vm *later_vm,
			 const struct host_reason *later)
{
	const struct host_point *points = check->doc->points;
	const struct host_vm *vm = &points[at.point].vms[at.vm];
	uint32_t id = vm->vcpus[at.vcpu].id;
	const struct host_reason *r = &vm->vcpus[at.vcpu].reasons[at.reason];
	const struct host_reason *before =
		at.point ? find_reason(find_vm(&points[at.point - 1], vm->index), id, word_of(r))
			 : NULL;
	struct pair next = { .point = at.point + 1 };

	locate(&points[at.point + 1], vm->index, id, later, &next);
	if (later->count < r->count) {
		if (later_is_wrong(vm, later_vm, later->count, before ? before->count : 0))
			name_shrunk(check, &next, "count", later->count, r->count, INT64_MAX);
		else
			name_shrunk(check, &at, "count", r->count, 0, later->count);
	}
	if (later->sum < r->sum) {
		if (later->sum < (before ? before->sum : 0))
			name_shrunk(check, &next, "cycles", later->sum, r->sum, INT64_MAX);
		else
			name_shrunk(check, &at, "cycles", r->sum, 0, later->sum);
	}
}

/* Each reason of a snapshot is in the next one, and has not shrunk. */
static void check_next(struct check *check, size_t point)
{
	const struct host_point *this = &check->doc->points[point];

	for (size_t i = 0; i < this->nvms; i++) {
		const struct host_vm *vm = &this->vms[i], *later = find_vm(this + 1, vm->index);

		for (size_t j = 0; later && j < vm->nvcpus; j++) {
			const struct host_vcpu *vcpu = &vm->vcpus[j];

			for (size_t k = 0; k < vcpu->nreasons; k++) {
				const struct host_reason *r =
					find_reason(later, vcpu->id, word_of(&vcpu->reasons[k]));

				if (r)
					check_growth(check, (struct pair){ point, i, j, k }, later,
						     r);
			}
		}
	}
}

/* What a reason had come to in another snapshot; if it is not there, or there is none. */
static uint64_t count_at(const struct check *check, size_t point, uint64_t index, uint32_t id,
			 uint32_t word, uint64_t otherwise)
{
	const struct host_reason *r = NULL;

	if (point < check->doc->npoints)
		r = find_reason(find_vm(&check->doc->points[point], index), id, word);
	return r ? r->count : otherwise;
}

/* If the sum is wrong, one number is: the sum, or a reason that can make up for it. */
static void check_sum_of_vm(struct check *check, const struct host_vm *vm, size_t point)
{
	uint64_t sum = sum_of(vm);
	size_t len = strlen(check->where);

	expect_range(check, "count", vm->count, sum, sum, "not the sum of its reasons");
	for (size_t i = 0; sum != vm->count && i < vm->nvcpus; i++) {
		for (size_t j = 0; j < vm->vcpus[i].nreasons; j++) {
			const struct host_reason *r = &vm->vcpus[i].reasons[j];
			uint32_t id = vm->vcpus[i].id, word = word_of(r);
			uint64_t right = r->count + vm->count - sum;

			if (right < count_at(check, point - 1, vm->index, id, word, 0) ||
			    right > count_at(check, point + 1, vm->index, id, word, right))
				continue;
			snprintf(check->where + len, sizeof(check->where) - len,
				 ".vcpus[%zu].reasons[%zu]", i, j);
			expect_range(check, "count", r->count, right, right,
				     "or else this, one of its reasons, is wrong");
		}
	}
	check->where[len] = '\0';
}

/* Of a snapshot's VM: in the list, its sum right, its reasons in those of the run. */
static void check_point_vm(struct check *check, const struct host_vm *vm, size_t point)
{
	const struct host_doc *doc = check->doc;
	const struct host_vm *whole = vm->index < doc->nvms ? &doc->vms[vm->index] : NULL;
	size_t len = strlen(check->where);

	if (!whole) {
		finding_why(found(check, "vm", vm->index), "there are only %zu VMs", doc->nvms);
		return;
	}
	if (whole->pid != vm->pid)
		expect_range(check, "pid", vm->pid, whole->pid, whole->pid, "another process's VM");
	check_sum_of_vm(check, vm, point);
	for (size_t i = 0; i < vm->nvcpus; i++) {
		const struct host_vcpu *vcpu = &vm->vcpus[i];

		snprintf(check->where + len, sizeof(check->where) - len, ".vcpus[%zu]", i);
		if (!find_vcpu(whole, vcpu->id))
			finding_why(found(check, "id", vcpu->id), "the VM has no such vCPU");
		for (size_t j = 0; find_vcpu(whole, vcpu->id) && j < vcpu->nreasons; j++) {
			const struct host_reason *r = &vcpu->reasons[j];

			snprintf(check->where + len, sizeof(check->where) - len,
				 ".vcpus[%zu].reasons[%zu]", i, j);
			if ((j && word_of(r) <= word_of(r - 1)) ||
			    (j + 1 < vcpu->nreasons && word_of(r) >= word_of(r + 1)))
				finding_why(found(check, "code", r->code),
					    "not in ascending order");
			if (!flags_fit(check, r))
				finding_why(found(check, "flags", r->flags),
					    "no flags of this ISA's exits");
			if (!find_reason(whole, vcpu->id, word_of(r)))
				finding_why(found(check, r->flags ? "flags" : "code",
						  r->flags ? r->flags : r->code),
					    "the run has no such reason of this vCPU");
			check_scaled(check, "cycles", r->sum);
		}
	}
	check->where[len] = '\0';
}

static void check_losses(struct check *check, const struct losses *now, const struct losses *least,
			 const struct losses *most)
{
	static const char why[] = "losses only grow, to those of the run";

	expect_range(check, "losses.map_full", now->map_full, least->map_full, most->map_full, why);
	expect_range(check, "losses.unpaired", now->unpaired, least->unpaired, most->unpaired, why);
	expect_range(check, "losses.missed", now->missed, least->missed, most->missed, why);
}

/* The run's losses against its last snapshot's: which is wrong is open. */
static void check_end_losses(struct check *check)
{
	const struct losses *run = &check->doc->losses;
	const struct losses *last = &check->doc->points[check->doc->npoints - 1].losses;
	static const char why[] = "not that of the last snapshot";

	snprintf(check->where, sizeof(check->where), "losses");
	expect_range(check, "map_full", run->map_full, last->map_full, last->map_full, why);
	expect_range(check, "unpaired", run->unpaired, last->unpaired, last->unpaired, why);
	expect_range(check, "missed", run->missed, last->missed, last->missed, why);
}

static void check_point(struct check *check, size_t i)
{
	const struct host_point *point = &check->doc->points[i];
	const struct losses *run = &check->doc->losses, none = { 0 };
	bool last = i + 1 == check->doc->npoints;

	snprintf(check->where, sizeof(check->where), "snapshots[%zu]", i);
	check_losses(check, &point->losses, last ? run : i ? &point[-1].losses : &none, run);
	if (i && point->start_ns < point[-1].start_ns + point[-1].took_ns)
		expect_range(check, "monotonic_ns", point->start_ns,
			     point[-1].start_ns + point[-1].took_ns, INT64_MAX,
			     "before the end of the snapshot before it");
	for (size_t j = 0; j < point->nvms; j++) {
		snprintf(check->where, sizeof(check->where), "snapshots[%zu].vms[%zu]", i, j);
		if (j && point->vms[j].index <= point->vms[j - 1].index)
			finding_why(found(check, "vm", point->vms[j].index), "not in order");
		check_point_vm(check, &point->vms[j], i);
	}
	if (!last)
		check_next(check, i);
}

/* The last snapshot is the end of the run. */
static void check_end(struct check *check, size_t i)
{
	const struct host_doc *doc = check->doc;
	const struct host_vm *end = find_vm(&doc->points[doc->npoints - 1], i);
	const struct host_vm *vm = &doc->vms[i];

	snprintf(check->where, sizeof(check->where), "vms[%zu]", i);
	if (end && end->pid != vm->pid)
		expect_range(check, "pid", vm->pid, end->pid, end->pid,
			     "not that of the snapshots");
	for (size_t j = 0; end && j < vm->nvcpus; j++) {
		if (!find_vcpu(end, vm->vcpus[j].id)) {
			snprintf(check->where, sizeof(check->where), "vms[%zu].vcpus[%zu]", i, j);
			finding_why(found(check, "id", vm->vcpus[j].id),
				    "the last snapshot has no such vCPU");
			continue;
		}
		for (size_t k = 0; k < vm->vcpus[j].nreasons; k++) {
			const struct host_reason *r = &vm->vcpus[j].reasons[k];
			const struct host_reason *last =
				find_reason(end, vm->vcpus[j].id, word_of(r));

			snprintf(check->where, sizeof(check->where),
				 "vms[%zu].vcpus[%zu].reasons[%zu]", i, j, k);
			if (!last) {
				finding_why(found(check, "code", r->code),
					    "not in the last snapshot");
				continue;
			}
			expect_range(check, "count", r->count, last->count, last->count,
				     "not that of the last snapshot");
			expect_range(check, "cycles.sum", r->sum, last->sum, last->sum,
				     "not that of the last snapshot");
		}
	}
}

/* --- the document --------------------------------------------------------------------------------
 */

/* Edges that are no edges at all mean another scale, not as many wrong numbers. */
static bool scale_is_wrong(struct check *check)
{
	const struct host_doc *doc = check->doc;
	size_t edges = 0, wrong = 0;

	for (size_t i = 0; i < doc->nvms; i++)
		for (size_t j = 0; j < doc->vms[i].nvcpus; j++)
			for (size_t k = 0; k < doc->vms[i].vcpus[j].nreasons; k++)
				for (size_t b = 0; b < doc->vms[i].vcpus[j].reasons[k].nbuckets;
				     b++) {
					edges++;
					wrong += !is_edge(
						check, &doc->vms[i].vcpus[j].reasons[k].buckets[b]);
				}
	return edges > 3 && wrong > edges / 3;
}

void hostcheck(const struct host_doc *doc, struct findings *findings)
{
	struct check check = { .doc = doc, .findings = findings };

	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++)
		check.edges[i] = cycles_of(&check, exitstat_bucket_low(i));
	check.edges[EXITSTAT_HIST_BUCKETS] = INT64_MAX;
	if (scale_is_wrong(&check)) {
		snprintf(check.where, sizeof(check.where), "host");
		finding_why(found(&check, "tsc_khz", doc->tsc_khz),
			    "the histograms were not made with it");
		return;
	}
	for (size_t i = 0; i < doc->nvms; i++) {
		for (size_t j = 0; j < doc->vms[i].nvcpus; j++) {
			snprintf(check.where, sizeof(check.where), "vms[%zu].vcpus[%zu]", i, j);
			check_vcpu(&check, &doc->vms[i].vcpus[j]);
		}
		if (doc->npoints)
			check_end(&check, i);
	}
	for (size_t i = 0; i < doc->npoints; i++)
		check_point(&check, i);
	if (doc->npoints)
		check_end_losses(&check);
}

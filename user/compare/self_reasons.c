// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "compare/self_host.h"
#include "model/reasons.h"

/* --- cycles are scaled nanoseconds ---------------------------------------------------- */

/* The least that many ns can be. */
static uint64_t ns_of(const struct check *check, uint64_t cycles)
{
	unsigned __int128 khz = check->doc->tsc_khz;

	return (uint64_t)(((unsigned __int128)cycles * 1000000 + khz - 1) / khz);
}

/* Above 1 GHz not every number of cycles is that of a whole number of ns. */
void check_scaled(struct check *check, const char *field, uint64_t cycles)
{
	uint64_t ns = ns_of(check, cycles);
	struct finding *f;

	if (cycles == INT64_MAX || check_cycles(check, ns) == cycles)
		return;
	f = check_found(check, field, cycles);
	finding_expected(f, "%" PRIu64 " or %" PRIu64, check_cycles(check, ns - 1),
			 check_cycles(check, ns));
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

bool check_is_edge(const struct check *check, const struct host_bucket *bucket)
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

		if (check_is_edge(check, bucket) && (!i || bucket->lo >= bucket[-1].hi))
			continue;
		snprintf(field, sizeof(field), "histogram[%zu].%s", i, bad_lo ? "lo" : "hi");
		f = check_found(check, field, bad_lo ? bucket->lo : bucket->hi);
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
	cycles = known ? check_cycles(check, reason_percentile(&stat, percent)) : 0;
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
		f = check_found(check, fields[i], r->percentiles[i]);
		finding_expected(f, "%" PRIu64, expected);
		finding_why(f, "not what the histogram says");
	}
}

/* --- sum, min and max ------------------------------------------------------------------- */

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
		check_range(check, "cycles.max", r->max, r->min, r->min, "one exit has one time");
		check_range(check, "cycles.sum", r->sum, r->min, r->min, "one exit has one time");
		return;
	}
	/* Each of them was rounded down from ns. */
	high += timed_exits(r);
	if (low > INT64_MAX || high > INT64_MAX)
		return;
	check_range(check, "cycles.sum", r->sum, (uint64_t)low, (uint64_t)high,
		    "not possible with this histogram, min and max");
}

static void check_min_max(struct check *check, const struct host_reason *r)
{
	const struct host_bucket *last = &r->buckets[r->nbuckets - 1];
	size_t before = check->findings->n + check->findings->dropped;

	check_range(check, "cycles.min", r->min, r->buckets[0].lo, r->buckets[0].hi,
		    "not in the first bucket");
	check_range(check, "cycles.max", r->max, last->lo, last->hi, "not in the last bucket");
	check_range(check, "cycles.min", r->min, 0, r->max, "more than max");
	if (before == check->findings->n + check->findings->dropped)
		check_sum(check, r);
}

static void check_times(struct check *check, const struct host_reason *r)
{
	if (r->timed != (r->nbuckets > 0) || (!r->nbuckets && r->sum)) {
		finding_why(check_found(check, "cycles.sum", r->sum),
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

bool check_flags_fit(const struct check *check, const struct host_reason *r)
{
	return reason_code(check->doc->isa, reason_word(r)) == r->code &&
	       reason_flags(check->doc->isa, reason_word(r)) == r->flags;
}

static void check_name(struct check *check, const struct host_reason *r)
{
	char name[REASON_NAME_LEN], plain[REASON_NAME_LEN];
	bool flags;
	struct finding *f;

	reason_name(name, check->doc->isa, reason_word(r));
	if (!strcmp(name, r->name) && check_flags_fit(check, r))
		return;
	reason_name(plain, check->doc->isa, r->code);
	flags = !check_flags_fit(check, r) ||
		(!strncmp(plain, r->name, strcspn(r->name, "+")) && !plain[strcspn(r->name, "+")]);
	f = check_found(check, flags ? "flags" : "code", flags ? r->flags : r->code);
	finding_why(f, "%s is called %s, not %.40s", flags ? "with these it" : "this", name,
		    r->name);
}

/* The count and the histogram do not go together: which number of them it is, is open. */
static void name_untimed(struct check *check, const struct host_reason *r, const char *why)
{
	uint64_t timed = timed_exits(r);

	check_range(check, "count", r->count, timed, timed, why);
	for (size_t i = 0; i < r->nbuckets; i++) {
		uint64_t rest = timed - r->buckets[i].count;
		uint64_t expected = r->count > rest ? r->count - rest : 0;
		char field[48];

		snprintf(field, sizeof(field), "histogram[%zu].count", i);
		check_range(check, field, r->buckets[i].count, expected, expected,
			    "or else this, one of the histogram's, is wrong");
	}
}

void check_vcpu(struct check *check, const struct host_vcpu *vcpu)
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
		if ((i && reason_word(r) <= reason_word(r - 1)) ||
		    (i + 1 < vcpu->nreasons && reason_word(r) >= reason_word(r + 1)))
			finding_why(check_found(check, "code", r->code), "not in ascending order");
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

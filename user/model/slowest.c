// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "model/reasons.h"
#include "model/slowest.h"

static int longest_first(const void *a, const void *b)
{
	const struct slow *x = ((const struct slowest *)a)->slow;
	const struct slow *y = ((const struct slowest *)b)->slow;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return (x->entry_ns > y->entry_ns) - (x->entry_ns < y->entry_ns);
}

/* A guest that sleeps makes the longest of all. */
static bool is_wanted(const struct run *run, const struct reason_stat *reason)
{
	return filters_match(run->filters, run->nfilters, reason->isa, reason->reason) &&
	       (run->slowest_idle || !reason_is_idle(reason->isa, reason->reason));
}

static int add(struct slowest **found, size_t *n, const struct vcpu_stat *vcpu,
	       const struct reason_stat *reason)
{
	for_each_element(slow, reason->slow, reason->nslow) {
		struct slowest *one = array_append(found, n, sizeof(*one));

		if (!one)
			return -ENOMEM;
		*one = (struct slowest){ vcpu, reason, slow };
	}
	return 0;
}

int slowest_find(const struct run *run, const struct vm_stat *vm, struct slowest **found, size_t *n)
{
	*found = NULL;
	*n = 0;
	for_each_vcpu(vcpu, vm) {
		for_each_reason(reason, vcpu) {
			if (!is_wanted(run, reason) || !add(found, n, vcpu, reason))
				continue;
			free(*found);
			*found = NULL;
			*n = 0;
			return -ENOMEM;
		}
	}
	array_sort(*found, *n, sizeof(**found), longest_first);
	if (*n > run->nslowest)
		*n = run->nslowest;
	return 0;
}

/* The start as documents have it, so that it is the same from one that is read. */
struct timespec slowest_time(const struct run *run, const struct slow *slow)
{
	int64_t ns = run->start.tv_nsec / 1000 * 1000 +
		     (int64_t)(slow->entry_ns - slow->ns - run->start_ns);
	int64_t seconds = ns / (int64_t)NS_PER_SEC;

	ns -= seconds * (int64_t)NS_PER_SEC;
	if (ns < 0) {
		ns += (int64_t)NS_PER_SEC;
		seconds--;
	}
	return (struct timespec){ run->start.tv_sec + seconds, ns };
}

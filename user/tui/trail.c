// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tui/spark.h"
#include "tui/trail.h"

/* Points of a row, more of which no screen would show. */
#define TRAIL_MOST 600

struct tracking {
	struct trail *trail;
	enum rows_of of;
	const struct row_key *keys;
	size_t point;
};

static void count(void *arg, const struct counted *counted)
{
	const struct tracking *tracking = arg;
	struct trail *trail = tracking->trail;

	for (size_t i = 0; i < trail->nrows; i++) {
		const struct row_key *key = &tracking->keys[i];
		bool same = tracking->of == ROWS_REASONS
				    ? key->isa == counted->isa && key->reason == counted->reason &&
					      key->level == counted->level
				    : key->serial == counted->serial && key->vcpu == counted->vcpu;

		if (!same)
			continue;
		trail->counts[i * trail->npoints + tracking->point] += counted->count;
		return;
	}
}

/*
 * Of n moments up to the last each so manieth. Before the first nothing had happened, where
 * nothing was dropped.
 */
static int take_points(struct trail *trail, const struct moment *last, size_t n, size_t every,
		       bool begins)
{
	trail->npoints = n + begins;
	trail->ns = calloc(trail->npoints, sizeof(*trail->ns));
	trail->counts = calloc(trail->npoints * trail->nrows + 1, sizeof(*trail->counts));
	if (!trail->ns || !trail->counts)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		trail->ns[i + begins] = last[-(ptrdiff_t)((n - 1 - i) * every)].ns;
	return 0;
}

int trail_make(struct trail *trail, const struct history *history, size_t at, uint64_t span_ns,
	       enum rows_of of, const struct count_scope *scope, const struct row_key *keys,
	       size_t nkeys)
{
	const struct moment *moments = history->moments;
	struct tracking tracking = { trail, of, keys, 0 };
	size_t first = at, every, n;
	bool begins;

	/* The one that lies just before the span as well: it is between two of them. */
	while (first && moments[first].ns + span_ns > moments[at].ns)
		first--;
	every = (at - first) / TRAIL_MOST + 1;
	n = (at - first) / every + 1;
	begins = !first && history_is_whole(history);
	*trail = (struct trail){ .nrows = nkeys };
	if (take_points(trail, &moments[at], n, every, begins))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		tracking.point = i + begins;
		moment_count(&moments[at - (n - 1 - i) * every], (enum count_of)of, scope, count,
			     &tracking);
	}
	return 0;
}

void trail_free(struct trail *trail)
{
	free(trail->ns);
	free(trail->counts);
	*trail = (struct trail){ 0 };
}

/* How often it had happened at that time, between two points in proportion. */
static double count_at(const struct trail *trail, const uint64_t *counts, double ns)
{
	size_t i = 1;
	double begin, end;

	while (i + 1 < trail->npoints && (double)trail->ns[i] < ns)
		i++;
	begin = (double)trail->ns[i - 1];
	end = (double)trail->ns[i];
	/* Since the first point: a large count is no longer exact, a difference is. */
	if (ns >= end)
		return (double)(counts[i] - counts[0]);
	return (double)(counts[i - 1] - counts[0]) +
	       (double)(counts[i] - counts[i - 1]) * (ns - begin) / (end - begin);
}

void trail_rates(const struct trail *trail, size_t row, uint64_t span_ns, double *rates, int n)
{
	const uint64_t *counts = &trail->counts[row * trail->npoints];
	double step = (double)span_ns / n, end, begin;

	for (int i = 0; i < n; i++)
		rates[i] = RATE_UNKNOWN;
	if (trail->npoints < 2)
		return;
	end = (double)trail->ns[trail->npoints - 1];
	for (int i = n - 1; i >= 0; i--, end = begin) {
		begin = end - step;
		/* Not where less than half of it is known. */
		if (begin + step / 2 < (double)trail->ns[0])
			break;
		if (begin < (double)trail->ns[0])
			begin = (double)trail->ns[0];
		if (end <= begin)
			break;
		rates[i] = (count_at(trail, counts, end) - count_at(trail, counts, begin)) /
			   (end - begin) * (double)NS_PER_SEC;
	}
}

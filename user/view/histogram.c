// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "bpf/exitstat.h"
#include "base/figures.h"
#include "view/groups.h"
#include "view/histogram.h"

#define MAX_ROWS  20u
#define BAR_WIDTH 40

/* How many neighbours to join (a power of two, at most an octave) for one bar. */
static uint32_t choose_join(const struct reason_stat *r)
{
	uint32_t first = r->buckets[0].index, last = r->buckets[r->nbuckets - 1].index;
	uint32_t join = 1;

	while (join < 1u << EXITSTAT_SUB_BITS && last / join - first / join >= MAX_ROWS)
		join *= 2;
	return join;
}

bool bars_make(struct bars *bars, const struct reason_stat *r)
{
	*bars = (struct bars){ .most = 1 };
	if (!r->nbuckets)
		return false;
	bars->join = choose_join(r);
	bars->first = r->buckets[0].index / bars->join;
	bars->last = r->buckets[r->nbuckets - 1].index / bars->join;
	for (size_t i = 0; i < r->nbuckets; i++) {
		uint64_t *bar = &bars->count[r->buckets[i].index / bars->join];

		*bar += r->buckets[i].count;
		if (*bar > bars->most)
			bars->most = *bar;
	}
	return true;
}

void bars_limits(const struct bars *bars, uint32_t bar, char low[32], char high[32])
{
	uint32_t next = (bar + 1) * bars->join;

	high[0] = '\0';
	duration(low, 32, exitstat_bucket_low(bar * bars->join));
	if (next < EXITSTAT_HIST_BUCKETS)
		duration(high, 32, exitstat_bucket_low(next));
}

static void draw_bar(FILE *out, const struct bars *bars, uint32_t bar)
{
	char low[32], high[32];
	int width = (int)((double)bars->count[bar] * BAR_WIDTH / (double)bars->most + 0.5);

	bars_limits(bars, bar, low, high);
	fprintf(out, "  %8s - %-8s %10" PRIu64 " |%.*s\n", low, high, bars->count[bar], width,
		"########################################");
}

void draw_histogram(FILE *out, const struct reason_stat *r)
{
	char name[ROW_NAME_LEN];
	struct bars bars;

	if (!bars_make(&bars, r))
		return;
	row_name(name, r);
	fprintf(out, "\n%s\n", name);
	for (uint32_t bar = bars.first; bar <= bars.last; bar++)
		draw_bar(out, &bars, bar);
}

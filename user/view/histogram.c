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

static void draw_bar(FILE *out, uint32_t bar, uint32_t join, uint64_t count, uint64_t most)
{
	uint32_t next = (bar + 1) * join;
	char low[32], high[32] = "";
	int width = (int)((double)count * BAR_WIDTH / (double)most + 0.5);

	duration(low, sizeof(low), exitstat_bucket_low(bar * join));
	if (next < EXITSTAT_HIST_BUCKETS)
		duration(high, sizeof(high), exitstat_bucket_low(next));
	fprintf(out, "  %8s - %-8s %10" PRIu64 " |%.*s\n", low, high, count, width,
		"########################################");
}

void draw_histogram(FILE *out, const struct reason_stat *r)
{
	uint64_t bars[EXITSTAT_HIST_BUCKETS] = { 0 }, most = 1;
	char name[ROW_NAME_LEN];
	uint32_t join, first, last;

	if (!r->nbuckets)
		return;
	join = choose_join(r);
	first = r->buckets[0].index / join;
	last = r->buckets[r->nbuckets - 1].index / join;
	for (size_t i = 0; i < r->nbuckets; i++) {
		uint64_t *bar = &bars[r->buckets[i].index / join];

		*bar += r->buckets[i].count;
		if (*bar > most)
			most = *bar;
	}
	row_name(name, r);
	fprintf(out, "\n%s\n", name);
	for (uint32_t bar = first; bar <= last; bar++)
		draw_bar(out, bar, join, bars[bar], most);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/array.h"
#include "metrics/detail_families.h"
#include "metrics/exposure.h"
#include "metrics/host_families.h"
#include "metrics/vm_families.h"

/* What is dearer to people comes first. */
static const struct group {
	const char *name;
	void (*write)(struct metrics_text *text, const struct exposure *exposure);
} groups[] = {
	{ "host_histograms", host_histograms },
	{ "vms", vm_descriptions },
	{ "vm_exits", vm_exits },
	{ "vm_parts", vm_parts },
	{ "vm_apicv", vm_apicv },
	{ "vm_detail", vm_detail },
	{ "vm_histograms", vm_histograms },
};

#define GROUPS COUNT_OF(groups)

/* The series of each group, and of all that have room. */
struct plan {
	uint64_t series[GROUPS];
	bool dropped[GROUPS];
	uint64_t total;
};

static const struct family series_family = { "exitstat_series", FAMILY_GAUGE, NULL,
					     "Series that are exposed, this one included." };
static const struct family max_series_family = {
	"exitstat_max_series", FAMILY_GAUGE, NULL, "Series that are exposed at most (--max-series)."
};
static const struct family dropped_family = {
	"exitstat_dropped_series", FAMILY_GAUGE, NULL,
	"Series of a group that is left out as a whole, as there is no room for all of it "
	"(--max-series)."
};

static void write_plan(struct metrics_text *text, const struct exposure *exposure,
		       const struct plan *plan)
{
	text_family(text, &series_family);
	text_number(text, NULL, 0, plan->total);
	text_family(text, &max_series_family);
	text_number(text, NULL, 0, exposure->max_series);
	text_family(text, &dropped_family);
	for (size_t i = 0; i < GROUPS; i++)
		text_number(text, &(struct label){ "group", groups[i].name }, 1,
			    plan->dropped[i] ? plan->series[i] : 0);
}

static void write_fixed(struct metrics_text *text, const struct exposure *exposure,
			const struct plan *plan)
{
	host_families(text, exposure);
	write_plan(text, exposure, plan);
}

static struct plan make_plan(const struct exposure *exposure)
{
	struct metrics_text text = { .counts_only = true };
	struct plan plan = { 0 };

	write_fixed(&text, exposure, &plan);
	plan.total = text.series;
	for (size_t i = 0; i < GROUPS; i++) {
		text.series = 0;
		groups[i].write(&text, exposure);
		plan.series[i] = text.series;
		plan.dropped[i] = plan.total + text.series > exposure->max_series;
		plan.total += plan.dropped[i] ? 0 : text.series;
	}
	return plan;
}

int64_t exposure_write(FILE *out, const struct exposure *exposure, enum metrics_format format)
{
	const struct plan plan = make_plan(exposure);
	struct metrics_text text = { .out = out, .format = format };

	write_fixed(&text, exposure, &plan);
	for (size_t i = 0; i < GROUPS; i++)
		if (!plan.dropped[i])
			groups[i].write(&text, exposure);
	text_end(&text);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return (int64_t)text.series;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "compare/self_host.h"
#include "compare/self.h"

struct finding *check_found(struct check *check, const char *field, uint64_t value)
{
	struct finding *f = findings_add(check->findings, check->doc->file);

	finding_field(f, "%s.%s", check->where, field);
	finding_value(f, value);
	return f;
}

void check_range(struct check *check, const char *field, uint64_t value, uint64_t low,
		 uint64_t high, const char *why)
{
	struct finding *f;

	if (value >= low && value <= high)
		return;
	f = check_found(check, field, value);
	finding_expected(f, "%" PRIu64 " to %" PRIu64, low, high);
	finding_why(f, "%s", why);
}

uint64_t check_cycles(const struct check *check, unsigned __int128 ns)
{
	unsigned __int128 cycles = ns * check->doc->tsc_khz / 1000000;

	return cycles < INT64_MAX ? (uint64_t)cycles : INT64_MAX;
}

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
					wrong += !check_is_edge(
						check, &doc->vms[i].vcpus[j].reasons[k].buckets[b]);
				}
	return edges > 3 && wrong > edges / 3;
}

void hostcheck(const struct host_doc *doc, struct findings *findings)
{
	struct check check = { .doc = doc, .findings = findings };

	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++)
		check.edges[i] = check_cycles(&check, exitstat_bucket_low(i));
	check.edges[EXITSTAT_HIST_BUCKETS] = INT64_MAX;
	if (scale_is_wrong(&check)) {
		snprintf(check.where, sizeof(check.where), "host");
		finding_why(check_found(&check, "tsc_khz", doc->tsc_khz),
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

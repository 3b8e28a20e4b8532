// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/jsonwrite.h"
#include "base/printable.h"
#include "base/version.h"
#include "bpf/exitstat.h"
#include "html/data.h"
#include "html/vms.h"
#include "model/reasons.h"
#include "model/split.h"

/* So many reasons and VMs have a series; the others are one together. */
#define REASONS_DRAWN 24u
#define VMS_DRAWN     16u

static json_t *printable_string(const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "%s", text);
	make_printable(line);
	return json_string(line);
}

static json_t *number_of(const void *element, const void *with)
{
	(void)with;
	return integer(*(const uint64_t *)element);
}

static json_t *numbers(const uint64_t *list, size_t n)
{
	return jsonwrite_array(list, n, sizeof(*list), number_of, NULL);
}

/* --- reasons ------------------------------------------------------------------------------ */

static uint64_t bucket_end(uint32_t index)
{
	return index + 1 < EXITSTAT_HIST_BUCKETS ? exitstat_bucket_low(index + 1) : UINT64_MAX;
}

static json_t *bucket_array(const void *element, const void *with)
{
	const struct bucket *bucket = element;

	(void)with;
	return json_pack("[o, o, o]", integer(exitstat_bucket_low(bucket->index)),
			 integer(bucket_end(bucket->index)), integer(bucket->count));
}

static void add_times(json_t **made, const struct reason_stat *r)
{
	static const struct {
		const char *name;
		double percent;
	} ranks[] = { { "p50_ns", 50 }, { "p90_ns", 90 }, { "p99_ns", 99 } };

	jsonwrite_member(made, "min_ns", r->timed ? integer(r->min_ns) : json_null());
	jsonwrite_member(made, "max_ns", r->timed ? integer(r->max_ns) : json_null());
	for (size_t i = 0; i < COUNT_OF(ranks); i++)
		jsonwrite_member(made, ranks[i].name,
				 r->timed ? integer(reason_percentile(r, ranks[i].percent))
					  : json_null());
}

static json_t *split_object(const struct reason_stat *r, uint32_t parts)
{
	json_t *made = json_object();

	for (unsigned int part = 0; part <= PART_KVM; part++)
		if (parts & 1u << part)
			jsonwrite_member(&made, part_name(part), integer(reason_part(r, part)));
	return made;
}

static json_t *reason_object(const void *element, const void *with)
{
	const struct reason_stat *r = element;
	const struct run *run = with;
	char name[ROW_NAME_LEN];
	json_t *made;

	row_name(name, r);
	made = json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "name", name, "isa",
			 isa_name(r->isa), "code", integer(reason_code(r->isa, r->reason)), "flags",
			 integer(reason_flags(r->isa, r->reason)), "level", integer(r->level),
			 "idle", reason_is_idle(r->isa, r->reason), "count", integer(r->count),
			 "timed", integer(r->timed), "sum_ns", integer(r->sum_ns));
	add_times(&made, r);
	if (run->parts)
		jsonwrite_member(&made, "split_ns", split_object(r, run->parts));
	jsonwrite_member(&made, "histogram",
			 jsonwrite_array(r->buckets, r->nbuckets, sizeof(*r->buckets), bucket_array,
					 NULL));
	return made;
}

/* --- VMs ---------------------------------------------------------------------------------- */

static json_t *vm_object(const void *element, const void *with)
{
	const struct shown_vm *shown = element;

	(void)with;
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o}", "name",
			 printable_string(shown->vm->name), "pid", integer(shown->vm->pid), "ended",
			 shown->vm->ended, "vcpus", integer(shown->vm->nvcpus), "count",
			 integer(shown->count), "sum_ns", integer(shown->sum_ns));
}

/* --- over time ------------------------------------------------------------------------------ */

/* A line of a chart: all that is not drawn by itself is added to one that is of nobody. */
struct line {
	uint64_t count[COURSE_BINS], ns[COURSE_BINS];
	uint64_t bands[COURSE_BINS][COURSE_BANDS];
};

static void add_reason_to(struct line *line, const struct course_reason *reason, size_t nbins)
{
	for (size_t i = 0; i < nbins; i++) {
		const struct course_cell *cell = &reason->cells[i];

		line->count[i] += cell->count;
		line->ns[i] += cell->sum_ns;
		for_each_element(band, cell->bands, cell->nbands)
			line->bands[i][band->index] += band->count;
	}
}

static void add_vm_to(struct line *line, const struct course_vm *vm, size_t nbins)
{
	for (size_t i = 0; i < nbins; i++) {
		line->count[i] += vm->count[i];
		line->ns[i] += vm->ns[i];
	}
}

/* From the first band that is not empty to the last: where that is, and how many are in each. */
static json_t *bands_array(const uint64_t bands[COURSE_BANDS])
{
	uint32_t first = 0, end = COURSE_BANDS;
	json_t *made;

	while (end && !bands[end - 1])
		end--;
	if (!end)
		return json_array();
	while (!bands[first])
		first++;
	made = numbers(bands + first, end - first);
	if (json_array_insert_new(made, 0, json_integer(first))) {
		json_decref(made);
		return NULL;
	}
	return made;
}

static json_t *bands_element(const void *element, const void *with)
{
	(void)with;
	return bands_array(element);
}

/* of: what has this place in the document; -1: all others. */
static json_t *line_object(const struct line *line, const char *of, int place,
			   const struct course *course)
{
	json_t *made = json_object();

	jsonwrite_member(&made, of, place < 0 ? json_null() : json_integer(place));
	jsonwrite_member(&made, "count", numbers(line->count, course->nbins));
	jsonwrite_member(&made, "sum_ns", numbers(line->ns, course->nbins));
	return made;
}

static json_t *reason_line(const struct line *line, int place, const struct course *course)
{
	json_t *made = line_object(line, "reason", place, course);

	if (!course->no_bands)
		jsonwrite_member(&made, "bands",
				 jsonwrite_array(line->bands, course->nbins, sizeof(line->bands[0]),
						 bands_element, NULL));
	return made;
}

static int append(json_t *list, json_t *value)
{
	return json_array_append_new(list, value);
}

static bool is_of(const struct course_reason *reason, const struct reason_stat *r)
{
	return !reason->others && reason->isa == r->isa && reason->reason == r->reason &&
	       reason->level == r->level;
}

/* Where it is in the document, if it is drawn by itself. */
static int place_of_reason(const struct course_reason *reason, const struct group *all)
{
	for (size_t i = 0; i < all->nrows && i < REASONS_DRAWN; i++)
		if (is_of(reason, &all->rows[i]))
			return (int)i;
	return -1;
}

static int place_of_vm(const struct course_vm *vm, const struct shown_vm *vms, size_t n)
{
	for (size_t i = 0; i < n && i < VMS_DRAWN; i++)
		if (!vm->others && vms[i].vm->serial == vm->serial)
			return (int)i;
	return -1;
}

static bool has_any(const struct line *line, size_t nbins)
{
	for (size_t i = 0; i < nbins; i++)
		if (line->count[i])
			return true;
	return false;
}

/* Those in their order in the document, then the others; place -1 is these. */
static json_t *reason_lines(const struct course *course, const struct group *all, struct line *line)
{
	json_t *list = json_array();
	int n = all->nrows < REASONS_DRAWN ? (int)all->nrows : (int)REASONS_DRAWN;

	for (int i = 0; list && i <= n; i++) {
		int place = i < n ? i : -1;

		memset(line, 0, sizeof(*line));
		for_each_element(reason, course->reasons, course->nreasons)
			if (place_of_reason(*reason, all) == place)
				add_reason_to(line, *reason, course->nbins);
		if (place < 0 && !has_any(line, course->nbins))
			continue;
		if (append(list, reason_line(line, place, course))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *vm_lines(const struct course *course, const struct shown_vm *vms, size_t nvms,
			struct line *line)
{
	json_t *list = json_array();
	int n = nvms < VMS_DRAWN ? (int)nvms : (int)VMS_DRAWN;

	for (int i = 0; list && i <= n; i++) {
		int place = i < n ? i : -1;

		memset(line, 0, sizeof(*line));
		for_each_element(vm, course->vms, course->nvms)
			if (place_of_vm(*vm, vms, nvms) == place)
				add_vm_to(line, *vm, course->nbins);
		if (place < 0 && !has_any(line, course->nbins))
			continue;
		if (append(list, line_object(line, "vm", place, course))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* Where each band begins, and where the last one ends. */
static json_t *band_limits(void)
{
	uint64_t limits[COURSE_BANDS + 1];

	for (uint32_t i = 0; i < COURSE_BANDS; i++)
		limits[i] = exitstat_bucket_low(i * COURSE_BAND);
	limits[COURSE_BANDS] = UINT64_MAX;
	return numbers(limits, COUNT_OF(limits));
}

static json_t *time_object(const struct course *course, const struct group *all,
			   const struct shown_vm *vms, size_t nvms)
{
	struct line *line = malloc(sizeof(*line));
	json_t *made = line ? json_object() : NULL;

	jsonwrite_member(&made, "moments", integer(course->nmoments));
	jsonwrite_member(&made, "start_ns", integer(course->start_ns));
	jsonwrite_member(&made, "end_ns", numbers(course->end_ns, course->nbins));
	jsonwrite_member(&made, "lost", numbers(course->lost, course->nbins));
	jsonwrite_member(&made, "band_ns", course->no_bands ? json_null() : band_limits());
	if (line) {
		jsonwrite_member(&made, "reasons", reason_lines(course, all, line));
		jsonwrite_member(&made, "vms", vm_lines(course, vms, nvms, line));
	}
	free(line);
	return made;
}

/* --- the document --------------------------------------------------------------------------- */

static json_t *host_object(const struct host *host)
{
	json_t *made = json_object();

	jsonwrite_member(&made, "kernel", printable_string(host->kernel));
	jsonwrite_member(&made, "cpu", printable_string(host->cpu));
	jsonwrite_member(&made, "isa", json_string(isa_name(host->isa)));
	jsonwrite_member(&made, "tsc_khz", integer(host->tsc_khz));
	return made;
}

static json_t *interval_object(const struct run *run)
{
	json_t *made = json_object();

	jsonwrite_member(&made, "start", timestamp(&run->start));
	jsonwrite_member(&made, "end", timestamp(&run->end));
	jsonwrite_member(&made, "ns", integer(run->ns));
	return made;
}

static json_t *losses_object(const struct losses *losses)
{
	json_t *made = json_object();

	jsonwrite_member(&made, "map_full", integer(losses->map_full));
	jsonwrite_member(&made, "unpaired", integer(losses->unpaired));
	jsonwrite_member(&made, "missed", integer(losses->missed));
	return made;
}

static json_t *tool_object(void)
{
	json_t *made = json_object();

	jsonwrite_member(&made, "name", json_string("exitstat-bpf"));
	jsonwrite_member(&made, "version", json_string(exitstat_version));
	return made;
}

json_t *page_data(const struct page *page, const struct view *all)
{
	const struct group nothing = { 0 }, *group = all->ngroups ? all->groups : &nothing;
	const struct run *run = page->run;
	struct shown_vm *vms;
	size_t nvms;
	json_t *made;

	if (vms_order(run, &vms, &nvms))
		return NULL;
	made = json_object();
	jsonwrite_member(&made, "schema", json_string(EXITSTAT_HTML_SCHEMA));
	jsonwrite_member(&made, "tool", tool_object());
	jsonwrite_member(&made, "host", host_object(run->host));
	jsonwrite_member(&made, "interval", interval_object(run));
	jsonwrite_member(&made, "losses", losses_object(&run->snap->losses));
	jsonwrite_member(&made, "cut", page->cut ? printable_string(page->cut) : json_null());
	jsonwrite_member(&made, "reasons",
			 jsonwrite_array(group->rows, group->nrows, sizeof(*group->rows),
					 reason_object, run));
	jsonwrite_member(&made, "vms",
			 jsonwrite_array(vms, nvms < VMS_SHOWN ? nvms : VMS_SHOWN, sizeof(*vms),
					 vm_object, run));
	jsonwrite_member(&made, "time", time_object(page->course, group, vms, nvms));
	free(vms);
	return made;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/number.h"
#include "doc/part.h"

#define MOST_SECONDS 1000000000ull
#define SLACK_NS     (NS_PER_SEC / 10)

/* --- times ----------------------------------------------------------------------------- */

/* So many digits, and what follows them. */
static bool take_digits(const char **text, size_t n, char after, int *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		char c = *(*text)++;

		if (c < '0' || c > '9')
			return false;
		*value = *value * 10 + (c - '0');
	}
	if (after && *(*text)++ != after)
		return false;
	return true;
}

/* 14:03, 14:03:20 or 14:03:20.5 */
static int parse_clock(struct part_time *time, const char *text)
{
	int hour, minute;
	uint64_t ns = 0;

	if (!take_digits(&text, 2, ':', &hour) || !take_digits(&text, 2, 0, &minute) || hour > 23 ||
	    minute > 59)
		return -1;
	if (*text == ':') {
		if (strlen(++text) < 2 || (text[2] && text[2] != '.') ||
		    parse_seconds(text, 0, 60 * NS_PER_SEC - 1, &ns))
			return -1;
	} else if (*text) {
		return -1;
	}
	time->ns = (uint64_t)(hour * 60 + minute) * 60 * NS_PER_SEC + ns;
	return 0;
}

int part_time_parse(struct part_time *time, const char *text)
{
	const char *at = text;

	*time = (struct part_time){ .kind = TIME_AFTER };
	if (!parse_seconds(text, 0, MOST_SECONDS * NS_PER_SEC, &time->ns))
		return 0;
	time->kind = TIME_OF_DAY;
	if (strlen(text) > 10 && (text[10] == 'T' || text[10] == ' ')) {
		time->kind = TIME_OF_DATE;
		if (!take_digits(&at, 4, '-', &time->year) ||
		    !take_digits(&at, 2, '-', &time->month) ||
		    !take_digits(&at, 2, text[10], &time->day) || time->year < 1970 ||
		    time->month < 1 || time->month > 12 || time->day < 1 || time->day > 31)
			return -1;
	}
	return parse_clock(time, at);
}

int part_times_parse(struct part_times *times, const char *text)
{
	const char *dots = strstr(text, "..");
	char from[48];

	*times = (struct part_times){ 0 };
	if (!dots || (size_t)(dots - text) >= sizeof(from) || (dots == text && !dots[2]))
		return -1;
	memcpy(from, text, (size_t)(dots - text));
	from[dots - text] = '\0';
	if (*from && part_time_parse(&times->from, from))
		return -1;
	return dots[2] ? part_time_parse(&times->to, dots + 2) : 0;
}

/* Of that day, by the clock of whoever reads it; before the start: less than 0. */
static int64_t since_start(const struct timespec *start, struct tm day, uint64_t ns)
{
	time_t when;

	day.tm_hour = (int)(ns / NS_PER_SEC / 3600);
	day.tm_min = (int)(ns / NS_PER_SEC / 60 % 60);
	day.tm_sec = (int)(ns / NS_PER_SEC % 60);
	day.tm_isdst = -1;
	when = mktime(&day);
	/* Further away than any run is long: a sum of these must not overflow. */
	if (when - start->tv_sec > (time_t)MOST_SECONDS)
		return (int64_t)(MOST_SECONDS * NS_PER_SEC);
	if (start->tv_sec - when > (time_t)MOST_SECONDS)
		return -(int64_t)(MOST_SECONDS * NS_PER_SEC);
	return (when - start->tv_sec) * (int64_t)NS_PER_SEC + (int64_t)(ns % NS_PER_SEC) -
	       start->tv_nsec;
}

/* In ns since the start. A time of day that was over by then is that of the next day. */
static int64_t resolve(const struct part_time *time, const struct timespec *start)
{
	struct tm day = { 0 };
	int64_t ns;

	if (time->kind == TIME_AFTER)
		return (int64_t)time->ns;
	if (time->kind == TIME_OF_DATE) {
		day.tm_year = time->year - 1900;
		day.tm_mon = time->month - 1;
		day.tm_mday = time->day;
		return since_start(start, day, time->ns);
	}
	if (!localtime_r(&start->tv_sec, &day))
		return 0;
	ns = since_start(start, day, time->ns);
	/* The second in which it started has begun before. */
	if (ns > -(int64_t)NS_PER_SEC)
		return ns;
	day.tm_mday++;
	return since_start(start, day, time->ns);
}

/* --- which frames ------------------------------------------------------------------------ */

struct times {
	size_t n; /* the first is the start's */
	uint64_t *ns;
};

static int read_times(struct times *times, struct frames *frames, const char *file,
		      struct error *err)
{
	const struct run *run;
	uint64_t *last;
	int ret = 1;

	*times = (struct times){ 0 };
	while (ret > 0) {
		last = array_append(&times->ns, &times->n, sizeof(*last));
		if (!last)
			return fail(err, STATUS_FAILED, "out of memory for %s", file);
		*last = times->n > 1 ? run->ns : 0;
		/* Nothing but a file that was made up goes back. */
		if (times->n > 1 && *last < last[-1])
			*last = last[-1];
		ret = frames_next(frames, &run, err);
	}
	return ret;
}

/* How far beside a frame between these two a time may be that means it. */
static uint64_t slack(const struct times *times, size_t before, size_t after)
{
	uint64_t quarter = (times->ns[after] - times->ns[before]) / 4;

	return quarter < SLACK_NS ? quarter : SLACK_NS;
}

static size_t find_first(const struct times *times, uint64_t ns)
{
	size_t i = 0;

	while (i < times->n && times->ns[i] < ns)
		i++;
	if (i && i < times->n && ns - times->ns[i - 1] <= slack(times, i - 1, i))
		i--;
	return i;
}

static size_t find_last(const struct times *times, uint64_t ns)
{
	size_t i = times->n - 1;

	while (i && times->ns[i] > ns)
		i--;
	if (i + 1 < times->n && times->ns[i + 1] - ns <= slack(times, i, i + 1))
		i++;
	return i;
}

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NS_PER_SEC;
}

static bool differ(uint64_t a, uint64_t b)
{
	return a > b ? a - b > SLACK_NS : b - a > SLACK_NS;
}

static int choose(struct part *part, const struct times *times, const struct part_times *asked,
		  struct error *err)
{
	const struct timespec *start = &frames_head(part->frames)->start;
	int64_t from = asked->from.kind ? resolve(&asked->from, start) : 0;
	int64_t to = asked->to.kind ? resolve(&asked->to, start) : (int64_t)part->end_ns;

	if (to < 0 || from > (int64_t)part->end_ns)
		return fail(err, STATUS_CANNOT, "%s has nothing of that time: it is of %.3f s",
			    part->file, seconds(part->end_ns));
	if (from > to)
		return fail(err, STATUS_USAGE, "the part of %s ends before it begins", part->file);
	part->asked_from_ns = from > 0 ? (uint64_t)from : 0;
	part->asked_to_ns = (uint64_t)to;
	part->first = find_first(times, part->asked_from_ns);
	part->last = find_last(times, part->asked_to_ns);
	if (part->first >= part->last)
		return fail(err, STATUS_CANNOT,
			    "%s has no two frames between %.3f s and %.3f s: ask for a longer part",
			    part->file, seconds(part->asked_from_ns), seconds(part->asked_to_ns));
	part->from_ns = times->ns[part->first];
	part->to_ns = times->ns[part->last];
	part->whole = !part->first && part->last == times->n - 1;
	part->moved = from < 0 || differ(part->from_ns, part->asked_from_ns) ||
		      differ(part->to_ns, part->asked_to_ns);
	return 0;
}

/* Which is gone when the file is read once more. */
static void keep_cut(struct part *part)
{
	const char *cut = frames_cut(part->frames);

	snprintf(part->cut_text, sizeof(part->cut_text), "%s", cut ?: "");
	part->cut = cut ? part->cut_text : NULL;
}

int part_find(struct part *part, struct frames *frames, const char *file,
	      const struct part_times *asked, struct error *err)
{
	struct times times;
	int ret = read_times(&times, frames, file, err);

	*part = (struct part){ .frames = frames, .file = file };
	if (!ret) {
		keep_cut(part);
		part->end_ns = times.ns[times.n - 1];
		ret = choose(part, &times, asked, err);
	}
	free(times.ns);
	return ret;
}

/* --- what was new in it -------------------------------------------------------------------- */

/* A document's snapshots have no distributions, and so nothing that goes with these. */
static bool is_plain(const struct snapshot *snap)
{
	for_each_vm(vm, snap)
		for_each_vcpu(vcpu, vm)
			for_each_reason(r, vcpu)
				if (r->sum_ns && !r->timed)
					return true;
	return false;
}

static void make_plain_vcpu(struct vcpu_stat *vcpu)
{
	size_t kept = 0;

	for (size_t i = 0; i < vcpu->nreasons; i++) {
		struct reason_stat *r = &vcpu->reasons[i];

		reason_free(r);
		r->timed = r->max_ns = r->reflected = 0;
		r->min_ns = UINT64_MAX;
		memset(r->part_ns, 0, sizeof(r->part_ns));
		/* That its distribution became known is nothing new of it. */
		if (r->count || r->sum_ns)
			vcpu->reasons[kept++] = *r;
	}
	vcpu->nreasons = kept;
}

/* Then what is taken from these has none either. */
static void make_plain(struct snapshot *snap)
{
	for_each_vm(vm, snap) {
		vm->apicv = (struct apicv){ 0 };
		for_each_vcpu(vcpu, vm)
			make_plain_vcpu(vcpu);
	}
}

/* A VM that had ended has no part in it, and one that was there before is not whole. */
static void mark_older(struct snapshot *growth, const struct snapshot *before)
{
	size_t kept = 0;

	for (size_t i = 0; i < growth->nvms; i++) {
		struct vm_stat *vm = &growth->vms[i];
		const struct vm_stat *older = snapshot_find_vm(before, vm->serial);

		vm->whole = vm->whole && !older;
		if (older && older->ended && !vm_count(vm))
			vm_free(vm);
		else
			growth->vms[kept++] = *vm;
	}
	growth->nvms = kept;
}

/* Where a walk through the frames has come. */
struct walk {
	struct part *part;
	uint64_t every_ns;
	struct snapshot last; /* what there was then */
	struct run at;	      /* its run */
	int (*each)(void *arg, const struct run *run, struct error *err);
	void *arg;
};

static struct run make_run(const struct walk *walk, const struct run *now,
			   const struct snapshot *growth)
{
	struct run run = *now;

	run.start = clock_later(&now->start, walk->at.ns);
	run.start_ns += walk->at.ns;
	run.ns = now->ns > walk->at.ns ? now->ns - walk->at.ns : 1;
	run.end = clock_later(&run.start, run.ns);
	run.clock_set_ns = 0;
	run.snap = growth;
	run.series = NULL;
	run.answers = NULL;
	run.self = NULL;
	return run;
}

static int give(struct walk *walk, const struct run *now, struct error *err)
{
	bool plain = is_plain(&walk->last) || is_plain(now->snap);
	struct snapshot growth;
	struct run run;
	int ret;

	walk->part->plain |= plain;
	if (snapshot_subtract(&growth, now->snap, &walk->last))
		return fail(err, STATUS_FAILED, "out of memory for %s", walk->part->file);
	mark_older(&growth, &walk->last);
	run = make_run(walk, now, &growth);
	if (plain) {
		make_plain(&growth);
		run.kinds = run.parts = run.nslowest = 0;
	}
	ret = walk->each(walk->arg, &run, err);
	snapshot_free(&growth);
	return ret;
}

/* What is new will be since then. */
static int remember(struct walk *walk, const struct run *now, struct error *err)
{
	snapshot_free(&walk->last);
	walk->at = *now;
	if (snapshot_copy(&walk->last, now->snap))
		return fail(err, STATUS_FAILED, "out of memory for %s", walk->part->file);
	return 0;
}

/* Pieces end at these times, or at the frame after. */
static bool is_due(const struct part *part, uint64_t every_ns, uint64_t last_ns, uint64_t ns)
{
	uint64_t late = every_ns / 4 < SLACK_NS ? every_ns / 4 : SLACK_NS;

	if (!every_ns || every_ns == PART_AT_ONCE)
		return !every_ns;
	return (ns + late - part->from_ns) / every_ns > (last_ns + late - part->from_ns) / every_ns;
}

static int walk_frame(void *arg, size_t i, const struct run *run, struct error *err)
{
	struct walk *walk = arg;
	const struct part *part = walk->part;
	uint64_t every_ns = walk->every_ns;

	if (i == part->first)
		return remember(walk, run, err);
	if (i < part->last && !is_due(part, every_ns, walk->at.ns, run->ns))
		return 0;
	if (part->whole && every_ns == PART_AT_ONCE) {
		walk->part->plain = is_plain(run->snap);
		return walk->each(walk->arg, run, err);
	}
	return give(walk, run, err) ?: i < part->last ? remember(walk, run, err) : 0;
}

int part_frames(struct part *part,
		int (*take)(void *arg, size_t number, const struct run *run, struct error *err),
		void *arg, struct error *err)
{
	const struct run *run;
	int ret = frames_rewind(part->frames, err);

	for (size_t i = 1; !ret && i <= part->last; i++) {
		ret = frames_next(part->frames, &run, err);
		if (!ret)
			ret = fail(err, STATUS_FAILED, "%s has become shorter while it was read",
				   part->file);
		else if (ret > 0)
			ret = i < part->first ? 0 : take(arg, i, run, err);
	}
	return ret;
}

int part_each(struct part *part, uint64_t every_ns,
	      int (*each)(void *arg, const struct run *run, struct error *err), void *arg,
	      struct error *err)
{
	struct walk walk = { .part = part, .every_ns = every_ns, .each = each, .arg = arg };
	int ret = part_frames(part, walk_frame, &walk, err);

	snapshot_free(&walk.last);
	return ret;
}

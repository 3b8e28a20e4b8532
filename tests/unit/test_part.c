// SPDX-License-Identifier: GPL-2.0-only
/* A part of the time of a file: which frames it is, and what is new in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/exitstat.h"
#include "doc/part.h"
#include "frames_sample.h"
#include "unit.h"

#define SECONDS 10

static char file[64], *zone;
static struct frames *frames;

static int begin(void **state)
{
	struct error err;
	int fd;

	(void)state;
	strcpy(file, "/tmp/exitstat-unit-XXXXXX");
	fd = mkstemp(file);
	assert_true(fd >= 0);
	close(fd);
	zone = getenv("TZ") ? strdup(getenv("TZ")) : NULL;
	setenv("TZ", "UTC-2", 1); /* two hours east */
	tzset();
	write_frames(file, SECONDS);
	if (frames_open(&frames, file, &err))
		fail_msg("%s", err.text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	frames_close(frames);
	if (zone)
		setenv("TZ", zone, 1);
	else
		unsetenv("TZ");
	tzset();
	free(zone);
	return unlink(file);
}

/* --- times -------------------------------------------------------------------------------- */

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int kind;
		uint64_t ns;
	} good[] = {
		{ "0", TIME_AFTER, 0 },
		{ "12.5", TIME_AFTER, 12500000000 },
		{ "14:03", TIME_OF_DAY, NS_OF(14 * 3600 + 180) },
		{ "14:03:20", TIME_OF_DAY, NS_OF(14 * 3600 + 200) },
		{ "00:00:00.25", TIME_OF_DAY, 250000000 },
		{ "2026-11-28T23:59:59.999", TIME_OF_DATE, NS_OF(86399) + 999000000 },
		{ "2026-11-28 14:03", TIME_OF_DATE, NS_OF(14 * 3600 + 180) },
	};
	static const char *const bad[] = {
		"",
		"-1",
		"1e3",
		"12.",
		"4:03",
		"14:3",
		"24:00",
		"14:60",
		"14:03:60",
		"14:03:",
		"14:03:2",
		"14:03:20.",
		"14:03:200",
		"14:03:20Z",
		"2026-11-28",
		"2026-11-28T",
		"2026-13-28T14:03",
		"2026-11-32T14:03",
		"26-11-28T14:03",
		"2026-11-28X14:03",
		"1969-11-28T14:03",
		"14:03:20.0000000001",
		"1000000001",
		"::",
	};
	struct part_time time;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (part_time_parse(&time, good[i].text))
			fail_msg("'%s' is refused", good[i].text);
		assert_int_equal(time.kind, good[i].kind);
		assert_int_equal(time.ns, good[i].ns);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!part_time_parse(&time, bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

static void test_ranges(void **state)
{
	static const char *const bad[] = {
		"", "..", "1", "1.2", "a..2", "1..b", "1...2", "1..2..3"
	};
	struct part_times times;

	(void)state;
	assert_int_equal(part_times_parse(&times, "1.5..14:03"), 0);
	assert_int_equal(times.from.ns, 1500000000);
	assert_int_equal(times.to.kind, TIME_OF_DAY);
	assert_int_equal(part_times_parse(&times, "..7"), 0);
	assert_int_equal(times.from.kind, TIME_OPEN);
	assert_int_equal(part_times_parse(&times, "7.."), 0);
	assert_int_equal(times.to.kind, TIME_OPEN);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!part_times_parse(&times, bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

/* --- which frames --------------------------------------------------------------------------- */

static int find(struct part *part, const char *range, struct error *err)
{
	struct part_times times = { 0 };

	if (*range)
		assert_int_equal(part_times_parse(&times, range), 0);
	assert_int_equal(frames_rewind(frames, err), 0);
	return part_find(part, frames, "FILE", &times, err);
}

static void found(const char *range, size_t first, size_t last, bool moved)
{
	struct error err;
	struct part part;

	if (find(&part, range, &err))
		fail_msg("%s: %s", range, err.text);
	if (part.first != first || part.last != last || part.moved != moved)
		fail_msg("%s: %zu to %zu, moved %d", range, part.first, part.last, part.moved);
}

static void missed(const char *range, int status, const char *why)
{
	struct error err;
	struct part part;

	if (find(&part, range, &err) != -1 || err.status != status || !strstr(err.text, why))
		fail_msg("%s: not '%s' with %d, but '%s' with %d", range, why, status, err.text,
			 err.status);
}

static void test_frames(void **state)
{
	(void)state;
	found("", 0, 10, false);
	found("0..10", 0, 10, false);
	/* Each snapshot is a bit late, and is meant all the same. */
	found("3..4", 3, 4, false);
	found("..4", 0, 4, false);
	found("4..", 4, 10, false);
	found("3.05..4.05", 3, 4, false);
	found("3.5..6.5", 4, 6, true);
	found("2.95..4.95", 3, 5, false);
	found("5..1000", 5, 10, true);
	missed("3.2..3.8", STATUS_CANNOT, "no two frames between 3.200 s and 3.800 s");
	missed("3.2..4.1", STATUS_CANNOT, "no two frames");
	missed("4..3", STATUS_USAGE, "ends before it begins");
	missed("11..", STATUS_CANNOT, "nothing of that time: it is of 10.000 s");
}

/* It started at 2023-11-14T22:13:20Z, which is after midnight here. */
static void test_clock(void **state)
{
	(void)state;
	found("00:13:23..00:13:25", 3, 5, false);
	found("2023-11-15T00:13:23..", 3, 10, false);
	found("00:13:20..", 0, 10, false);
	found("2023-11-14T00:13:23..2023-11-15T00:13:22", 0, 2, true);
	missed("00:13..", STATUS_CANNOT, "nothing of that time");
	missed("..2023-11-14T00:13:23", STATUS_CANNOT, "nothing of that time");
	missed("2099-01-01T00:00..", STATUS_CANNOT, "nothing of that time");
	missed("..1970-01-01T00:00", STATUS_CANNOT, "nothing of that time");
}

/* --- what is new in them ---------------------------------------------------------------------- */

struct pieces {
	size_t n;
	uint64_t ns, cpuid, hlt, faults, unpaired;
	uint64_t last_ns; /* of the last one */
	bool is_timed;
};

static int add_piece(void *arg, const struct run *run, struct error *err)
{
	struct pieces *pieces = arg;

	(void)err;
	pieces->n++;
	pieces->ns += run->ns;
	pieces->last_ns = run->ns;
	pieces->unpaired += run->snap->losses.unpaired;
	for_each_vm(vm, run->snap) {
		for_each_vcpu(vcpu, vm) {
			for_each_reason(r, vcpu) {
				*(r->reason == 10   ? &pieces->cpuid
				  : r->reason == 12 ? &pieces->hlt
						    : &pieces->faults) += r->count;
				pieces->is_timed |= r->timed > 0;
				assert_true(r->count);
			}
		}
	}
	assert_int_equal(run->end.tv_sec - run->start.tv_sec, (run->ns + 500000000) / NS_PER_SEC);
	return 0;
}

static struct pieces walk(const char *range, uint64_t every_ns)
{
	struct pieces pieces = { 0 };
	struct error err;
	struct part part;

	if (find(&part, range, &err) || part_each(&part, every_ns, add_piece, &pieces, &err))
		fail_msg("%s: %s", range, err.text);
	assert_int_equal(part.plain, !part.whole || every_ns != PART_AT_ONCE);
	return pieces;
}

static void test_growth(void **state)
{
	struct pieces pieces = walk("", PART_AT_ONCE);

	(void)state;
	assert_int_equal(pieces.n, 1);
	assert_int_equal(pieces.cpuid, 1010);
	assert_true(pieces.is_timed);
	pieces = walk("2..5", PART_AT_ONCE);
	assert_int_equal(pieces.n, 1);
	assert_int_equal(pieces.ns, NS_OF(3));
	assert_int_equal(pieces.cpuid, 303);
	assert_int_equal(pieces.hlt, 30);
	assert_int_equal(pieces.faults, 7);
	assert_int_equal(pieces.unpaired, 3);
	assert_false(pieces.is_timed);
	/* What is left has no distribution either, though the end has one. */
	pieces = walk("8..", PART_AT_ONCE);
	assert_int_equal(pieces.cpuid, 202);
	assert_false(pieces.is_timed);
}

/* Pieces add up to the part, wherever it is cut. */
static void test_pieces(void **state)
{
	static const struct {
		const char *range;
		uint64_t every_ns;
		size_t n;
		uint64_t seconds, last_seconds;
	} cases[] = {
		{ "", 0, 10, 10, 1 },
		{ "", NS_OF(1), 10, 10, 1 },
		{ "", NS_OF(3), 4, 10, 1 },
		{ "1..", NS_OF(3), 3, 9, 3 },
		{ "2..7", NS_OF(2), 3, 5, 1 },
		{ "2..7", NS_OF(1) / 2, 5, 5, 1 }, /* there are no more frames */
		{ "2..7", NS_OF(100), 1, 5, 5 },
		{ "2..7", 0, 5, 5, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pieces pieces = walk(cases[i].range, cases[i].every_ns);

		if (pieces.n != cases[i].n || pieces.cpuid != 101 * cases[i].seconds ||
		    pieces.hlt != 10 * cases[i].seconds || pieces.unpaired != cases[i].seconds ||
		    (pieces.ns + 1000000) / NS_PER_SEC != cases[i].seconds ||
		    (pieces.last_ns + 1000000) / NS_PER_SEC != cases[i].last_seconds)
			fail_msg("case %zu: %zu pieces, %lu CPUID", i, pieces.n,
				 (unsigned long)pieces.cpuid);
	}
}

static int refuse(void *arg, const struct run *run, struct error *err)
{
	(void)arg;
	(void)run;
	return fail(err, STATUS_FAILED, "enough");
}

static void test_each_fails(void **state)
{
	struct error err;
	struct part part;

	(void)state;
	assert_int_equal(find(&part, "1..", &err), 0);
	assert_int_equal(part_each(&part, 0, refuse, NULL, &err), -1);
	assert_string_equal(err.text, "enough");
}

UNIT_TESTS(part)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test_setup_teardown(test_frames, begin, end),
		cmocka_unit_test_setup_teardown(test_clock, begin, end),
		cmocka_unit_test_setup_teardown(test_growth, begin, end),
		cmocka_unit_test_setup_teardown(test_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_each_fails, begin, end),
	};

	RUN_GROUP(tally, "part", tests);
}

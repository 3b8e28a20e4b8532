// SPDX-License-Identifier: GPL-2.0-only
/* How large an hour is, as far as a minute tells. */
#include <stdio.h>
#include <unistd.h>

#include "doc/recording_write.h"
#include "recorded.h"
#include "traffic.h"
#include "unit.h"

#define MB 1e6

/* So many seconds, of which the second half is taken as what each second is. */
static double hour_of(struct traffic traffic, unsigned int seconds)
{
	uint64_t random = 42, before = 0, all;
	struct recording *rec;
	struct snapshot snap;
	struct error err;
	struct run run;

	traffic_begin(&traffic, &snap);
	sample_run(&run, &snap);
	assert_int_equal(recording_create(&rec, "/dev/null", &err), 0);
	for (unsigned int i = 1; i <= seconds; i++) {
		traffic_go_on(&traffic, &snap, &random);
		/* Timers are late by some us. */
		run.ns = NS_OF(i) + next_random(&random) % 20000;
		run.end.tv_sec = run.start.tv_sec + i;
		run.end.tv_nsec = (long)(next_random(&random) % 100000);
		assert_int_equal(recording_add(rec, &run, false, &err), 0);
		if (i == seconds / 2)
			before = recording_bytes(rec);
	}
	all = recording_bytes(rec);
	assert_int_equal(recording_close(rec, &err), 0);
	snapshot_free(&snap);
	return (double)(all - before) / (seconds - seconds / 2) * 3600 / MB;
}

static void expect_below(double most, double hour, const char *what)
{
	print_message("an hour of 64 %s: %.2f MB\n", what, hour);
	assert_true(hour < most);
}

static void busy_host(void **state)
{
	(void)state;
	expect_below(20, hour_of(busy_traffic, 60), "busy vCPUs");
}

static void busy_host_with_keys(void **state)
{
	(void)state;
	expect_below(35, hour_of(busy_with_keys, 60), "busy vCPUs with five keys a reason");
}

static void idle_host(void **state)
{
	(void)state;
	expect_below(1, hour_of(idle_traffic, 600), "idle vCPUs");
}

UNIT_TESTS(recording_size)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_host),
		cmocka_unit_test(busy_host_with_keys),
		cmocka_unit_test(idle_host),
	};

	RUN_GROUP(tally, "recording_size", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/utsname.h>

#include "model/host.h"
#include "unit.h"

static void test_describe(void **state)
{
	struct utsname name;
	struct host host;

	(void)state;
	memset(&host, 0x5a, sizeof(host));
	host_describe(&host);
	assert_int_equal(uname(&name), 0);
	assert_string_equal(host.kernel, name.release);
	assert_in_range(strlen(host.cpu), 1, sizeof(host.cpu) - 1);
	assert_in_range(host.isa, 0, 2);
}

static void test_tsc_from_the_kernel_or_measured(void **state)
{
	struct host host = { 0 };

	(void)state;
	host_set_tsc(&host, 2599999);
	assert_int_equal(host.tsc_khz, 2599999);
	assert_false(host.tsc_measured);
	host_set_tsc(&host, 0);
	assert_true(host.tsc_measured);
	/* 100 MHz to 10 GHz */
	assert_in_range(host.tsc_khz, 100000, 10000000);
}

UNIT_TESTS(host)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_tsc_from_the_kernel_or_measured),
	};

	RUN_GROUP(tally, "host", tests);
}

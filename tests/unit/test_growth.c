// SPDX-License-Identifier: GPL-2.0-only
/* Of which size chunks are, and how many there may be. */
#include "trace/growth.h"
#include "unit.h"

/* Entry 0 of the first chunk is none's. */
static void test_chunks(void **state)
{
	const struct {
		uint32_t at_start, max;
		struct chunk_plan plan;
	} rows[] = { { 0, 4096, { 8, 256, 17 } },	{ 255, 4096, { 8, 256, 17 } },
		     { 256, 4096, { 9, 512, 9 } },	{ 4095, 4096, { 12, 4096, 2 } },
		     { 4096, 4096, { 13, 4097, 1 } },	{ 1, 1, { 8, 2, 1 } },
		     { 300, 300, { 9, 301, 1 } },	{ 1024, 1024, { 11, 1025, 1 } },
		     { 65536, 65536, { 17, 65537, 1 } } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct chunk_plan plan = chunks_plan(rows[i].at_start, rows[i].max);

		assert_int_equal(plan.bits, rows[i].plan.bits);
		assert_int_equal(plan.vcpus, rows[i].plan.vcpus);
		assert_int_equal(plan.most, rows[i].plan.most);
	}
}

UNIT_TESTS(growth)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunks),
	};

	RUN_GROUP(tally, "growth", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The command line of exitstat-bpf serve. */
#include <arpa/inet.h>
#include <string.h>

#include "cmd/serve.h"
#include "unit.h"

#define MAX_ARGS 24

#define PARSE(options, err, ...) parse(options, err, (char *[]){ __VA_ARGS__, NULL })

static int parse(struct serve_options *options, struct error *err, char **args)
{
	static char *argv[MAX_ARGS + 1];
	int argc = 0;

	argv[argc++] = "exitstat-bpf serve";
	for (; *args; args++) {
		assert_true(argc < MAX_ARGS);
		argv[argc++] = *args;
	}
	argv[argc] = NULL;
	memset(err, 0x5a, sizeof(*err));
	return serve_options_parse(options, argc, argv, err);
}

static void test_defaults(void **state)
{
	struct serve_options o;
	struct error err;

	(void)state;
	assert_int_equal(parse(&o, &err, (char *[]){ NULL }), 0);
	assert_null(o.listen);
	assert_null(o.textfile);
	assert_int_equal(o.address.v4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(ntohs(o.address.v4.sin_port), 9877);
	assert_int_equal(o.keep_ns, NS_OF(300));
	assert_int_equal(o.write_ns, NS_OF(15));
	assert_int_equal(o.max_series, 10000);
	assert_false(o.vm_histograms);
	assert_false(o.user.given);
	assert_true(o.host.session.tracer.apicv);
	assert_false(o.host.session.tracer.split || o.host.session.tracer.self);
	assert_int_equal(o.host.session.tracer.kinds, 0);
	assert_int_equal(o.host.session.tracer.max_vcpus, 4096);
	serve_options_free(&o);
}

static void test_all(void **state)
{
	struct serve_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "--listen", "[::1]:80", "--textfile", "a.prom", "-i",
			       "2.5", "--keep", "0", "--max-series", "100", "--per-vm-histograms",
			       "--split", "--self", "--detail", "--user", "root", "-p", "4711",
			       "--max-vcpus", "1000", "-v"),
			 0);
	assert_string_equal(o.listen, "[::1]:80");
	assert_int_equal(ntohs(o.address.v6.sin6_port), 80);
	assert_string_equal(o.textfile, "a.prom");
	assert_int_equal(o.write_ns, 2500000000);
	assert_int_equal(o.keep_ns, 0);
	assert_int_equal(o.max_series, 100);
	assert_true(o.vm_histograms && o.user.given);
	assert_int_equal(o.host.session.tracer.kinds, KINDS_ALL);
	assert_int_equal(o.user.uid, 0);
	assert_true(o.host.session.tracer.split && o.host.session.tracer.self);
	assert_int_equal(o.host.session.tracer.npids, 1);
	assert_int_equal(o.host.session.tracer.max_vcpus, 1000);
	serve_options_free(&o);
}

static void test_wrong(void **state)
{
	static char *const cases[][4] = {
		{ "--listen", "localhost:80" },
		{ "--listen", "" },
		{ "--listen" },
		{ "--textfile", "" },
		{ "--textfile", "-" },
		{ "--textfile" },
		{ "-i", "5" },
		{ "-i", "0", "--textfile=a" },
		{ "--keep", "-1" },
		{ "--keep", "1000001" },
		{ "--max-series", "99" },
		{ "--max-series", "1000001" },
		{ "--user", "no-such-user" },
		{ "--split=x" },
		{ "--max-vcpus", "0" },
		{ "-p", "0" },
		/* Those of a run that ends. */
		{ "-d", "5" },
		{ "--json", "x" },
		{ "--detail=io" },
		{ "x" },
		{ "--", "sleep", "1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct serve_options o;
		struct error err;
		char *args[5] = { 0 };

		memcpy(args, cases[i], sizeof(cases[i]));
		if (!parse(&o, &err, args))
			fail_msg("%s was taken", cases[i][0]);
		assert_int_equal(err.status, STATUS_USAGE);
		assert_null(strchr(err.text, '\n'));
	}
}

UNIT_TESTS(serve_options)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_wrong),
	};

	RUN_GROUP(tally, "serve_options", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
/* What exitstat-guest shows and writes, from its options to its file. */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doc/guest_write.h"
#include "guest/options.h"
#include "guest/show.h"
#include "guest/watch.h"
#include "guest_sample.h"
#include "unit.h"

#define SCRIPT	 "tests/unit/validate_schema.py"
#define SCHEMA	 "user/doc/exitstat-guest.schema.json"
#define MAX_ARGS 12

static int parse(struct guest_options *options, struct error *err, char **args)
{
	static char *argv[MAX_ARGS + 1];
	int argc = 0;

	argv[argc++] = "exitstat-guest";
	for (; *args; args++) {
		assert_true(argc < MAX_ARGS);
		argv[argc++] = *args;
	}
	argv[argc] = NULL;
	memset(err, 0x5a, sizeof(*err));
	return guest_options_parse(options, argc, argv, err);
}

#define PARSE(options, err, ...) parse(options, err, (char *[]){ __VA_ARGS__, NULL })

static void test_options(void **state)
{
	struct guest_options o;
	struct error err;

	(void)state;
	assert_int_equal(parse(&o, &err, (char *[]){ NULL }), 0);
	assert_false(o.all);
	assert_null(o.json);
	assert_int_equal(o.watch_ns + o.count + o.nfilters, 0);
	assert_int_equal(PARSE(&o, &err, "-a", "-r10", "--reason", "npf", "-w", "0.5", "-n3"), 0);
	assert_true(o.all);
	assert_int_equal(o.nfilters, 2);
	assert_int_equal(o.watch_ns, 500000000);
	assert_int_equal(o.count, 3);
	guest_options_free(&o);
}

static void test_where_the_json_goes(void **state)
{
	struct guest_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "--json"), 0);
	assert_string_equal(o.json, "-");
	assert_int_equal(PARSE(&o, &err, "--json", "--all"), 0);
	assert_string_equal(o.json, "-");
	assert_true(o.all);
	assert_int_equal(PARSE(&o, &err, "--json", "file", "-a"), 0);
	assert_string_equal(o.json, "file");
	assert_true(o.all);
	assert_int_equal(PARSE(&o, &err, "-j", "-"), 0);
	assert_string_equal(o.json, "-");
	assert_int_equal(PARSE(&o, &err, "--json=file"), 0);
	assert_string_equal(o.json, "file");
	assert_int_equal(PARSE(&o, &err, "-jfile"), 0);
	assert_string_equal(o.json, "file");
}

static void refused(const char *naming, char **args)
{
	struct guest_options o;
	struct error err;

	if (!parse(&o, &err, args))
		fail_msg("%s is taken", naming);
	assert_int_equal(err.status, STATUS_USAGE);
	if (!strstr(err.text, naming))
		fail_msg("'%s' does not name '%s'", err.text, naming);
}

#define REFUSED(naming, ...) refused(naming, (char *[]){ __VA_ARGS__, NULL })

static void test_wrong_usage(void **state)
{
	(void)state;
	REFUSED("--watch", "-w", "0");
	REFUSED("--watch", "--watch=x");
	REFUSED("--count", "-w", "1", "-n", "0");
	REFUSED("--watch", "-n", "2");
	REFUSED("--reason", "-r", "35x");
	REFUSED("--json", "--json=");
	REFUSED("'file'", "file");
	REFUSED("'b'", "--json", "a", "b");
	REFUSED("'a'", "--all", "a");
	REFUSED("'a'", "--json=b", "a");
	REFUSED("--bogus", "--json", "a", "--bogus");
	REFUSED("'-w'", "-a", "-w");
	REFUSED("'a'", "--", "a");
}

/* --- documents --------------------------------------------------------------- */

struct place {
	char folder[64];
	char json[96], text[96];
	int stdout_fd;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->folder, "/tmp/exitstat-unit-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->json, sizeof(place->json), "%s/out.json", place->folder);
	snprintf(place->text, sizeof(place->text), "%s/out.txt", place->folder);
	if (access(SCRIPT, R_OK) || access(SCHEMA, R_OK))
		fail_msg("run the unit tests in the top directory of the sources");
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	unlink(place->json);
	unlink(place->text);
	assert_int_equal(rmdir(place->folder), 0);
	free(place);
	return 0;
}

/* The status of watch() with these options in a process of its own, its stdout in text. */
static int run(const struct place *place, char **args)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct source source = { .ask = fake_ask };
		struct guest_options options;
		struct error err = { 0 };
		int fd = open(place->text, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(fd, STDOUT_FILENO);
		status = parse(&options, &err, args) || watch(&options, &source, &err);
		guest_options_free(&options);
		if (status)
			printf("error: %s\n", err.text);
		leave(status ? err.status : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What it printed, with one blank where there are more. */
static void read_text(const struct place *place, char *text, size_t size)
{
	FILE *file = fopen(place->text, "r");
	size_t n = 0;
	int c;

	assert_non_null(file);
	while ((c = getc(file)) != EOF) {
		assert_true(n + 1 < size);
		if (c != ' ' || !n || text[n - 1] != ' ')
			text[n++] = (char)c;
	}
	text[n] = '\0';
	fclose(file);
}

static json_t *read_json(const struct place *place)
{
	char command[256];
	json_t *doc;

	snprintf(command, sizeof(command), "/usr/bin/python3 " SCRIPT " good " SCHEMA " %s",
		 place->json);
	assert_int_equal(system(command), 0);
	doc = json_load_file(place->json, 0, NULL);
	assert_non_null(doc);
	return doc;
}

static json_int_t number(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void contains(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("'%s' is not in:\n%s", line, text);
}

static void test_one_reading(void **state)
{
	struct place *place = *state;
	json_t *doc, *reading, *reasons;
	char text[8192];

	fake_reset(1);
	assert_int_equal(run(place, (char *[]){ "--json", place->json, NULL }), 0);
	read_text(place, text, sizeof(text));
	contains(text,
		 "vmx, 71 reasons, layout 2021, ABI 1; cycles of the host's TSC, 2600.000 MHz\n");
	contains(text, "IO_INSTRUCTION 30 5000000000 1099511627783 2199023255561");
	contains(text, "own exits: this reading made 80, this program 158 so far, all CPUID\n");
	assert_null(strstr(text, "HLT"));

	doc = read_json(place);
	assert_string_equal(json_string_value(json_object_get(doc, "selection")), "counted");
	assert_int_equal(json_array_size(json_object_get(doc, "readings")), 1);
	reading = json_array_get(json_object_get(doc, "readings"), 0);
	assert_int_equal(number(json_object_get(reading, "own"), "reading"), 80);
	assert_int_equal(number(json_object_get(reading, "own"), "so_far"), 158);
	reasons = json_object_get(reading, "reasons");
	assert_int_equal(json_array_size(reasons), 2);
	assert_int_equal(number(json_array_get(reasons, 1), "code"), 30);
	assert_int_equal(number(json_array_get(reasons, 1), "away"), 2199023255561);
	json_decref(doc);
}

static void test_all_reasons(void **state)
{
	struct place *place = *state;
	char text[65536];
	json_t *doc;

	fake_reset(2);
	assert_int_equal(run(place, (char *[]){ "-a", "-j", place->json, NULL }), 0);
	read_text(place, text, sizeof(text));
	contains(text, "\nHLT ");
	contains(text, "0xffffffff ");
	doc = read_json(place);
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(json_object_get(doc, "readings"), 0), "reasons")),
			 FAKE_SVM_DEFINED);
	json_decref(doc);
}

static void test_chosen_reasons(void **state)
{
	struct place *place = *state;
	json_t *doc, *reading, *reasons;
	char text[8192];

	fake_reset(1);
	assert_int_equal(run(place, (char *[]){ "-r35", "-rhlt", "-w.01", NULL }), STATUS_USAGE);
	assert_int_equal(
		run(place, (char *[]){ "-r35", "-rhlt", "-w0.01", "-n2", "-j", place->json, NULL }),
		0);
	read_text(place, text, sizeof(text));
	contains(text, "VMX_35 35 n/a");
	contains(text, "HLT 12 0");
	contains(text, "n/a: the manual defines no such reason\n");
	doc = read_json(place);
	assert_string_equal(json_string_value(json_object_get(doc, "selection")), "chosen");
	reading = json_array_get(json_object_get(doc, "readings"), 1);
	assert_true(json_is_null(json_object_get(json_object_get(reading, "own"), "in_cpuid")));
	reasons = json_object_get(reading, "reasons");
	assert_int_equal(number(json_array_get(reasons, 0), "count"), 0);
	assert_true(json_is_null(json_object_get(json_array_get(reasons, 1), "count")));
	json_decref(doc);
}

static void test_watch(void **state)
{
	struct place *place = *state;
	char text[32768];
	json_t *doc;

	fake_reset(1);
	assert_int_equal(run(place, (char *[]){ "-w0.01", "-n9", "-j", place->json, NULL }), 0);
	read_text(place, text, sizeof(text));
	contains(text, "\nreading 9 at ");
	/* Each reading makes 80 exits, and nothing else happens. */
	contains(text, "CPUID 10 91 171 80");
	contains(text, "all reasons 5000000156 5000000236 80");
	contains(text, "#1 ");
	contains(text, "#5 ");
	contains(text, "#9 ");
	assert_null(strstr(text, "#4 "));
	contains(text, "+80");
	contains(text, "+0");
	doc = read_json(place);
	assert_int_equal(json_array_size(json_object_get(doc, "readings")), 9);
	json_decref(doc);
}

static void test_watch_ends_with_what_it_has(void **state)
{
	struct place *place = *state;
	char text[32768];
	json_t *doc;

	fake_reset(1);
	fake_host.gone_at = 300;
	assert_int_equal(run(place, (char *[]){ "-w0.01", "-j", place->json, NULL }),
			 STATUS_FAILED);
	read_text(place, text, sizeof(text));
	contains(text, "error: nobody answers any more: the VM has moved to a host that ");
	contains(text, "side by side");
	doc = read_json(place);
	assert_int_equal(json_array_size(json_object_get(doc, "readings")), 2);
	json_decref(doc);
}

/* Counters that went back are not shown as growth, nor written. */
static void test_watch_ends_where_counters_go_back(void **state)
{
	struct place *place = *state;
	char text[32768];
	json_t *doc;

	for (int wrong = 0; wrong < 2; wrong++) {
		fake_reset(1);
		*(wrong ? &fake_host.reset_at : &fake_host.restart_at) = 330;
		assert_int_equal(run(place, (char *[]){ "-w0.01", "-j", place->json, NULL }),
				 STATUS_FAILED);
		read_text(place, text, sizeof(text));
		contains(
			text,
			wrong ? "error: exits of IO_INSTRUCTION went back from 5000000000 to 0, and not"
			      : "error: all counters have started again since reading 3: ");
		assert_null(strstr(text, "\nreading 4 "));
		assert_null(strstr(text, " 1844674")); /* growth below 0 */
		doc = read_json(place);
		assert_int_equal(json_array_size(json_object_get(doc, "readings")), 3);
		json_decref(doc);
	}
}

static void test_nobody_answers(void **state)
{
	struct place *place = *state;
	char text[1024];

	fake_reset(1);
	fake_host.gone_at = 1;
	assert_int_equal(run(place, (char *[]){ "-j", place->json, NULL }), STATUS_CANNOT);
	read_text(place, text, sizeof(text));
	contains(text, "error: nobody answers CPUID leaf 0x4ffffffb: ");
	assert_int_equal(access(place->json, F_OK), -1);
}

static void test_extremes_fit_the_schema(void **state)
{
	struct reason_sums reason = { 0xffffffff, true, { UINT64_MAX, UINT64_MAX, 1ull << 63 } };
	struct plan plan = { .who = { 1, 2022, 2, UINT32_MAX, UINT32_MAX } };
	struct reading reading = { .own = UINT64_MAX, .nreasons = 1, .reasons = &reason };
	struct host host = { .kernel = "k", .cpu = "c" };
	struct place *place = *state;
	json_t *doc = document_make(&host, &plan, false, &reading, 1);

	assert_int_equal(json_dump_file(doc, place->json, 0), 0);
	json_decref(doc);
	doc = read_json(place);
	reading.reasons = NULL;
	assert_true(
		number(json_array_get(
			       json_object_get(json_array_get(json_object_get(doc, "readings"), 0),
					       "reasons"),
			       0),
		       "away") == INT64_MAX);
	json_decref(doc);
}

UNIT_TESTS(guest_output)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_where_the_json_goes),
		cmocka_unit_test(test_wrong_usage),
		cmocka_unit_test_setup_teardown(test_one_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chosen_reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch_ends_with_what_it_has, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch_ends_where_counters_go_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nobody_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extremes_fit_the_schema, setup, teardown),
	};

	RUN_GROUP(tally, "guest output", tests);
}

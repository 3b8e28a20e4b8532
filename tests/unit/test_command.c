// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "cmd/audit.h"
#include "cmd/command.h"
#include "unit.h"

/* --- which command runs, and with what ---------------------------------------- */

static const char *ran;
static char title[64];
static int arguments;

static int run_look(int argc, char **argv, struct error *err)
{
	(void)err;
	ran = "look";
	arguments = argc;
	snprintf(title, sizeof(title), "%s", argv[0]);
	return argc > 1 && !strcmp(argv[1], "--help") ? 7 : 0;
}

static int run_listen(int argc, char **argv, struct error *err)
{
	(void)argc;
	(void)argv;
	ran = "listen";
	return fail(err, STATUS_CANNOT, "nobody speaks");
}

static const struct command look = { "look", "Look at it", run_look };
static const struct command listen_to = { "listen", "Listen to it", run_listen };
static const struct command *const commands[] = { &look, &listen_to };

/* As from a shell; what it says is in text. */
static int say(char *text, size_t size, char **argv)
{
	int argc = 0, status, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	FILE *file = tmpfile();
	size_t n;

	assert_non_null(file);
	while (argv[argc])
		argc++;
	ran = NULL;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	status = commands_run("tool", commands, COUNT_OF(commands), argc, argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	rewind(file);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
	return status;
}

#define SAY(text, ...) say(text, sizeof(text), (char *[]){ "tool", __VA_ARGS__, NULL })

static void test_the_first_runs_without_a_name(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(say(text, sizeof(text), (char *[]){ "tool", NULL }), 0);
	assert_string_equal(ran, "look");
	assert_string_equal(title, "tool");
	assert_int_equal(SAY(text, "-x", "listen"), 0);
	assert_string_equal(ran, "look");
	assert_int_equal(arguments, 3);
}

static void test_a_name_chooses(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(SAY(text, "look", "-x"), 0);
	assert_string_equal(title, "tool look");
	assert_int_equal(arguments, 2);
	assert_int_equal(SAY(text, "listen"), STATUS_CANNOT);
	assert_string_equal(ran, "listen");
	assert_string_equal(text, "tool: nobody speaks\n");
}

static void test_an_unknown_name_is_called_that(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(SAY(text, "lissen"), STATUS_USAGE);
	assert_null(ran);
	assert_string_equal(text, "tool: 'lissen' is no command: did you mean 'listen'?\n");
	assert_int_equal(SAY(text, "hepl"), STATUS_USAGE);
	assert_non_null(strstr(text, "did you mean 'help'?"));
	assert_int_equal(SAY(text, "sleep", "1"), STATUS_USAGE);
	assert_null(ran);
	assert_non_null(strstr(text, "'sleep' is no command: 'tool help' lists them"));
	assert_int_equal(SAY(text, ""), STATUS_USAGE);
	assert_int_equal(SAY(text, "a-name-that-is-longer-than-any-command-can-be"), STATUS_USAGE);
	assert_null(strstr(text, "did you mean"));
}

static void test_help(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(SAY(text, "help"), 0);
	assert_non_null(strstr(text, "look            Look at it\n"));
	assert_non_null(strstr(text, "listen          Listen to it\n"));
	assert_null(ran);
	assert_int_equal(SAY(text, "help", "look"), 7);
	assert_string_equal(title, "tool look");
	assert_int_equal(SAY(text, "help", "loook"), STATUS_USAGE);
	assert_non_null(strstr(text, "did you mean 'look'?"));
	assert_int_equal(SAY(text, "help", "look", "listen"), STATUS_USAGE);
}

/* --- what is behind the name audit --------------------------------------------- */

static int parse_audit(struct audit_options *options, struct error *err, int argc, char **argv)
{
	memset(err, 0x5a, sizeof(*err));
	return audit_options_parse(options, argc, argv, err);
}

#define AUDIT(options, err, ...)                                               \
	parse_audit(options, err, COUNT(((char *[]){ "audit", __VA_ARGS__ })), \
		    (char *[]){ "audit", __VA_ARGS__, NULL })

static void test_audit_options(void **state)
{
	struct audit_options o;
	struct error err;

	(void)state;
	assert_int_equal(AUDIT(&o, &err, "--counters", "--probe-cycles", "600", "-i", "0.5", "-p",
			       "7", "--json", "f", "--max-vcpus", "3", "--", "true", "x"),
			 0);
	assert_true(o.counters);
	assert_int_equal(o.probe_cycles, 600);
	assert_true(o.host.session.tracer.audit);
	assert_int_equal(o.host.session.interval_ns, NS_OF(1) / 2);
	assert_int_equal(o.host.session.tracer.pids[0], 7);
	assert_int_equal(o.host.session.tracer.max_vcpus, 3);
	assert_string_equal(o.host.json, "f");
	assert_string_equal(o.host.session.command[1], "x");
	audit_options_free(&o);
	/* What only trace has. */
	assert_int_equal(AUDIT(&o, &err, "--snapshots"), -1);
	assert_int_equal(err.status, STATUS_USAGE);
	assert_int_equal(AUDIT(&o, &err, "-c", "0"), -1);
	assert_int_equal(AUDIT(&o, &err, "--probe-cycles", "-1"), -1);
	assert_non_null(strstr(err.text, "--probe-cycles '-1'"));
}

UNIT_TESTS(command)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_runs_without_a_name),
		cmocka_unit_test(test_a_name_chooses),
		cmocka_unit_test(test_an_unknown_name_is_called_that),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_audit_options),
	};

	RUN_GROUP(tally, "command", tests);
}

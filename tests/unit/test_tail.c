// SPDX-License-Identifier: GPL-2.0-only
/* What a command prints while the terminal is another's. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/tail.h"
#include "unit.h"

static void put(struct tail *tail, const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++) {
		assert_int_equal(write(tail->out, text, strlen(text)), strlen(text));
		/* The pipe has not more room than a tail. */
		if (i % 100 == 0)
			tail_read(tail);
	}
	while (tail_read(tail))
		;
}

/* What tail_write() writes. */
static char *written(const struct tail *tail)
{
	char path[] = "/tmp/exitstat-tail-XXXXXX";
	int fd = mkstemp(path);
	char *text = calloc(1, TAIL_BYTES + 100);

	assert_true(fd >= 0);
	assert_non_null(text);
	unlink(path);
	tail_write(tail, fd);
	lseek(fd, 0, SEEK_SET);
	assert_true(read(fd, text, TAIL_BYTES + 99) >= 0);
	close(fd);
	return text;
}

static void test_little(void **state)
{
	struct tail tail;
	char *text;

	(void)state;
	assert_int_equal(tail_init(&tail), 0);
	assert_int_equal(tail_read(&tail), 0);
	put(&tail, "one\n", 1);
	put(&tail, "two\n", 2);
	text = written(&tail);
	assert_string_equal(text, "one\ntwo\ntwo\n");
	free(text);
	tail_free(&tail);
	tail_free(&tail);
}

static void test_much(void **state)
{
	struct tail tail;
	char *text, *line;

	(void)state;
	assert_int_equal(tail_init(&tail), 0);
	put(&tail, "0123456789\n", 10000);
	put(&tail, "the end\n", 1);
	text = written(&tail);
	line = strchr(text, '\n') + 1;
	assert_true(!strncmp(text, "... 44472 bytes before this\n", (size_t)(line - text)));
	assert_int_equal(strlen(line), TAIL_BYTES);
	assert_string_equal(line + TAIL_BYTES - 12, "789\nthe end\n");
	free(text);
	tail_free(&tail);
}

/* Both its outputs are there, and it has nothing to read. */
static void test_of_a_child(void **state)
{
	char *const argv[] = { "sh", "-c", "cat; echo out; echo err >&2", NULL };
	struct child child = { 0 };
	struct error err;
	struct tail tail;
	sigset_t none;
	char *text;

	(void)state;
	sigemptyset(&none);
	assert_int_equal(tail_init(&tail), 0);
	child.output = tail.out;
	assert_int_equal(child_start(&child, argv, &none, &err), 0);
	while (!child.ended) {
		usleep(1000);
		child_poll(&child);
	}
	assert_int_equal(child.status, 0);
	tail_read(&tail);
	text = written(&tail);
	assert_string_equal(text, "out\nerr\n");
	free(text);
	tail_free(&tail);
}

UNIT_TESTS(tail)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_little),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_of_a_child),
	};

	RUN_GROUP(tally, "tail", tests);
}

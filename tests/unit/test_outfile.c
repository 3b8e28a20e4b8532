// SPDX-License-Identifier: GPL-2.0-only
/* As root too: what has to fail fails for everyone. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "unit.h"

struct place {
	char folder[64];
	json_t *doc;
	struct error err;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->folder, "/tmp/exitstat-unit-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	place->doc = json_pack("{s:I}", "n", (json_int_t)INT64_MAX);
	*state = place;
	return 0;
}

/* How many files there are; with remove they are removed. */
static int list(const struct place *place, bool remove)
{
	DIR *dir = opendir(place->folder);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (remove)
			unlinkat(dirfd(dir), entry->d_name,
				 entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	}
	closedir(dir);
	return n;
}

static int teardown(void **state)
{
	struct place *place = *state;

	list(place, true);
	assert_int_equal(rmdir(place->folder), 0);
	json_decref(place->doc);
	free(place);
	return 0;
}

static const char *path_of(const struct place *place, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", place->folder, name);
	return path;
}

static void make_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void assert_content(const char *path, const char *expected)
{
	char text[4096];
	FILE *file = fopen(path, "r");
	size_t n;

	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

#define WRITTEN "{\n  \"n\": 9223372036854775807\n}\n"

static void test_new_file(void **state)
{
	struct place *place = *state;
	const char *path = path_of(place, "new.json");
	mode_t mask = umask(027);

	assert_int_equal(outfile_check(path, &place->err), 0);
	assert_int_equal(list(place, false), 0);
	assert_int_equal(outfile_write(path, place->doc, &place->err), 0);
	assert_content(path, WRITTEN);
	assert_int_equal(mode_of(path), S_IFREG | 0640);
	assert_int_equal(list(place, false), 1);
	/* The mask is as it was. */
	assert_int_equal(umask(mask), 027);
}

static void test_replaced_file_keeps_its_mode(void **state)
{
	struct place *place = *state;
	const char *path = path_of(place, "old.json");

	make_file(path, "old and much longer than what is going to be written here", 0604);
	assert_int_equal(outfile_check(path, &place->err), 0);
	assert_content(path, "old and much longer than what is going to be written here");
	assert_int_equal(outfile_write(path, place->doc, &place->err), 0);
	assert_content(path, WRITTEN);
	assert_int_equal(mode_of(path), S_IFREG | 0604);
	assert_int_equal(list(place, false), 1);
}

static void test_symbolic_link_stays(void **state)
{
	struct place *place = *state;
	char path[128];

	strcpy(path, path_of(place, "link"));
	make_file(path_of(place, "target"), "old", 0600);
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(outfile_check(path, &place->err), 0);
	assert_int_equal(outfile_write(path, place->doc, &place->err), 0);
	assert_true(S_ISLNK(mode_of(path)));
	assert_content(path_of(place, "target"), WRITTEN);
	assert_int_equal(mode_of(path_of(place, "target")), S_IFREG | 0600);
	assert_int_equal(list(place, false), 2);
}

static void test_relative_path(void **state)
{
	struct place *place = *state;
	int here = open(".", O_RDONLY | O_DIRECTORY);

	assert_true(here >= 0);
	assert_int_equal(chdir(place->folder), 0);
	assert_int_equal(outfile_write("rel.json", place->doc, &place->err), 0);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_content(path_of(place, "rel.json"), WRITTEN);
}

static void assert_fails(struct place *place, const char *path)
{
	for (int write = 0; write < 2; write++) {
		place->err = (struct error){ .status = -1 };
		assert_int_equal(write ? outfile_write(path, place->doc, &place->err)
				       : outfile_check(path, &place->err),
				 -1);
		assert_int_equal(place->err.status, STATUS_FAILED);
		if (strlen(path) < 100)
			assert_non_null(strstr(place->err.text, path));
		assert_null(strstr(place->err.text, "Success"));
		assert_null(strchr(place->err.text, '\n'));
	}
}

static void test_where_no_file_can_be(void **state)
{
	struct place *place = *state;
	char name[128], too_long[PATH_MAX + 10];

	make_file(path_of(place, "file"), "good", 0644);
	assert_fails(place, path_of(place, "missing/new.json"));
	assert_fails(place, path_of(place, "file/new.json"));
	assert_fails(place, place->folder);
	assert_fails(place, "/");
	assert_fails(place, "/proc/nope");
	assert_fails(place, "/proc/self/nope/new.json");
	snprintf(name, sizeof(name), "%s/", place->folder);
	assert_fails(place, name);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[0] = '/';
	too_long[sizeof(too_long) - 1] = '\0';
	assert_fails(place, too_long);
	too_long[300] = '\0';
	assert_fails(place, too_long);
	assert_content(path_of(place, "file"), "good");
	assert_int_equal(list(place, false), 1);
}

static void test_full_device(void **state)
{
	struct place *place = *state;

	assert_int_equal(outfile_check("/dev/full", &place->err), 0);
	assert_int_equal(outfile_write("/dev/full", place->doc, &place->err), -1);
	assert_int_equal(place->err.status, STATUS_FAILED);
	assert_non_null(strstr(place->err.text, "/dev/full: No space left"));
	assert_true(S_ISCHR(mode_of("/dev/full")));
}

static void test_device_and_pipe_are_written_to(void **state)
{
	struct place *place = *state;
	char text[sizeof(WRITTEN)] = "";
	int fd;

	assert_int_equal(outfile_write("/dev/null", place->doc, &place->err), 0);
	assert_true(S_ISCHR(mode_of("/dev/null")));
	assert_int_equal(mkfifo(path_of(place, "fifo"), 0600), 0);
	fd = open(path_of(place, "fifo"), O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(outfile_check(path_of(place, "fifo"), &place->err), 0);
	assert_int_equal(outfile_write(path_of(place, "fifo"), place->doc, &place->err), 0);
	assert_int_equal(read(fd, text, sizeof(text)), strlen(WRITTEN));
	assert_string_equal(text, WRITTEN);
	close(fd);
	assert_true(S_ISFIFO(mode_of(path_of(place, "fifo"))));
	assert_int_equal(list(place, false), 1);
}

/* A document of 100 kB with files limited to 4 kB: as if the disk were full. */
static int write_beyond_limit(struct place *place, const char *path)
{
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	json_t *doc = json_array();
	struct rlimit old, small;
	int ret;

	for (int i = 0; i < 10000; i++)
		json_array_append_new(doc, json_integer(1000000 + i));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	ret = outfile_write(path, doc, &place->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, handler);
	json_decref(doc);
	return ret;
}

static void test_failure_half_way_leaves_all_as_it_was(void **state)
{
	struct place *place = *state;

	make_file(path_of(place, "good.json"), "good", 0640);
	assert_int_equal(write_beyond_limit(place, path_of(place, "good.json")), -1);
	assert_int_equal(place->err.status, STATUS_FAILED);
	assert_non_null(strstr(place->err.text, "File too large"));
	assert_content(path_of(place, "good.json"), "good");
	assert_int_equal(mode_of(path_of(place, "good.json")), S_IFREG | 0640);
	assert_int_equal(write_beyond_limit(place, path_of(place, "new.json")), -1);
	assert_int_equal(list(place, false), 1);
}

/* Write to "-" with stdout led to path. */
static int write_to_stdout(struct place *place, const char *path)
{
	int saved, fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), ret;

	assert_true(fd >= 0);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	ret = outfile_write("-", place->doc, &place->err);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return ret;
}

static void test_stdout(void **state)
{
	struct place *place = *state;

	assert_int_equal(outfile_check("-", &place->err), 0);
	assert_int_equal(write_to_stdout(place, path_of(place, "out")), 0);
	assert_content(path_of(place, "out"), WRITTEN);
	assert_int_equal(access("-", F_OK), -1);
}

static void test_stdout_that_is_full(void **state)
{
	struct place *place = *state;

	assert_int_equal(write_to_stdout(place, "/dev/full"), -1);
	/* What was not written must not come later. */
	__fpurge(stdout);
	clearerr(stdout);
	assert_int_equal(place->err.status, STATUS_FAILED);
	assert_non_null(strstr(place->err.text, "stdout: No space left"));
}

#define place_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

UNIT_TESTS(outfile)
{
	const struct CMUnitTest tests[] = {
		place_test(test_new_file),
		place_test(test_replaced_file_keeps_its_mode),
		place_test(test_symbolic_link_stays),
		place_test(test_relative_path),
		place_test(test_where_no_file_can_be),
		place_test(test_full_device),
		place_test(test_device_and_pipe_are_written_to),
		place_test(test_failure_half_way_leaves_all_as_it_was),
		place_test(test_stdout),
		place_test(test_stdout_that_is_full),
	};

	RUN_GROUP(tally, "outfile", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"

/* The end of a symbolic link, so that the link stays and its target is replaced. */
static void resolve(const char *path, char resolved[PATH_MAX])
{
	if (!realpath(path, resolved))
		snprintf(resolved, PATH_MAX, "%s", path);
}

/* Pipes, terminals and devices are opened; everything else is replaced. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int make_temporary(const char *path, char temporary[PATH_MAX])
{
	struct stat st;
	int fd;

	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	/* An existing file that may not be written is not replaced either. */
	if (!access(path, F_OK) && access(path, W_OK))
		return -1;
	if (snprintf(temporary, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	return fd;
}

static int fail_write(const char *path, struct error *err)
{
	return fail(err, STATUS_FAILED, "cannot write %s: %s: choose another file with --json",
		    path, strerror(errno));
}

int outfile_check(const char *path, struct error *err)
{
	char target[PATH_MAX], temporary[PATH_MAX];
	int fd;

	if (!strcmp(path, "-"))
		return 0;
	resolve(path, target);
	if (is_special(target))
		return access(target, W_OK) ? fail_write(path, err) : 0;
	fd = make_temporary(target, temporary);
	if (fd < 0)
		return fail_write(path, err);
	close(fd);
	unlink(temporary);
	return 0;
}

static int dump(const json_t *doc, FILE *file)
{
	if (json_dumpf(doc, file, JSON_INDENT(2)) || fputc('\n', file) == EOF || fflush(file))
		return -1;
	return 0;
}

/*
 * Owner and mode of the file that is replaced, else the mode that creat() would
 * have given. Who may write a file need not be allowed to give it away.
 */
static int take_attributes(int fd, const char *target)
{
	struct stat st;
	mode_t mask;

	if (!stat(target, &st)) {
		if (fchown(fd, st.st_uid, st.st_gid) && errno != EPERM)
			return -1;
		return fchmod(fd, st.st_mode & 07777);
	}
	mask = umask(0);
	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

static int replace(const char *target, const json_t *doc)
{
	char temporary[PATH_MAX];
	int fd = make_temporary(target, temporary);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int saved;

	if (!file)
		return -1;
	if (dump(doc, file) || take_attributes(fd, target) || fsync(fd)) {
		saved = errno;
		fclose(file);
		goto fail;
	}
	if (!fclose(file) && !rename(temporary, target))
		return 0;
	saved = errno;
fail:
	unlink(temporary);
	errno = saved;
	return -1;
}

static int write_special(const char *target, const json_t *doc)
{
	FILE *file = fopen(target, "we");
	int ret;

	if (!file)
		return -1;
	ret = dump(doc, file);
	return fclose(file) || ret ? -1 : 0;
}

int outfile_write(const char *path, const json_t *doc, struct error *err)
{
	char target[PATH_MAX];
	int ret;

	if (!strcmp(path, "-"))
		return dump(doc, stdout) ? fail_write("stdout", err) : 0;
	resolve(path, target);
	ret = is_special(target) ? write_special(target, doc) : replace(target, doc);
	return ret ? fail_write(path, err) : 0;
}

FILE *outfile_beside(const char *path)
{
	return path && !strcmp(path, "-") ? stderr : stdout;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/jsontext.h"
#include "base/outfile.h"

#define WAIT_MS 50

static int fail_write(const char *path, struct error *err)
{
	return fail(err, STATUS_FAILED, "cannot write %s: %s: choose another file", path,
		    strerror(errno));
}

/* Pipes, terminals and devices are opened; everything else is replaced. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* --- what is written to ------------------------------------------------------- */

/*
 * Signals are blocked while we trace, but whoever reads a pipe may never do so. So for as
 * long as we wait for him, they interrupt.
 */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void take_note(int signum)
{
	(void)signum;
}

struct patience {
	sigset_t open; /* the mask to wait with */
	struct sigaction before[COUNT_OF(signals)];
};

static void be_patient(struct patience *patience)
{
	const struct sigaction action = { .sa_handler = take_note };

	sigprocmask(SIG_BLOCK, NULL, &patience->open);
	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		sigdelset(&patience->open, signals[i]);
		sigaction(signals[i], &action, &patience->before[i]);
	}
}

static void end_patience(const struct patience *patience)
{
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		sigaction(signals[i], &patience->before[i], NULL);
}

/* So much at a time as a pipe that can be written to takes without a wait. */
static int write_all(int fd, const char *text, size_t len, const struct patience *patience)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	while (len) {
		ssize_t n;

		if (ppoll(&ready, 1, NULL, &patience->open) < 0)
			return -1;
		n = write(fd, text, len < PIPE_BUF ? len : PIPE_BUF);
		if (n < 0 && errno != EAGAIN)
			return -1;
		text += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* A FIFO can be opened when someone reads it. */
static int open_special(const char *path, const struct patience *patience)
{
	const struct timespec wait = { .tv_nsec = WAIT_MS * 1000000 };
	bool told = false;
	int fd;

	while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) < 0) {
		if (errno != ENXIO)
			return -1;
		if (!told)
			fprintf(stderr, "waiting for a reader of %s\n", path);
		told = true;
		if (ppoll(NULL, 0, &wait, &patience->open) < 0)
			return -1;
	}
	return fd;
}

static int write_special(const char *path, const char *text)
{
	struct patience patience;
	int fd, ret = -1, saved;

	be_patient(&patience);
	fflush(stdout);
	fd = path ? open_special(path, &patience) : STDOUT_FILENO;
	if (fd >= 0)
		ret = write_all(fd, text, strlen(text), &patience);
	saved = errno;
	end_patience(&patience);
	if (path && fd >= 0 && close(fd) && !ret) {
		saved = errno;
		ret = -1;
	}
	errno = saved;
	return ret;
}

/* --- what is replaced --------------------------------------------------------- */

/* A file that is there, or was made: then it is empty, and made is true. */
struct target {
	char path[PATH_MAX]; /* behind all links */
	char temporary[PATH_MAX];
	struct stat st;
	bool made;
	int fd; /* of the temporary */
};

static bool is_there(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

/*
 * The kernel knows what may be opened in a directory that others write to
 * (fs.protected_symlinks, fs.protected_regular). Whatever it refuses a shell's ">", it
 * refuses us. Links are followed: they stay, and what they lead to is replaced.
 */
static int open_target(const char *path, struct target *target)
{
	char link[64];
	ssize_t len;
	int fd;

	*target = (struct target){ .made = !is_there(path), .fd = -1 };
	fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target->path, sizeof(target->path) - 1);
	if (len < 0 && !realpath(path, target->path))
		snprintf(target->path, sizeof(target->path), "%s", path);
	if (fstat(fd, &target->st))
		len = -2;
	close(fd);
	return len == -2 ? -1 : 0;
}

static void unmake(const struct target *target)
{
	int saved = errno;

	if (target->temporary[0])
		unlink(target->temporary);
	if (target->made)
		unlink(target->path);
	errno = saved;
}

/* Beside it, to be renamed. */
static int open_temporary(struct target *target)
{
	int len = snprintf(target->temporary, PATH_MAX, "%s.XXXXXX", target->path);

	if (len < PATH_MAX)
		target->fd = mkostemp(target->temporary, O_CLOEXEC);
	else
		errno = ENAMETOOLONG;
	if (target->fd < 0)
		target->temporary[0] = '\0';
	return target->fd < 0 ? -1 : 0;
}

/* Owner and mode stay. Who may write a file need not be allowed to give it away. */
static int take_attributes(const struct target *target)
{
	if (fchown(target->fd, target->st.st_uid, target->st.st_gid) && errno != EPERM)
		return -1;
	return fchmod(target->fd, target->st.st_mode & 07777);
}

static int fill(const struct target *target, const char *text)
{
	FILE *file = fdopen(target->fd, "w");
	int ret;

	if (!file) {
		close(target->fd);
		return -1;
	}
	ret = fputs(text, file) == EOF || fflush(file) || take_attributes(target) ||
	      fsync(target->fd);
	return fclose(file) || ret ? -1 : 0;
}

static int replace(const char *path, const char *text)
{
	struct target target;

	if (open_target(path, &target))
		return -1;
	if (!open_temporary(&target) && !fill(&target, text) &&
	    !rename(target.temporary, target.path))
		return 0;
	unmake(&target);
	return -1;
}

/* --- all ------------------------------------------------------------------------ */

int outfile_check(const char *path, struct error *err)
{
	struct target target;
	int ret;

	if (!strcmp(path, "-"))
		return 0;
	if (is_special(path))
		return access(path, W_OK) ? fail_write(path, err) : 0;
	if (open_target(path, &target))
		return fail_write(path, err);
	ret = open_temporary(&target);
	if (!ret)
		close(target.fd);
	unmake(&target);
	return ret ? fail_write(path, err) : 0;
}

int outfile_write_text(const char *path, const char *text, struct error *err)
{
	bool to_stdout = !strcmp(path, "-");
	int ret;

	if (to_stdout || is_special(path))
		ret = write_special(to_stdout ? NULL : path, text);
	else
		ret = replace(path, text);
	return ret ? fail_write(to_stdout ? "stdout" : path, err) : 0;
}

int outfile_write(const char *path, const json_t *doc, struct error *err)
{
	char *text = jsontext_write(doc);
	int ret;

	if (!text)
		return fail(err, STATUS_FAILED, "out of memory for %s", path);
	ret = outfile_write_text(path, text, err);
	free(text);
	return ret;
}

FILE *outfile_beside(const char *path)
{
	return path && !strcmp(path, "-") ? stderr : stdout;
}

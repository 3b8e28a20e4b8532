// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/process.h"

#define POLL_NS	     10000000
#define PATIENCE_SEC 5

/* Apart from the terminal, which someone else draws on. */
static void redirect(int output)
{
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing >= 0) {
		dup2(nothing, STDIN_FILENO);
		close(nothing);
	}
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
}

/* In the child: the pipe closes by itself when exec works, else carries errno. */
static _Noreturn void run(char *const argv[], const sigset_t *mask, int report, int output)
{
	int errnum;

	if (output)
		redirect(output);

	sigprocmask(SIG_SETMASK, mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	process_unprepare();
	execvp(argv[0], argv);
	errnum = errno;
	if (write(report, &errnum, sizeof(errnum)) < 0)
		_exit(125);
	_exit(errnum == ENOENT ? 127 : 126);
}

int child_start(struct child *child, char *const argv[], const sigset_t *mask, struct error *err)
{
	int report[2], errnum = 0;
	ssize_t n;

	/* Whoever ignores SIGCHLD is not told how, or even that, a child has ended. */
	signal(SIGCHLD, SIG_DFL);
	if (pipe2(report, O_CLOEXEC))
		return fail(err, STATUS_FAILED, "cannot run %s: %s", argv[0], strerror(errno));
	child->pid = fork();
	if (child->pid < 0) {
		close(report[0]);
		close(report[1]);
		return fail(err, STATUS_FAILED, "cannot run %s: %s", argv[0], strerror(errno));
	}
	if (!child->pid)
		run(argv, mask, report[1], child->output);
	close(report[1]);
	do {
		n = read(report[0], &errnum, sizeof(errnum));
	} while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n <= 0)
		return 0;
	waitpid(child->pid, NULL, 0);
	child->pid = 0;
	return fail(err, errnum == ENOENT ? 127 : 126, "cannot run %s: %s: give the command's path",
		    argv[0], strerror(errnum));
}

void child_poll(struct child *child)
{
	int status;

	if (!child->pid || waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	child->pid = 0;
	child->ended = true;
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_end(struct child *child, int sig)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };

	if (child->pid)
		kill(child->pid, sig);
	for (int i = 0; child->pid; i++) {
		child_poll(child);
		if (!child->pid)
			break;
		if (i == PATIENCE_SEC * (int)(NS_PER_SEC / POLL_NS))
			kill(child->pid, SIGKILL);
		nanosleep(&pause, NULL);
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * One process per VM.  Each says when its vCPUs are ready, waits to be let go
 * with all the others, and says when it is done.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exitgen.h"

struct child {
	pid_t pid;
	int fd;
};

static _Noreturn void child_main(const struct job *job, unsigned int vm, int parent,
				 pid_t parent_pid)
{
	/* The parent may have died before it could take this one along. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent_pid)
		_exit(STATUS_FAILED);

	if (run_vms(job, vm, 1, parent))
		_exit(STATUS_FAILED);
	if (write(parent, "", 1) != 1)
		_exit(STATUS_FAILED);
	while (job->opts.hold)
		pause();

	_exit(STATUS_OK);
}

static int start_child(const struct job *job, struct child *child, unsigned int vm)
{
	pid_t parent_pid = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return fail(job, -errno, "socketpair");

	child->pid = fork();
	if (child->pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return fail(job, -errno, "fork");
	}
	if (!child->pid) {
		close(pair[0]);
		child_main(job, vm, pair[1], parent_pid);
	}
	close(pair[1]);
	child->fd = pair[0];

	return 0;
}

/* One byte from each; there is none from a child that failed. */
static int hear_all(const struct child *children, unsigned int count)
{
	unsigned int i;
	char byte;

	for (i = 0; i < count; i++) {
		if (read(children[i].fd, &byte, 1) != 1)
			return -ECHILD;
	}

	return 0;
}

static int tell_all(const struct child *children, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (send(children[i].fd, "", 1, MSG_NOSIGNAL) != 1)
			return -ECHILD;
	}

	return 0;
}

/* After a failure the others must not go on. */
static int end_all(const struct child *children, unsigned int count, int err)
{
	unsigned int i;
	int status;

	for (i = 0; i < count && err; i++)
		kill(children[i].pid, SIGKILL);

	for (i = 0; i < count; i++) {
		if (waitpid(children[i].pid, &status, 0) != children[i].pid || status)
			err = err ? err : -ECHILD;
		close(children[i].fd);
	}

	return err;
}

int procs_run(const struct job *job)
{
	struct child children[MAX_VMS];
	unsigned int started;
	int err = 0;

	for (started = 0; started < job->opts.vms; started++) {
		err = start_child(job, &children[started], started);
		if (err)
			break;
	}

	if (!err)
		err = hear_all(children, started);
	if (!err)
		err = tell_all(children, started);
	if (!err)
		err = hear_all(children, started);
	if (err || !job->opts.hold)
		err = end_all(children, started, err);
	if (err)
		fail(job, 0, "a VM's process died");

	return err;
}

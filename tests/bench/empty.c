// SPDX-License-Identifier: GPL-2.0-only
/* empty CMD [ARG...]: run CMD with the programs of empty.bpf.c attached. */
#include <err.h>
#include <sys/wait.h>
#include <unistd.h>

#include "empty.skel.h"

int main(int argc, char **argv)
{
	struct empty *skel;
	int status;
	pid_t pid;

	if (argc < 2)
		errx(2, "usage: empty CMD [ARG...]");
	skel = empty__open_and_load();
	if (!skel || empty__attach(skel))
		errx(1, "the programs cannot be loaded: is KVM?");
	pid = fork();
	if (!pid) {
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "%s", argv[1]);
	empty__destroy(skel);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/keeper.h"

/* What is sent with an answer that is 0: the descriptor. */
union ancillary {
	struct cmsghdr head; /* for its alignment */
	char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(int *err, struct iovec *part, union ancillary *ancillary)
{
	*part = (struct iovec){ err, sizeof(*err) };
	memset(ancillary, 0, sizeof(*ancillary));
	return (struct msghdr){
		.msg_iov = part,
		.msg_iovlen = 1,
		.msg_control = ancillary->room,
		.msg_controllen = sizeof(ancillary->room),
	};
}

/* --- the process that keeps it ---------------------------------------------------------- */

/* A descriptor, or what is to be said instead: 0 or -errno. */
static int answer(int socket, int err, int fd)
{
	union ancillary ancillary;
	struct iovec part;
	struct msghdr msg = message(&err, &part, &ancillary);

	ancillary.head = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(fd)),
	};
	memcpy(CMSG_DATA(&ancillary.head), &fd, sizeof(fd));
	if (fd < 0)
		msg.msg_controllen = 0;
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* What else this process has inherited would outlive whoever opened it. */
static void close_all_but(int *kept, size_t n)
{
	int from = 0;

	qsort(kept, n, sizeof(*kept), compare_ints);
	for (size_t i = 0; i < n; i++) {
		if (kept[i] > from)
			close_range((unsigned int)from, (unsigned int)kept[i] - 1, 0);
		from = kept[i] + 1;
	}
	close_range((unsigned int)from, ~0U, 0);
}

static void close_others(int socket, struct chunks *const *maps, size_t nmaps)
{
	int kept[KEEPER_MAPS + 1];

	for (size_t i = 0; i < nmaps; i++)
		kept[i] = bpf_map__fd(maps[i]->outer);
	kept[nmaps] = socket;
	close_all_but(kept, nmaps + 1);
}

/* Whether there is such a chunk now. */
static bool make(int socket, const struct chunks *chunks, uint32_t n)
{
	int fd = chunk_make(chunks), err = -ECANCELED;
	uint8_t seen;

	if (answer(socket, fd < 0 ? fd : 0, fd) || fd < 0)
		return false;
	if (recv(socket, &seen, sizeof(seen), 0) == sizeof(seen) && seen)
		err = chunk_put(chunks, n, fd);
	close(fd);
	return !answer(socket, err, -1) && !err;
}

/* Until nobody is there to ask, or what is asked makes no sense. */
static void keep(int socket, struct chunks *const *maps, size_t nmaps, uint32_t most)
{
	uint32_t made[KEEPER_MAPS] = { 0 };
	uint8_t map;

	while (recv(socket, &map, sizeof(map), 0) == sizeof(map) && map < nmaps &&
	       made[map] + 1 < most)
		made[map] += make(socket, maps[map], made[map] + 1);
}

/* --- the process that asks --------------------------------------------------------------- */

int keeper_start(struct keeper *keeper, struct chunks *const *maps, size_t nmaps, uint32_t most,
		 const struct user *user)
{
	struct error err;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (!pid) {
		close_others(ends[1], maps, nmaps);
		/* The second is what older units were given, and allows the first, too. */
		if (!privileges_keep(user, CAP_BPF, &err) ||
		    !privileges_keep(user, CAP_SYS_ADMIN, &err))
			keep(ends[1], maps, nmaps, most);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	*keeper = (struct keeper){ pid, ends[0] };
	return 0;
}

static int say(const struct keeper *keeper, uint8_t word)
{
	return send(keeper->socket, &word, sizeof(word), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int keeper_put(const struct keeper *keeper, bool seen)
{
	int err = say(keeper, seen);

	if (!err && recv(keeper->socket, &err, sizeof(err), 0) != sizeof(err))
		err = -EPIPE;
	return err;
}

int keeper_ask(const struct keeper *keeper, size_t map)
{
	union ancillary ancillary;
	struct iovec part;
	int fd, err = say(keeper, (uint8_t)map);
	struct msghdr msg = message(&err, &part, &ancillary);

	if (err)
		return err;
	if (recvmsg(keeper->socket, &msg, MSG_CMSG_CLOEXEC) != sizeof(err))
		return -EPIPE;
	if (err)
		return err;
	/* None comes where this process may have no more of them. */
	if (msg.msg_controllen < sizeof(ancillary.head) || ancillary.head.cmsg_type != SCM_RIGHTS ||
	    ancillary.head.cmsg_len != CMSG_LEN(sizeof(fd)))
		return keeper_put(keeper, false);
	memcpy(&fd, CMSG_DATA(&ancillary.head), sizeof(fd));
	return fd;
}

void keeper_stop(struct keeper *keeper)
{
	if (!keeper->pid)
		return;
	close(keeper->socket);
	waitpid(keeper->pid, NULL, 0);
	*keeper = (struct keeper){ 0 };
}

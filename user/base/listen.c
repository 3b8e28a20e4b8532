// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/listen.h"
#include "base/number.h"
#include "base/printable.h"

/* The kernel makes it net.core.somaxconn where that is less. */
#define BACKLOG 1024

/* sd_listen_fds(3): descriptors are handed over from this one on. */
#define FIRST_FD 3

/* --- addresses ------------------------------------------------------------------ */

int listen_parse(const char *text, struct listen_address *address)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len = colon ? (size_t)(colon - text) : 0;
	uint64_t port;

	*address = (struct listen_address){ 0 };
	if (!len || len >= sizeof(host) || parse_u64(colon + 1, 0, UINT16_MAX, &port))
		return -1;
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons((uint16_t)port);
		address->len = sizeof(address->v6);
		return inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) == 1 ? 0 : -1;
	}
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons((uint16_t)port);
	address->len = sizeof(address->v4);
	return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1 ? 0 : -1;
}

static void text_of(const struct sockaddr *any, char text[LISTEN_TEXT_LEN])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)any;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)any;
	char host[INET6_ADDRSTRLEN] = "";

	if (any->sa_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		snprintf(text, LISTEN_TEXT_LEN, "%s:%u", host, ntohs(v4->sin_port));
	} else {
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		snprintf(text, LISTEN_TEXT_LEN, "[%s]:%u", host, ntohs(v6->sin6_port));
	}
}

void listen_text(int fd, char text[LISTEN_TEXT_LEN])
{
	union {
		struct sockaddr any;
		struct sockaddr_un path;
		struct sockaddr_storage storage;
	} address = { .any.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(address);

	snprintf(text, LISTEN_TEXT_LEN, "a socket");
	if (getsockname(fd, &address.any, &len))
		return;
	if (address.any.sa_family == AF_INET || address.any.sa_family == AF_INET6)
		text_of(&address.any, text);
	else if (address.any.sa_family == AF_UNIX && address.path.sun_path[0])
		snprintf(text, LISTEN_TEXT_LEN, "%.*s", LISTEN_TEXT_LEN - 1, address.path.sun_path);
	make_printable(text);
}

/* --- made here ------------------------------------------------------------------- */

static int fail_listen(const struct listen_address *address, struct error *err)
{
	int errnum = errno;
	char text[LISTEN_TEXT_LEN];
	const char *hint = errnum == EADDRINUSE	     ? ": give --listen another port"
			   : errnum == EADDRNOTAVAIL ? ": give --listen an address of this host"
						     : "";

	text_of(&address->any, text);
	return fail(err, STATUS_FAILED, "cannot listen on %s: %s%s", text, strerror(errnum), hint);
}

int listen_open(const struct listen_address *address, struct error *err)
{
	const int one = 1;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail_listen(address, err);
	/* Connections of the last run that are not yet forgotten are no reason. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (!bind(fd, &address->any, address->len) && !listen(fd, BACKLOG))
		return fd;
	fail_listen(address, err);
	close(fd);
	return -1;
}

/* --- handed over ------------------------------------------------------------------ */

static bool option_is(int fd, int option, int wanted)
{
	int value;
	socklen_t len = sizeof(value);

	return !getsockopt(fd, SOL_SOCKET, option, &value, &len) && value == wanted;
}

static int take_over(int fd, struct error *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || !option_is(fd, SO_TYPE, SOCK_STREAM) || !option_is(fd, SO_ACCEPTCONN, 1))
		return fail(err, STATUS_FAILED,
			    "what systemd handed over (LISTEN_FDS) is no stream socket that "
			    "listens: use ListenStream= and Accept=no");
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return fail(err, STATUS_FAILED, "cannot use systemd's socket: %s", strerror(errno));
	return 0;
}

int listen_inherit(int *fd, struct error *err)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t number, n = 0;
	bool ours = pid && fds && !parse_u64(pid, 1, INT32_MAX, &number) &&
		    number == (uint64_t)getpid();
	bool wrong = ours && (parse_u64(fds, 0, INT32_MAX, &n) || n > 1);

	*fd = -1;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (wrong)
		return fail(err, STATUS_FAILED,
			    "systemd handed over more than one socket (LISTEN_FDS): give the unit "
			    "one ListenStream=");
	if (!n)
		return 0;
	*fd = FIRST_FD;
	return take_over(*fd, err);
}

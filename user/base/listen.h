/* SPDX-License-Identifier: GPL-2.0-only */
/* A socket to listen on: made here, or handed over by systemd. */
#ifndef EXITSTAT_BASE_LISTEN_H
#define EXITSTAT_BASE_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/error.h"

#define LISTEN_TEXT_LEN 80

struct listen_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

/*
 * "127.0.0.1:9877", "[::1]:9877": an address, not a name, so that nobody has to be asked for it; of
 * port 0 the kernel chooses one. 0 or -1.
 */
int listen_parse(const char *text, struct listen_address *address);

/* Of a socket, the same way; of a path it is that, of what is not known "a socket". */
void listen_text(int fd, char text[LISTEN_TEXT_LEN]);

/* A descriptor, or -1 with err. */
int listen_open(const struct listen_address *address, struct error *err);

/*
 * What systemd hands over (LISTEN_PID, LISTEN_FDS: sd_listen_fds(3)): *fd, or -1 if there is none.
 * What it sets is taken away, as it is for us alone. 0, or -1 with err if it is not one stream
 * socket that listens.
 */
int listen_inherit(int *fd, struct error *err);

#endif

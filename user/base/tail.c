// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/tail.h"

int tail_init(struct tail *tail)
{
	int ends[2];

	*tail = (struct tail){ .in = -1, .out = -1 };
	tail->bytes = malloc(TAIL_BYTES);
	if (!tail->bytes)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	tail->in = ends[0];
	tail->out = ends[1];
	return fcntl(tail->in, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

void tail_free(struct tail *tail)
{
	if (tail->bytes && tail->in >= 0) {
		close(tail->in);
		close(tail->out);
	}
	free(tail->bytes);
	*tail = (struct tail){ .in = -1, .out = -1 };
}

size_t tail_read(struct tail *tail)
{
	size_t taken = 0;
	ssize_t n;

	/* Of someone who writes all the time not more at once than there is room for. */
	while (taken < TAIL_BYTES) {
		size_t at = tail->n % TAIL_BYTES;

		n = read(tail->in, tail->bytes + at, TAIL_BYTES - at);
		if (n <= 0)
			break;
		tail->n += (uint64_t)n;
		taken += (size_t)n;
	}
	return taken;
}

static void write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(fd, bytes, n);

		if (written <= 0)
			return;
		bytes += written;
		n -= (size_t)written;
	}
}

void tail_write(const struct tail *tail, int fd)
{
	size_t at = tail->n % TAIL_BYTES;

	if (tail->n > TAIL_BYTES) {
		dprintf(fd, "... %" PRIu64 " bytes before this\n", tail->n - TAIL_BYTES);
		write_all(fd, tail->bytes + at, TAIL_BYTES - at);
	}
	write_all(fd, tail->bytes, at);
}

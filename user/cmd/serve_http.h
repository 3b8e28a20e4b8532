/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HTTP for a command's loop: its thread is the only one, so that nothing is read while it
 * is written. Whoever connects is a stranger: a connection is for one request, and lives for
 * HTTP_LIFETIME_NS whatever is sent or read; there are HTTP_CONNECTIONS at a time, the next ones
 * wait; what is told is made anew at most every HTTP_FRESH_NS, and no more than HTTP_BODIES of it
 * are kept for readers that are slow.
 */
#ifndef EXITSTAT_CMD_SERVE_HTTP_H
#define EXITSTAT_CMD_SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "metrics/format.h"

#define HTTP_CONNECTIONS 128u
#define HTTP_IDLE_SEC	 5u
#define HTTP_LIFETIME_NS (10 * NS_PER_SEC) /* Prometheus waits no longer, unless told to */
#define HTTP_FRESH_NS	 (NS_PER_SEC / 4)
#define HTTP_BODIES	 8u
#define HTTP_REQUEST_SIZE                                                      \
	16384u /* what a connection has for its request, and the answer's head \
		*/

struct http;

/* What there is to tell now: *text is to be freed. 0 or -errno. */
typedef int (*http_metrics_fn)(void *arg, enum metrics_format format, char **text, size_t *len);

/* listen_fd is closed with it. NULL with err. */
struct http *http_open(int listen_fd, struct loop *loop, http_metrics_fn metrics, void *arg,
		       struct error *err);

/* An event of the loop. 0 or -errno. */
int http_run(struct http *http);

/* Now and then: connections whose time is over end. */
void http_tick(struct http *http);

/* NULL: there is none. */
void http_close(struct http *http);

#endif

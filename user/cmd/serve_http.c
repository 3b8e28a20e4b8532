// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/version.h"
#include "cmd/serve_http.h"

/* What is told, for as long as it is fresh; who reads it slowly keeps it for longer. */
struct body {
	struct MHD_Response *response; /* NULL: none */
	uint64_t made_ns;
};

struct http {
	struct MHD_Daemon *daemon;
	int listen_fd, timer_fd;
	http_metrics_fn metrics;
	void *arg;
	bool failed; /* the last time that there was something to tell */
	struct body bodies[METRICS_FORMATS];
	struct {
		struct MHD_Connection *connection; /* NULL: none */
		uint64_t since_ns;
	} connections[HTTP_CONNECTIONS];
};

/* --- answers ------------------------------------------------------------------------ */

static const char page[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\"><head><meta charset=\"utf-8\"><title>exitstat</title></head><body>\n"
	"<h1>exitstat</h1>\n"
	"<p>What the KVM guests of this host exit for, how often, and for how long.</p>\n"
	"<ul>\n"
	"<li><a href=\"/metrics\">/metrics</a>: counters, as OpenMetrics or as Prometheus' text\n"
	"<li><a href=\"/healthz\">/healthz</a>: whether they can be read\n"
	"</ul>\n"
	"<p>exitstat-bpf %s, man exitstat-bpf-serve</p>\n"
	"</body></html>\n";

/* Of what each answer has; NULL: no memory. */
static struct MHD_Response *finish_response(struct MHD_Response *response, const char *type)
{
	static const char *const headers[][2] = {
		{ MHD_HTTP_HEADER_CONNECTION, "close" },
		{ MHD_HTTP_HEADER_CACHE_CONTROL, "no-store" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Content-Security-Policy", "default-src 'none'" },
	};
	bool whole = response && MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
							 type) == MHD_YES;

	for (size_t i = 0; whole && i < COUNT_OF(headers); i++)
		whole = MHD_add_response_header(response, headers[i][0], headers[i][1]) == MHD_YES;
	if (whole || !response)
		return response;
	MHD_destroy_response(response);
	return NULL;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      struct MHD_Response *response)
{
	enum MHD_Result ret;

	if (!response)
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned int status,
				   const char *type, const char *text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);

	return answer(connection, status, finish_response(response, type));
}

static enum MHD_Result say(struct MHD_Connection *connection, unsigned int status, const char *line)
{
	return answer_text(connection, status, "text/plain; charset=utf-8", line);
}

static enum MHD_Result answer_page(struct MHD_Connection *connection)
{
	char text[sizeof(page) + 128];

	snprintf(text, sizeof(text), page, exitstat_version);
	return answer_text(connection, MHD_HTTP_OK, "text/html; charset=utf-8", text);
}

/* --- metrics ------------------------------------------------------------------------ */

/* Bodies that someone still reads, or may. The callback of libmicrohttpd has nothing else. */
static unsigned int nbodies;

static void free_body(void *text)
{
	free(text);
	nbodies--;
}

static void drop_body(struct body *body)
{
	if (body->response)
		MHD_destroy_response(body->response);
	body->response = NULL;
}

static int make_body(struct http *http, enum metrics_format format)
{
	struct body *body = &http->bodies[format];
	struct MHD_Response *response;
	char *text = NULL;
	size_t len = 0;
	int err = http->metrics(http->arg, format, &text, &len);

	http->failed = err;
	if (err)
		return err;
	nbodies++;
	response = MHD_create_response_from_buffer_with_free_callback(len, text, free_body);
	if (!response)
		free_body(text);
	body->response = finish_response(response, format_type(format));
	body->made_ns = monotonic_ns();
	return body->response ? 0 : -ENOMEM;
}

/* One that is fresh, for as many as ask. */
static enum MHD_Result answer_metrics(struct http *http, struct MHD_Connection *connection)
{
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	enum metrics_format format = format_choose(accept);
	struct body *body = &http->bodies[format];

	if (monotonic_ns() - body->made_ns >= HTTP_FRESH_NS)
		drop_body(body);
	if (!body->response && nbodies >= HTTP_BODIES)
		return say(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
			   "too many slow readers: try again\n");
	if (!body->response && make_body(http, format))
		return say(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory\n");
	return MHD_queue_response(connection, MHD_HTTP_OK, body->response);
}

/* --- requests ----------------------------------------------------------------------- */

static enum MHD_Result take_request(void *arg, struct MHD_Connection *connection, const char *url,
				    const char *method, const char *version,
				    const char *upload_data, size_t *upload_size, void **context)
{
	struct http *http = arg;

	(void)version;
	(void)upload_data;
	(void)upload_size;
	(void)context;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(http, connection);
	if (!strcmp(url, "/healthz"))
		return http->failed ? say(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
					  "the counters could not be read\n")
				    : say(connection, MHD_HTTP_OK, "ok\n");
	if (!strcmp(url, "/"))
		return answer_page(connection);
	return say(connection, MHD_HTTP_NOT_FOUND, "there is /metrics and /healthz\n");
}

/* --- connections --------------------------------------------------------------------- */

static void note_connection(void *arg, struct MHD_Connection *connection, void **context,
			    enum MHD_ConnectionNotificationCode what)
{
	struct http *http = arg;
	struct MHD_Connection *wanted = what == MHD_CONNECTION_NOTIFY_STARTED ? NULL : connection;

	(void)context;
	for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
		if (http->connections[i].connection != wanted)
			continue;
		http->connections[i].connection = wanted ? NULL : connection;
		http->connections[i].since_ns = monotonic_ns();
		return;
	}
}

/* libmicrohttpd's own time-out is of those that do nothing; a byte now and then is something. */
void http_tick(struct http *http)
{
	uint64_t now = monotonic_ns();

	for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
		struct MHD_Connection *connection = http->connections[i].connection;
		const union MHD_ConnectionInfo *info;

		if (!connection || now - http->connections[i].since_ns < HTTP_LIFETIME_NS)
			continue;
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info)
			shutdown(info->connect_fd, SHUT_RDWR);
	}
}

/* --- the loop -------------------------------------------------------------------------- */

/* What libmicrohttpd has yet to do at some time, or has not done yet. */
static int set_timer(struct http *http)
{
	struct itimerspec timer = { 0 };
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(http->daemon, &ms) == MHD_YES) {
		timer.it_value.tv_sec = (time_t)(ms / 1000);
		timer.it_value.tv_nsec = (long)(ms % 1000) * 1000000 + 1;
	}
	return timerfd_settime(http->timer_fd, 0, &timer, NULL) ? -errno : 0;
}

int http_run(struct http *http)
{
	uint64_t expired;

	if (read(http->timer_fd, &expired, sizeof(expired)) < 0 && errno != EAGAIN)
		return -errno;
	MHD_run(http->daemon);
	return set_timer(http);
}

static void say_nothing(void *arg, const char *format, va_list args)
{
	(void)arg;
	(void)format;
	(void)args;
}

static int start(struct http *http, struct loop *loop)
{
	const union MHD_DaemonInfo *info;
	int ret;

	http->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (http->timer_fd < 0)
		return -errno;
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, take_request, http,
		MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL, MHD_OPTION_LISTEN_SOCKET,
		http->listen_fd, MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, HTTP_IDLE_SEC, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)HTTP_REQUEST_SIZE, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, note_connection, http, MHD_OPTION_END);
	info = http->daemon ? MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info)
		return -ENOMEM;
	ret = loop_watch(loop, info->epoll_fd);
	ret = ret ?: loop_watch(loop, http->timer_fd);
	return ret ?: set_timer(http);
}

struct http *http_open(int listen_fd, struct loop *loop, http_metrics_fn metrics, void *arg,
		       struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));
	int ret;

	if (!http) {
		close(listen_fd);
		fail(err, STATUS_FAILED, "out of memory");
		return NULL;
	}
	*http = (struct http){
		.listen_fd = listen_fd, .timer_fd = -1, .metrics = metrics, .arg = arg
	};
	ret = start(http, loop);
	if (!ret)
		return http;
	fail(err, STATUS_FAILED, "cannot serve HTTP: %s", strerror(-ret));
	http_close(http);
	return NULL;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	for (int i = 0; i < METRICS_FORMATS; i++)
		drop_body(&http->bodies[i]);
	if (http->daemon)
		MHD_stop_daemon(http->daemon); /* and close its socket */
	else
		close(http->listen_fd);
	if (http->timer_fd >= 0)
		close(http->timer_fd);
	free(http);
}

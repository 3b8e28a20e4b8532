// SPDX-License-Identifier: GPL-2.0-only
/* HTTP, as it is spoken with strangers. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/listen.h"
#include "cmd/serve_http.h"
#include "unit.h"

/* What is told: how often it was made, and with what length. */
struct told {
	struct http *http;
	struct loop loop;
	struct sockaddr_in address;
	unsigned int made;
	size_t len;
	int fails;
};

static int make(void *arg, enum metrics_format format, char **text, size_t *len)
{
	struct told *told = arg;

	if (told->fails)
		return told->fails;
	told->made++;
	*len = told->len;
	*text = malloc(told->len + 1);
	assert_non_null(*text);
	memset(*text, format == METRICS_OPENMETRICS ? 'o' : 'p', told->len);
	(*text)[snprintf(*text, told->len, "made %u\n", told->made)] = '-';
	return 0;
}

static int begin(void **state)
{
	struct told *told = calloc(1, sizeof(*told));
	struct listen_address address;
	socklen_t len = sizeof(told->address);
	struct error err;
	int fd, pipes[2];

	assert_non_null(told);
	told->len = 100;
	assert_int_equal(listen_parse("127.0.0.1:0", &address), 0);
	fd = listen_open(&address, &err);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&told->address, &len), 0);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(loop_init(&told->loop, &err), 0);
	assert_int_equal(loop_start(&told->loop, NS_OF(1), 0, pipes[0]), 0);
	close(pipes[0]);
	close(pipes[1]);
	told->http = http_open(fd, &told->loop, make, told, &err);
	assert_non_null(told->http);
	*state = told;
	return 0;
}

static int end(void **state)
{
	struct told *told = *state;

	http_close(told->http);
	loop_close(&told->loop);
	sigprocmask(SIG_SETMASK, &told->loop.old_mask, NULL);
	free(told);
	return 0;
}

static int connect_to(struct told *told)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&told->address, sizeof(told->address)))
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

/* Let it do what there is to do, for so long or until there is something to read. */
static bool serve(struct told *told, int fd, unsigned int ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	for (unsigned int i = 0; i <= ms; i++) {
		assert_int_equal(http_run(told->http), 0);
		if (poll(&ready, 1, 1) > 0)
			return true;
	}
	return false;
}

static void send_all(struct told *told, int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		assert_int_equal(http_run(told->http), 0);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		if (n < 0)
			assert_int_equal(errno, EAGAIN);
		text += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
}

/* Until the connection ends; -1: it does not. */
static ssize_t read_all(struct told *told, int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (serve(told, fd, 3000)) {
		n = recv(fd, text + len, size - 1 - len, 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0) {
			text[len] = '\0';
			return (ssize_t)len;
		}
		len += (size_t)n;
		assert_true(len < size - 1);
	}
	return -1;
}

static char got[1 << 20];

static const char *ask(struct told *told, const char *request)
{
	int fd = connect_to(told);

	serve(told, fd, 0);
	send_all(told, fd, request, strlen(request));
	assert_true(read_all(told, fd, got, sizeof(got)) >= 0);
	close(fd);
	return got;
}

static void answers(struct told *told, const char *request, const char *status, const char *text)
{
	const char *answer = ask(told, request);

	if (strncmp(answer, "HTTP/1.", 7) != 0 ||
	    strncmp(answer + 9, status, strlen(status)) != 0 || !strstr(answer, text))
		fail_msg("not %s with '%s' to %s but: %s", status, text, request, answer);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* --- what there is ------------------------------------------------------------- */

static void test_pages(void **state)
{
	struct told *told = *state;

	answers(told, GET("/metrics"), "200", "\r\n\r\nmade 1\n");
	assert_non_null(strstr(got, "Connection: close\r\n"));
	assert_non_null(strstr(got, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(got, "Content-Length: 100\r\n"));
	answers(told, GET("/metrics?name[]=x"), "200", "made 1\n");
	answers(told, GET("/healthz"), "200", "\r\n\r\nok\n");
	answers(told, GET("/"), "200", "<a href=\"/metrics\">");
	assert_non_null(strstr(got, "Content-Security-Policy: default-src 'none'\r\n"));
	answers(told, "GET / HTTP/1.0\r\n\r\n", "200", "exitstat");
	answers(told, GET("/metrics/"), "404", "/metrics");
	answers(told, GET("/../etc/passwd"), "404", "/metrics");
	answers(told, GET("/metrics%00x"), "", "");
}

static void test_head(void **state)
{
	struct told *told = *state;

	answers(told, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "200", "Content-Length: 100");
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
}

static void test_formats(void **state)
{
	struct told *told = *state;

	answers(told,
		"GET /metrics HTTP/1.1\r\nHost: a\r\n"
		"Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n",
		"200", "oooo");
	assert_non_null(strstr(
		got,
		"Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
	answers(told, GET("/metrics"), "200", "pppp");
	answers(told, "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n", "200",
		"pppp");
}

static void test_other_methods(void **state)
{
	static const char *const methods[] = {
		"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"
	};
	struct told *told = *state;
	char request[200];

	for (size_t i = 0; i < COUNT(methods); i++) {
		snprintf(request, sizeof(request), "%s /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
			 methods[i]);
		answers(told, request, "405", "Allow: GET, HEAD\r\n");
	}
	answers(told, "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "405",
		"only GET");
	assert_int_equal(told->made, 0);
}

static void test_no_memory(void **state)
{
	struct told *told = *state;

	told->fails = -ENOMEM;
	answers(told, GET("/metrics"), "503", "memory");
	answers(told, GET("/healthz"), "503", "could not be read");
	told->fails = 0;
	answers(told, GET("/metrics"), "200", "made 1");
	answers(told, GET("/healthz"), "200", "ok");
}

/* Many that ask at a time are told the same. */
static void test_fresh(void **state)
{
	const struct timespec pause = { .tv_nsec = HTTP_FRESH_NS };
	struct told *told = *state;

	for (int i = 0; i < 20; i++)
		ask(told, GET("/metrics"));
	assert_in_range(told->made, 1, 10);
	told->made = 100;
	nanosleep(&pause, NULL);
	answers(told, GET("/metrics"), "200", "made 101\n");
}

/* --- strangers ------------------------------------------------------------------ */

/* An answer, or the end of the connection; and the next one is served. */
static void harmless(struct told *told, const char *request, size_t len)
{
	int fd = connect_to(told);

	serve(told, fd, 0);
	send_all(told, fd, request, len);
	shutdown(fd, SHUT_WR);
	assert_true(read_all(told, fd, got, sizeof(got)) >= 0);
	close(fd);
	answers(told, GET("/healthz"), "200", "ok");
}

static void test_broken_requests(void **state)
{
	static const char *const requests[] = {
		"",
		"\r\n\r\n",
		"GET\r\n\r\n",
		"GET /metrics\r\n\r\n",
		"GET /metrics HTTP/9.9\r\n\r\n",
		"GET /metrics HTTP/1.1\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost a\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: ;;;,,,q=\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", /* TLS */
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET /%zz%%%2 HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	struct told *told = *state;

	for (size_t i = 0; i < COUNT(requests); i++)
		harmless(told, requests[i], strlen(requests[i]));
}

static void test_random_bytes(void **state)
{
	struct told *told = *state;
	uint64_t random = 77;
	char bytes[300];

	for (int round = 0; round < 50; round++) {
		size_t len = next_random(&random) % sizeof(bytes);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)next_random(&random);
		harmless(told, bytes, len);
	}
}

static void test_huge_requests(void **state)
{
	struct told *told = *state;
	size_t len = 1 << 20;
	char *request = malloc(len + 1);

	assert_non_null(request);
	memset(request, 'a', len);
	request[len] = '\0';
	harmless(told, request, len);
	memcpy(request, "GET /", 5);
	harmless(told, request, len);
	memcpy(request, "GET / HTTP/1.1\r\nHost: ", 22);
	harmless(told, request, len);
	for (size_t i = 24; i + 5 < len; i += 5)
		memcpy(request + i, "\r\na:b", 5);
	harmless(told, request, len);
	memcpy(request, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", 53);
	harmless(told, request, len);
	free(request);
}

/* All that is asked for at once is answered once: a connection is for one request. */
static void test_pipelined(void **state)
{
	struct told *told = *state;
	char request[sizeof(GET("/healthz")) * 100] = "";
	const char *answer;

	for (int i = 0; i < 100; i++)
		strcat(request, GET("/healthz"));
	answer = ask(told, request);
	assert_non_null(strstr(answer, "ok\n"));
	assert_null(strstr(strstr(answer, "ok\n"), "HTTP/"));
}

/* A request in pieces is one all the same. */
static void test_slow_writer(void **state)
{
	struct told *told = *state;
	const char *request = GET("/healthz");
	int fd = connect_to(told);

	for (; *request; request++) {
		serve(told, fd, 0);
		send_all(told, fd, request, 1);
	}
	assert_true(read_all(told, fd, got, sizeof(got)) > 0);
	assert_non_null(strstr(got, "ok\n"));
	close(fd);
}

/* More than there is room for at a time: each has its turn. */
static void test_a_thousand_at_once(void **state)
{
	struct told *told = *state;
	int fds[300];

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = connect_to(told);
	for (size_t i = 0; i < COUNT(fds); i++)
		assert_int_equal(send(fds[i], GET("/metrics"), strlen(GET("/metrics")), 0),
				 strlen(GET("/metrics")));
	for (size_t i = 0; i < COUNT(fds); i++) {
		assert_true(read_all(told, fds[i], got, sizeof(got)) > 0);
		assert_non_null(strstr(got, "made "));
		close(fds[i]);
	}
	assert_in_range(told->made, 1, 30);
}

/* Those who read nothing do not keep more than so much of it. */
static void test_slow_readers(void **state)
{
	const struct timespec pause = { .tv_nsec = HTTP_FRESH_NS };
	struct told *told = *state;
	int fds[HTTP_BODIES];

	told->len = 8 << 20;
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = connect_to(told);
		send_all(told, fds[i], GET("/metrics"), strlen(GET("/metrics")));
		serve(told, fds[i], 500);
		nanosleep(&pause, NULL);
	}
	assert_int_equal(told->made, HTTP_BODIES);
	answers(told, GET("/metrics"), "503", "slow readers");
	answers(told, GET("/healthz"), "200", "ok");
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	told->len = 100;
	nanosleep(&pause, NULL);
	serve(told, -1, 50);
	answers(told, GET("/metrics"), "200", "made ");
}

/* Whoever says nothing goes, and whoever says a byte now and then as well. */
static void test_time_is_limited(void **state)
{
	struct told *told = *state;
	int idle = connect_to(told), slow = connect_to(told);
	uint64_t start = monotonic_ns();
	bool ended = false;

	while (!ended && monotonic_ns() - start < HTTP_LIFETIME_NS + NS_OF(5)) {
		ended = serve(told, slow, 500);
		if (!ended)
			send_all(told, slow, "G", 1);
		http_tick(told->http);
		if (monotonic_ns() - start > NS_OF(HTTP_IDLE_SEC + 3) && idle >= 0) {
			assert_true(read_all(told, idle, got, sizeof(got)) >= 0);
			close(idle);
			idle = -1;
		}
	}
	assert_int_equal(idle, -1);
	assert_true(ended);
	assert_true(read_all(told, slow, got, sizeof(got)) >= 0);
	close(slow);
	answers(told, GET("/healthz"), "200", "ok");
}

#define http_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

UNIT_TESTS(serve_http)
{
	const struct CMUnitTest tests[] = {
		http_test(test_pages),		 http_test(test_head),
		http_test(test_formats),	 http_test(test_other_methods),
		http_test(test_no_memory),	 http_test(test_fresh),
		http_test(test_broken_requests), http_test(test_random_bytes),
		http_test(test_huge_requests),	 http_test(test_pipelined),
		http_test(test_slow_writer),	 http_test(test_a_thousand_at_once),
		http_test(test_slow_readers),	 http_test(test_time_is_limited),
	};

	RUN_GROUP(tally, "serve_http", tests);
}

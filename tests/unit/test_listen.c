// SPDX-License-Identifier: GPL-2.0-only
/* Sockets to listen on: addresses, and what systemd hands over. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/listen.h"
#include "unit.h"

static void test_addresses(void **state)
{
	static const char *const right[] = { "127.0.0.1:9877", "0.0.0.0:1",  "10.1.2.3:65535",
					     "127.0.0.1:0",    "[::1]:9877", "[fe80::1:2]:80",
					     "[::]:9877" };
	static const char *const wrong[] = {
		"",
		":",
		":9877",
		"9877",
		"127.0.0.1",
		"127.0.0.1:",
		"localhost:1",
		"127.0.0.1:65536",
		"127.1:80",
		"127.0.0.1:-1",
		"1.2.3.4: 1",
		" 1.2.3.4:1",
		"::1:9877",
		"[::1]",
		"[::1]:",
		"[::1:80",
		"[]:80",
		"[1.2.3.4]:80",
		"*:80",
		"1.2.3.4:80x",
		"[::1]x:80",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:80",
	};
	struct listen_address address;

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++)
		if (listen_parse(right[i], &address))
			fail_msg("'%s' was refused", right[i]);
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (!listen_parse(wrong[i], &address))
			fail_msg("'%s' was taken", wrong[i]);
	assert_int_equal(listen_parse("[::1]:9877", &address), 0);
	assert_int_equal(address.v6.sin6_family, AF_INET6);
	assert_int_equal(ntohs(address.v6.sin6_port), 9877);
	assert_int_equal(address.len, sizeof(address.v6));
}

static int open_on(const char *text, struct error *err)
{
	struct listen_address address;

	assert_int_equal(listen_parse(text, &address), 0);
	return listen_open(&address, err);
}

static void test_open(void **state)
{
	struct error err;
	int fd = open_on("127.0.0.1:0", &err), value = 0;
	socklen_t len = sizeof(value);
	char text[LISTEN_TEXT_LEN];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len), 0);
	assert_int_equal(value, 1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	listen_text(fd, text);
	assert_int_equal(strncmp(text, "127.0.0.1:", 10), 0);
	/* There is another one now. */
	assert_int_equal(open_on(text, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.text, "another port"));
	close(fd);
	assert_int_equal(open_on("192.0.2.1:80", &err), -1);
	assert_non_null(strstr(err.text, "an address of this host"));
}

static void test_text_of_others(void **state)
{
	struct sockaddr_un address = { AF_UNIX, "/tmp/exitstat\n-unit" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[LISTEN_TEXT_LEN];

	(void)state;
	listen_text(fd, text);
	assert_string_equal(text, "a socket");
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	listen_text(fd, text);
	assert_string_equal(text, "/tmp/exitstat?-unit");
	unlink(address.sun_path);
	close(fd);
	listen_text(-1, text);
	assert_string_equal(text, "a socket");
}

/* --- systemd's ----------------------------------------------------------------- */

enum handed {
	NOTHING,
	A_LISTENER,
	A_SOCKET,
	A_DATAGRAM_SOCKET,
	A_FILE,
};

static int make_handed(enum handed what)
{
	struct error err;

	switch (what) {
	case A_LISTENER:
		return open_on("127.0.0.1:0", &err);
	case A_SOCKET:
		return socket(AF_INET, SOCK_STREAM, 0);
	case A_DATAGRAM_SOCKET:
		return socket(AF_INET, SOCK_DGRAM, 0);
	case A_FILE:
		return open("/dev/null", O_RDWR);
	case NOTHING:
		break;
	}
	return -1;
}

/* In a child, as descriptor 3 is wanted. */
static void inherit(enum handed what, const char *pid, const char *fds)
{
	struct error err = { 0 };
	char self[16];
	int fd, ret;

	close(3);
	ret = make_handed(what);
	if (ret >= 0 && ret != 3)
		dup2(ret, 3);
	snprintf(self, sizeof(self), "%d", getpid());
	if (pid)
		setenv("LISTEN_PID", *pid ? pid : self, 1);
	if (fds)
		setenv("LISTEN_FDS", fds, 1);
	setenv("LISTEN_FDNAMES", "name", 1);
	ret = listen_inherit(&fd, &err);
	if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES"))
		leave(100);
	if (ret)
		leave(strstr(err.text, "systemd") && err.status == STATUS_FAILED ? 1 : 101);
	if (fd == 3 && !(fcntl(3, F_GETFD) & FD_CLOEXEC && fcntl(3, F_GETFL) & O_NONBLOCK))
		leave(102);
	leave(fd == 3 ? 3 : fd == -1 ? 0 : 103);
}

static void test_handed_over(void **state)
{
	/* 0: nothing was, 1: refused, 3: that descriptor. An empty pid stands for the right one. */
	static const struct {
		enum handed what;
		const char *pid, *fds;
		int status;
	} cases[] = {
		{ NOTHING, NULL, NULL, 0 },	   { A_LISTENER, "", "1", 3 },
		{ A_LISTENER, "", "0", 0 },	   { A_LISTENER, "", NULL, 0 },
		{ A_LISTENER, NULL, "1", 0 },	   { A_LISTENER, "1", "1", 0 },
		{ A_LISTENER, "x", "1", 0 },	   { A_LISTENER, "", "2", 1 },
		{ A_LISTENER, "", "x", 1 },	   { A_LISTENER, "", "-1", 1 },
		{ A_LISTENER, "", "99999999", 1 }, { A_SOCKET, "", "1", 1 },
		{ A_DATAGRAM_SOCKET, "", "1", 1 }, { A_FILE, "", "1", 1 },
		{ NOTHING, "", "1", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (!pid)
			inherit(cases[i].what, cases[i].pid, cases[i].fds);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != cases[i].status)
			fail_msg("case %zu: %d instead of %d", i, WEXITSTATUS(status),
				 cases[i].status);
	}
}

UNIT_TESTS(listen)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_text_of_others),
		cmocka_unit_test(test_handed_over),
	};

	RUN_GROUP(tally, "listen", tests);
}

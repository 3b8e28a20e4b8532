// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "model/vmname.h"

/* A process chooses its own name, and we print it on root's terminal. */
static void make_printable(char *name)
{
	size_t left = strlen(name);
	mbstate_t state = { 0 };
	wchar_t c;

	while (left) {
		size_t n = mbrtowc(&c, name, left, &state);

		if (n == (size_t)-1 || n == (size_t)-2 || !iswprint(c)) {
			memset(&state, 0, sizeof(state));
			if (n == (size_t)-1 || n == (size_t)-2)
				n = 1;
			memset(name, '?', n);
		}
		name += n;
		left -= n;
	}
}

/*
 * -name takes "NAME" or "debug-threads=on,guest=NAME"; a comma within a value is
 * doubled (QEMU, util/qemu-option.c).
 */
static void parse_name_option(char name[VM_NAME_LEN], const char *value)
{
	char part[VM_NAME_LEN];

	for (bool first = true; *value; first = false) {
		size_t n = 0;

		for (; *value; value++) {
			if (*value == ',' && *++value != ',')
				break;
			if (n + 1 < sizeof(part))
				part[n++] = *value;
		}
		part[n] = '\0';
		if (!strncmp(part, "guest=", 6)) {
			memmove(name, part + 6, n - 5);
			return;
		}
		if (first && !strchr(part, '='))
			memcpy(name, part, n + 1);
	}
}

static bool is_qemu(const char *argv0, size_t len)
{
	const char *slash = memrchr(argv0, '/', len);
	const char *base = slash ? slash + 1 : argv0;

	return strstr(base, "qemu") || strstr(base, "kvm");
}

void vm_name_of_cmdline(char name[VM_NAME_LEN], const char *cmdline, size_t len, const char *comm)
{
	const char *end = cmdline + len, *arg = cmdline, *next;

	snprintf(name, VM_NAME_LEN, "%s", comm);
	if (!len || end[-1] || !is_qemu(cmdline, strlen(cmdline)))
		goto out;
	for (; arg < end; arg = next) {
		next = arg + strlen(arg) + 1;
		if (next < end && *next && (!strcmp(arg, "-name") || !strcmp(arg, "--name"))) {
			parse_name_option(name, next);
			break;
		}
	}
	if (!name[0])
		snprintf(name, VM_NAME_LEN, "%s", comm);
out:
	make_printable(name);
}

void vm_name(char name[VM_NAME_LEN], uint32_t pid, const char *comm)
{
	char path[64], cmdline[32768];
	ssize_t len = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, cmdline, sizeof(cmdline) - 1);
		close(fd);
	}
	if (len < 0)
		len = 0;
	if (len > 0 && cmdline[len - 1])
		cmdline[len++] = '\0';
	vm_name_of_cmdline(name, cmdline, (size_t)len, comm);
}

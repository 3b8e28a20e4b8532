// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/printable.h"
#include "fuzz.h"

/* As main() of the programs does. */
__attribute__((constructor)) static void prepare(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

void fuzz_broken(const char *file, int line, const char *what, const char *value)
{
	fprintf(stderr, "%s:%d: not so: %s %s\n", file, line, what, value);
	abort();
}

const char *fuzz_file(int which, const void *data, size_t size)
{
	static char names[2][32];
	static int fds[2];

	if (!fds[which]) {
		fds[which] = memfd_create("input", MFD_CLOEXEC);
		snprintf(names[which], sizeof(names[which]), "/proc/self/fd/%d", fds[which]);
	}
	EXPECT(fds[which] > 0 && !ftruncate(fds[which], 0));
	EXPECT(pwrite(fds[which], data, size, 0) == (ssize_t)size);
	return names[which];
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	EXPECT(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

void expect_printable(const char *text)
{
	char *copy = strdup(text);

	EXPECT(copy);
	make_printable(copy);
	EXPECT_SAME(copy, text);
	free(copy);
}

void expect_error(const struct error *err)
{
	EXPECT(memchr(err->text, '\0', sizeof(err->text)));
	EXPECT(err->text[0]);
	EXPECT(err->status >= STATUS_FAILED && err->status <= STATUS_CANNOT);
	expect_printable(err->text);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "doc/elf_symbols.h"
#include "doc/guest_symbols.h"
#include "doc/kallsyms.h"

static bool is_elf(FILE *file)
{
	char magic[SELFMAG] = "";
	bool found = fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
		     !memcmp(magic, ELFMAG, sizeof(magic));

	rewind(file);
	return found;
}

static int read_file(struct symbols *symbols, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	char name[256];
	int ret;

	snprintf(name, sizeof(name), "%s", path);
	make_printable(name);
	if (!file)
		return fail(err, STATUS_FAILED, "cannot open %s: %s", name, strerror(errno));
	ret = is_elf(file) ? elf_symbols_read(symbols, fileno(file), name, err)
			   : kallsyms_read(symbols, file, name, err);
	fclose(file);
	return ret;
}

int guest_symbols_read(struct guests_symbols *guests, const char *argument, struct error *err)
{
	const char *path = strchr(argument, '=');
	char *vm = path ? strndup(argument, (size_t)(path - argument)) : NULL;
	struct guest_symbols *guest = vm ? guests_symbols_add(guests, vm) : NULL;

	free(vm);
	if (!guest)
		return fail(err, STATUS_FAILED, "out of memory for a guest's symbols");
	return read_file(&guest->symbols, path + 1, err);
}

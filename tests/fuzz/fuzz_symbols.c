// SPDX-License-Identifier: GPL-2.0-only
/* A guest's symbols: a copy of its /proc/kallsyms, or its vmlinux. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/guest_symbols.h"
#include "fuzz.h"

/* In order, and each found from its first address to its last, where it is code. */
static void expect_symbols(const struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->n; i++) {
		const struct symbol *symbol = &symbols->list[i];
		const struct symbol *next = i + 1 < symbols->n ? symbol + 1 : NULL;

		EXPECT(symbol_name_is_good(symbol->name));
		EXPECT(strlen(symbol->name) < SYMBOL_NAME_LEN);
		EXPECT(!next || next->address > symbol->address);
		EXPECT(symbol->end >= symbol->address);
		if (symbol->end == symbol->address)
			continue;
		EXPECT(symbols_find(symbols, symbol->address) == (symbol->code ? symbol : NULL));
		if (!next || next->address >= symbol->end)
			EXPECT(symbols_find(symbols, symbol->end - 1) ==
			       (symbol->code ? symbol : NULL));
	}
}

/* As a document has it. */
static void expect_kept(const struct symbol *symbol)
{
	struct kept_symbols kept = { 0 };
	char text[SYMBOL_NAME_LEN + 8];
	const struct symbol *found;

	snprintf(text, sizeof(text), "%s+0x5", symbol->name);
	found = symbol->address <= UINT64_MAX - 5 ? symbols_keep(&kept, symbol->address + 5, text)
						  : NULL;
	if (found) {
		EXPECT(found->address == symbol->address);
		EXPECT_SAME(found->name, symbol->name);
	} else {
		EXPECT(symbol->address > UINT64_MAX - 5);
	}
	kept_symbols_free(&kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guests_symbols guests = { 0 };
	char argument[256];
	struct error err;

	snprintf(argument, sizeof(argument), "vm=%s", fuzz_file(0, data, size));
	if (guest_symbols_read(&guests, argument, &err)) {
		expect_error(&err);
	} else {
		expect_symbols(&guests.list[0].symbols);
		expect_kept(&guests.list[0].symbols.list[0]);
	}
	guests_symbols_free(&guests);
	return 0;
}

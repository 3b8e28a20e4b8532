/* SPDX-License-Identifier: GPL-2.0-only */
/* What is at an address of a guest: its kernel's functions. */
#ifndef EXITSTAT_MODEL_SYMBOLS_H
#define EXITSTAT_MODEL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* With its 0; a longer name is cut. */
#define SYMBOL_NAME_LEN 128

struct symbol {
	uint64_t address, end;
	bool code; /* else it only says where other symbols end */
	char *name;
};

/* By address, no two of the same, once it is finished. */
struct symbols {
	size_t n;
	struct symbol *list;
};

/* size 0: it is not known, and ends where the next begins. 0 or -ENOMEM. */
int symbols_add(struct symbols *symbols, uint64_t address, uint64_t size, bool code,
		const char *name);
/* All have been added. */
void symbols_finish(struct symbols *symbols);
/* The function that the address is in; NULL: none. */
const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address);
void symbols_free(struct symbols *symbols);

/* Whether a symbol may be called that: text without blanks, which no terminal minds. */
bool symbol_name_is_good(const char *name);

/* --- by VM ------------------------------------------------------------------------------- */

struct guest_symbols {
	char *vm; /* its pid, or its name */
	bool used;
	struct symbols symbols;
};

struct guests_symbols {
	size_t n;
	struct guest_symbols *list;
};

/* For a VM, without any symbols yet. NULL: no memory. */
struct guest_symbols *guests_symbols_add(struct guests_symbols *guests, const char *vm);
/* Give the RIPs of the VMs their symbols, which must outlive the snapshot. */
void guests_symbols_apply(struct guests_symbols *guests, struct snapshot *snap);
void guests_symbols_free(struct guests_symbols *guests);

/* --- one by one, as a document has them ---------------------------------------------------- */

struct kept_symbols {
	size_t n;
	struct symbol **list;
};

/* That of "name+0x12", which is the text at that address. NULL: it is not, or no memory. */
const struct symbol *symbols_keep(struct kept_symbols *kept, uint64_t address, const char *text);
void kept_symbols_free(struct kept_symbols *kept);

#endif

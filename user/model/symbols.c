// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/number.h"
#include "model/keys.h"
#include "model/symbols.h"

/* No function is longer: what lies behind the last symbol is none of it. */
#define LONGEST 0x10000u

bool symbol_name_is_good(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~')
			return false;
	return true;
}

int symbols_add(struct symbols *symbols, uint64_t address, uint64_t size, bool code,
		const char *name)
{
	char *copy = strndup(name, SYMBOL_NAME_LEN - 1);
	struct symbol *symbol = copy ? array_append(&symbols->list, &symbols->n, sizeof(*symbol))
				     : NULL;

	if (!symbol) {
		free(copy);
		return -ENOMEM;
	}
	*symbol = (struct symbol){ .address = address, .code = code, .name = copy };
	/* At the top of the address space there may be less than that. */
	symbol->end = size && size <= UINT64_MAX - address ? address + size : 0;
	return 0;
}

/* Of those at one address the first is kept: code, of known size, by name. */
static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->code != y->code)
		return x->code ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void keep_one_of_each(struct symbols *symbols)
{
	size_t kept = 0;

	for (size_t i = 0; i < symbols->n; i++) {
		if (kept && symbols->list[kept - 1].address == symbols->list[i].address)
			free(symbols->list[i].name);
		else
			symbols->list[kept++] = symbols->list[i];
	}
	symbols->n = kept;
}

void symbols_finish(struct symbols *symbols)
{
	array_sort(symbols->list, symbols->n, sizeof(*symbols->list), by_address);
	keep_one_of_each(symbols);
	for (size_t i = 0; i < symbols->n; i++) {
		struct symbol *symbol = &symbols->list[i];
		uint64_t most = UINT64_MAX - symbol->address;

		if (symbol->end)
			continue;
		symbol->end = symbol->address + (most < LONGEST ? most : LONGEST);
		if (i + 1 < symbols->n && symbol[1].address < symbol->end)
			symbol->end = symbol[1].address;
	}
}

const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->n;
	const struct symbol *symbol;

	/* The first that lies behind it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	symbol = &symbols->list[low - 1];
	return symbol->code && address < symbol->end ? symbol : NULL;
}

void symbols_free(struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->n; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	*symbols = (struct symbols){ 0 };
}

/* --- by VM ------------------------------------------------------------------------------- */

struct guest_symbols *guests_symbols_add(struct guests_symbols *guests, const char *vm)
{
	char *copy = strdup(vm);
	struct guest_symbols *guest = copy ? array_append(&guests->list, &guests->n, sizeof(*guest))
					   : NULL;

	if (guest)
		guest->vm = copy;
	else
		free(copy);
	return guest;
}

static struct guest_symbols *find_guest(struct guests_symbols *guests, const struct vm_stat *vm)
{
	uint64_t pid;

	for_each_element(guest, guests->list, guests->n)
		if (!strcmp(guest->vm, vm->name) ||
		    (!parse_u64(guest->vm, 1, UINT32_MAX, &pid) && pid == vm->pid))
			return guest;
	return NULL;
}

static void apply_one(struct detail *detail, const struct symbols *symbols)
{
	if (detail->kind == EXITSTAT_RIP)
		detail->symbol = symbols_find(symbols, detail->key);
}

static void apply(struct reason_stat *reason, const struct symbols *symbols)
{
	for_each_element(detail, reason->details.list, reason->details.n)
		apply_one(detail, symbols);
	for_each_element(slow, reason->slow, reason->nslow)
		apply_one(&slow->key, symbols);
}

void guests_symbols_apply(struct guests_symbols *guests, struct snapshot *snap)
{
	for_each_vm(vm, snap) {
		struct guest_symbols *guest = find_guest(guests, vm);

		if (!guest)
			continue;
		guest->used = true;
		for_each_vcpu(vcpu, vm)
			for_each_reason(reason, vcpu)
				apply(reason, &guest->symbols);
	}
}

void guests_symbols_free(struct guests_symbols *guests)
{
	for_each_element(guest, guests->list, guests->n) {
		free(guest->vm);
		symbols_free(&guest->symbols);
	}
	free(guests->list);
	*guests = (struct guests_symbols){ 0 };
}

/* --- one by one ---------------------------------------------------------------------------- */

static struct symbol *new_symbol(uint64_t address, const char *name, size_t len)
{
	struct symbol *symbol = calloc(1, sizeof(*symbol));
	char *copy = symbol ? strndup(name, len) : NULL;

	if (!copy) {
		free(symbol);
		return NULL;
	}
	*symbol = (struct symbol){ .address = address, .code = true, .name = copy };
	return symbol;
}

static void free_symbol(struct symbol *symbol)
{
	if (symbol)
		free(symbol->name);
	free(symbol);
}

const struct symbol *symbols_keep(struct kept_symbols *kept, uint64_t address, const char *text)
{
	const char *plus = strrchr(text, '+');
	struct detail detail = { .kind = EXITSTAT_RIP, .key = address };
	struct symbol *symbol, **place;
	char name[KEY_NAME_LEN];
	uint64_t offset;

	if (!plus || plus == text || plus - text >= SYMBOL_NAME_LEN ||
	    parse_u64(plus + 1, 0, address, &offset))
		return NULL;
	symbol = new_symbol(address - offset, text, (size_t)(plus - text));
	detail.symbol = symbol;
	place = symbol && key_name(name, &detail) && !strcmp(name, text)
			? array_append(&kept->list, &kept->n, sizeof(symbol))
			: NULL;
	if (place)
		*place = symbol;
	else
		free_symbol(symbol);
	return place ? symbol : NULL;
}

void kept_symbols_free(struct kept_symbols *kept)
{
	for (size_t i = 0; i < kept->n; i++)
		free_symbol(kept->list[i]);
	free(kept->list);
	*kept = (struct kept_symbols){ 0 };
}

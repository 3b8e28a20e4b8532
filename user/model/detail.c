// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/detail.h"
#include "model/symbols.h"

struct detail *details_add(struct details *details, const struct detail *detail)
{
	struct detail *new = array_append(&details->list, &details->n, sizeof(*new));

	if (new)
		*new = *detail;
	return new;
}

/* Guests of which each has another function at that address. */
static int compare_symbols(const struct symbol *a, const struct symbol *b)
{
	int order;

	if (!a || !b)
		return !!a - !!b;
	order = strcmp(a->name, b->name);
	return order ?: (a->address > b->address) - (a->address < b->address);
}

int details_compare(const struct detail *a, const struct detail *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->access != b->access)
		return a->access < b->access ? -1 : 1;
	return compare_symbols(a->symbol, b->symbol);
}

static int by_key(const void *a, const void *b)
{
	return details_compare(a, b);
}

void details_sort(struct details *details)
{
	array_sort(details->list, details->n, sizeof(*details->list), by_key);
}

void details_free(struct details *details)
{
	free(details->list);
	*details = (struct details){ 0 };
}

int details_subtract(struct details *growth, const struct details *now,
		     const struct details *before)
{
	size_t b = 0;

	*growth = (struct details){ 0 };
	for (size_t i = 0; i < now->n; i++) {
		struct detail detail = now->list[i];

		while (b < before->n && details_compare(&before->list[b], &detail) < 0)
			b++;
		if (b < before->n && !details_compare(&before->list[b], &detail)) {
			detail.count -= before->list[b].count;
			detail.accesses -= before->list[b].accesses;
			detail.sum_ns -= before->list[b].sum_ns;
		}
		if (detail.count && !details_add(growth, &detail)) {
			details_free(growth);
			return -ENOMEM;
		}
	}
	return 0;
}

int details_accumulate(struct details *sum, const struct details *src)
{
	struct details merged = { 0 };
	size_t a = 0, b = 0;

	while (a < sum->n || b < src->n) {
		const struct detail *x = a < sum->n ? &sum->list[a] : NULL;
		const struct detail *y = b < src->n ? &src->list[b] : NULL;
		int order = !x ? 1 : !y ? -1 : details_compare(x, y);
		struct detail detail = order <= 0 ? *x : *y;

		if (!order) {
			detail.count += y->count;
			detail.accesses += y->accesses;
			detail.sum_ns += y->sum_ns;
		}
		a += order <= 0;
		b += order >= 0;
		if (!details_add(&merged, &detail)) {
			details_free(&merged);
			return -ENOMEM;
		}
	}
	details_free(sum);
	*sum = merged;
	return 0;
}

struct detail details_total(const struct details *details)
{
	struct detail total = { 0 };

	for (size_t i = 0; i < details->n; i++) {
		total.count += details->list[i].count;
		total.accesses += details->list[i].accesses;
		total.sum_ns += details->list[i].sum_ns;
	}
	return total;
}

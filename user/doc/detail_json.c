// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/array.h"
#include "base/jsonwrite.h"
#include "base/number.h"
#include "doc/detail_json.h"
#include "doc/scale.h"
#include "model/keys.h"

/* Scaled one by one, times would not add up: each is what their sum grows by. */
struct growing {
	uint64_t ns, cycles;
	uint32_t khz;
};

static uint64_t add_ns(struct growing *sum, uint64_t ns)
{
	uint64_t before = sum->cycles;

	sum->ns += ns;
	sum->cycles = scale_cycles(sum->ns, sum->khz);
	return sum->cycles - before;
}

/* Of the exits that are in no key: 0 where all are. */
static struct detail without_key(const struct reason_stat *reason)
{
	struct detail none = details_total(&reason->details);

	return (struct detail){ .kind = DETAIL_NONE,
				.count = reason->count - none.count,
				.sum_ns = reason->sum_ns - none.sum_ns };
}

static bool is_key(const struct detail *detail)
{
	return detail->kind < EXITSTAT_KINDS;
}

static const char *const hypervisors[] = {
	[EXITSTAT_KVM] = "kvm", [EXITSTAT_HYPERV] = "hyper-v", [EXITSTAT_XEN] = "xen"
};

/* Two numbers make some of them, of which the upper half is one. */
static void write_key(json_t **made, const struct detail *detail)
{
	uint32_t upper = (uint32_t)(detail->key >> 32);
	char text[KEY_TEXT_LEN];

	switch (detail->kind) {
	case EXITSTAT_CPUID:
		jsonwrite_member(made, "key", integer((uint32_t)detail->key));
		if (exitstat_has_subleaves((uint32_t)detail->key))
			jsonwrite_member(made, "subleaf", integer(upper));
		break;
	case EXITSTAT_HYPERCALL:
		jsonwrite_member(made, "key", integer((uint32_t)detail->key));
		jsonwrite_member(made, "hypervisor", json_string(hypervisors[upper % 3]));
		break;
	case EXITSTAT_RIP:
		/* Above what JSON readers have of numbers, in a kernel. */
		key_text(text, detail);
		jsonwrite_member(made, "key", json_string(text));
		break;
	default:
		jsonwrite_member(made, "key", integer(detail->key));
	}
}

json_t *detail_write_key(const struct detail *detail)
{
	bool has_access = is_key(detail) && access_name(detail->kind, detail->access);
	bool executes = has_access && detail->access == EXITSTAT_EXECUTE;
	char name[KEY_NAME_LEN];
	json_t *made = json_pack("{s:s}", "kind", kind_name(detail->kind));

	if (is_key(detail))
		write_key(&made, detail);
	if (is_key(detail) && key_name(name, detail))
		jsonwrite_member(&made, "name", json_string(name));
	if (has_access)
		jsonwrite_member(&made, "write", json_boolean(detail->access == EXITSTAT_WRITE));
	if (executes)
		jsonwrite_member(&made, "execute", json_true());
	return made;
}

static json_t *write_detail(const struct detail *detail, struct growing *sum)
{
	json_t *made = detail_write_key(detail);

	jsonwrite_member(&made, "count", integer(detail->count));
	if (detail->kind != DETAIL_NONE)
		jsonwrite_member(&made, "accesses", integer(detail->accesses));
	jsonwrite_member(&made, "cycles", integer(add_ns(sum, detail->sum_ns)));
	return made;
}

json_t *detail_write(const struct reason_stat *reason, uint32_t khz)
{
	const struct detail none = without_key(reason);
	struct growing sum = { .khz = khz };
	json_t *list = json_array();
	bool failed = !list;

	for_each_element(detail, reason->details.list, reason->details.n)
		failed = failed || json_array_append_new(list, write_detail(detail, &sum));
	if (none.count)
		failed = failed || json_array_append_new(list, write_detail(&none, &sum));
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}

/* --- back ---------------------------------------------------------------------------- */

struct reader {
	struct jsonread *json;
	struct reason_stat *reason;
	struct kept_symbols *symbols;
	struct growing sum;
	uint64_t count;
};

static uint8_t read_kind(struct jsonread *json, const json_t *from)
{
	const char *text = jsonread_text(json, from, "kind");

	for (uint8_t kind = 0; kind <= DETAIL_NONE; kind++)
		if (!strcmp(text, kind_name(kind)))
			return kind;
	jsonread_fail(json, "kind", "a kind of keys, rest or none");
	return DETAIL_NONE;
}

static uint64_t read_number(struct reader *reader, const json_t *from, const char *key)
{
	return jsonread_u64(reader->json, from, key, INT64_MAX);
}

static uint64_t read_hypervisor(struct jsonread *json, const json_t *from)
{
	const char *text = jsonread_text(json, from, "hypervisor");

	for (uint64_t i = 0; i < COUNT_OF(hypervisors); i++)
		if (!strcmp(text, hypervisors[i]))
			return i;
	jsonread_fail(json, "hypervisor", "kvm, hyper-v or xen");
	return 0;
}

/* As key_text() writes it. */
static uint64_t read_rip(struct jsonread *json, const json_t *from)
{
	const char *text = jsonread_text(json, from, "key");
	struct detail detail = { .kind = EXITSTAT_RIP };
	char written[KEY_TEXT_LEN];

	if (!strncmp(text, "0x", 2) && !parse_u64(text, 0, UINT64_MAX, &detail.key)) {
		key_text(written, &detail);
		if (!strcmp(written, text))
			return detail.key;
	}
	jsonread_fail(json, "key", "an address");
	return 0;
}

static uint64_t read_key(struct jsonread *json, const json_t *from, uint8_t kind)
{
	uint64_t lower;

	if (kind == EXITSTAT_RIP)
		return read_rip(json, from);
	if (kind != EXITSTAT_CPUID && kind != EXITSTAT_HYPERCALL)
		return jsonread_u64(json, from, "key", INT64_MAX);
	lower = jsonread_u64(json, from, "key", UINT32_MAX);
	if (kind == EXITSTAT_HYPERCALL)
		return lower | read_hypervisor(json, from) << 32;
	if (exitstat_has_subleaves((uint32_t)lower))
		lower |= jsonread_u64(json, from, "subleaf", UINT32_MAX) << 32;
	return lower;
}

/* The guest's, which only it can tell. */
static const struct symbol *read_symbol(struct jsonread *json, const json_t *from, uint64_t key,
					struct kept_symbols *symbols)
{
	const json_t *name = jsonread_member(json, from, "name", JSON_STRING, false);
	const struct symbol *symbol;

	if (!name)
		return NULL;
	symbol = symbols_keep(symbols, key, jsonread_text(json, from, "name"));
	if (!symbol)
		jsonread_fail(json, "name", "a function and how far into it the key is");
	return symbol;
}

/* There where the key has one, and then that. */
static void check_name(struct jsonread *json, const json_t *from, const struct detail *detail)
{
	const char *text = json_string_value(json_object_get(from, "name"));
	char name[KEY_NAME_LEN];
	bool named = is_key(detail) && key_name(name, detail);

	if (named != !!json_object_get(from, "name") || (named && (!text || strcmp(text, name))))
		jsonread_fail(json, "name", "the key's name, if it has one");
}

static uint8_t read_access(struct jsonread *json, const json_t *from, uint8_t kind)
{
	bool has = kind < EXITSTAT_KINDS && access_name(kind, EXITSTAT_WRITE);
	const json_t *write = json_object_get(from, "write");
	const json_t *execute = json_object_get(from, "execute");

	if (has != json_is_boolean(write) || (execute && !json_is_true(execute)) ||
	    (execute && (kind != EXITSTAT_FAULT || json_is_true(write))))
		jsonread_fail(json, execute ? "execute" : "write",
			      "what is done to keys of this kind");
	if (execute)
		return EXITSTAT_EXECUTE;
	return json_is_true(write) ? EXITSTAT_WRITE : EXITSTAT_READ;
}

struct detail detail_read_key(struct jsonread *json, const json_t *from,
			      struct kept_symbols *symbols)
{
	struct detail detail = { .kind = read_kind(json, from) };

	detail.access = read_access(json, from, detail.kind);
	if (is_key(&detail))
		detail.key = read_key(json, from, detail.kind);
	if (detail.kind == EXITSTAT_RIP)
		detail.symbol = read_symbol(json, from, detail.key, symbols);
	check_name(json, from, &detail);
	return detail;
}

/* The ns that the sum grows by when it grows by so many cycles. */
static uint64_t read_cycles(struct reader *reader, const json_t *from)
{
	struct growing *sum = &reader->sum;
	uint64_t cycles = read_number(reader, from, "cycles"), before = sum->ns;

	if (cycles > INT64_MAX - sum->cycles || !scale_ns(sum->cycles + cycles, sum->khz, &sum->ns))
		jsonread_fail(reader->json, "cycles", "a part of the reason's");
	sum->cycles += cycles;
	return sum->ns - before;
}

static bool is_after(const struct details *list, const struct detail *detail)
{
	return !list->n || details_compare(&list->list[list->n - 1], detail) < 0;
}

static void read_detail(void *into, const json_t *from)
{
	struct reader *reader = into;
	struct detail detail = detail_read_key(reader->json, from, reader->symbols);

	detail.count = read_number(reader, from, "count");
	if (detail.kind != DETAIL_NONE)
		detail.accesses = read_number(reader, from, "accesses");
	detail.sum_ns = read_cycles(reader, from);
	if (!detail.count || detail.count > reader->reason->count - reader->count)
		jsonread_fail(reader->json, "count", "a part of the reason's count");
	else if (!is_after(&reader->reason->details, &detail))
		jsonread_fail(reader->json, "kind", "in order, and each key once");
	if (reader->json->failed)
		return;
	reader->count += detail.count;
	if (detail.kind != DETAIL_NONE && !details_add(&reader->reason->details, &detail))
		jsonread_no_memory(reader->json);
}

void detail_read(struct jsonread *json, const json_t *from, struct reason_stat *reason,
		 struct kept_symbols *symbols, uint32_t khz)
{
	struct reader reader = {
		.json = json, .reason = reason, .symbols = symbols, .sum = { .khz = khz }
	};

	jsonread_each(json, from, "detail", true, read_detail, &reader);
	if (reader.count != reason->count)
		jsonread_fail(json, "detail", "counts that add up to the reason's");
	else if (reader.sum.cycles != scale_cycles(reason->sum_ns, khz))
		jsonread_fail(json, "detail", "cycles that add up to the reason's");
}

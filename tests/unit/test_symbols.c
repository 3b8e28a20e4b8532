// SPDX-License-Identifier: GPL-2.0-only
/* A guest's symbols: read from text and ELF, found by address, written and read with RIPs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doc/elf_symbols.h"
#include "doc/guest_symbols.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "doc/kallsyms.h"
#include "model/keys.h"
#include "shown.h"
#include "unit.h"
#include "view/tables.h"

static int read_text(struct symbols *symbols, const char *text, size_t len, struct error *err)
{
	FILE *file = fmemopen((void *)text, len, "r");
	int ret;

	assert_non_null(file);
	ret = kallsyms_read(symbols, file, "copy", err);
	fclose(file);
	return ret;
}

/* "name" or "-" for each address. */
static void at(const struct symbols *symbols, uint64_t address, const char *expected)
{
	const struct symbol *symbol = symbols_find(symbols, address);

	if (strcmp(symbol ? symbol->name : "-", expected))
		fail_msg("0x%llx is in %s, not %s", (unsigned long long)address,
			 symbol ? symbol->name : "-", expected);
}

static const char kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			       "0000000000032000 A __per_cpu_end\n"
			       "ffffffff81000080 T second\n"
			       "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000080 d a_label_of_data\n"
			       "ffffffff81000100 W weak\n"
			       "ffffffff81000200 D data\n"
			       "ffffffff81000300 t local.cold\n"
			       "ffffffffc0001000 t func\t[a_module]\n"
			       "ffffffffc0001000 T again\t[a_module]\n";

static void test_kallsyms(void **state)
{
	struct symbols symbols;
	struct error err;

	(void)state;
	assert_int_equal(read_text(&symbols, kallsyms, strlen(kallsyms), &err), 0);
	assert_int_equal(symbols.n, 8);
	at(&symbols, 0, "-");
	at(&symbols, 0x7fff12345678, "-");
	at(&symbols, 0xffffffff80ffffff, "-");
	at(&symbols, 0xffffffff81000000, "_stext");
	at(&symbols, 0xffffffff8100007f, "_stext");
	at(&symbols, 0xffffffff81000080, "second");
	at(&symbols, 0xffffffff810000ff, "second");
	at(&symbols, 0xffffffff81000100, "weak");
	at(&symbols, 0xffffffff81000200, "-");
	at(&symbols, 0xffffffff810002ff, "-");
	at(&symbols, 0xffffffff81000300, "local.cold");
	at(&symbols, 0xffffffff810102ff, "local.cold");
	at(&symbols, 0xffffffff81010300, "-"); /* no function is so long */
	at(&symbols, 0xffffffffc0001fff, "again");
	at(&symbols, UINT64_MAX, "-");
	symbols_free(&symbols);
}

static void test_long_name(void **state)
{
	char text[600];
	struct symbols symbols;
	struct error err;

	(void)state;
	snprintf(text, sizeof(text), "1000 T %0511d\n", 7);
	assert_int_equal(read_text(&symbols, text, strlen(text), &err), 0);
	assert_int_equal(strlen(symbols.list[0].name), SYMBOL_NAME_LEN - 1);
	symbols_free(&symbols);
}

static void refused(const char *text, size_t len, const char *why)
{
	struct symbols symbols;
	struct error err;

	assert_int_equal(read_text(&symbols, text, len, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("not '%s': %s", why, err.text);
	symbols_free(&symbols);
}

#define REFUSED(text, why) refused(text, strlen(text), why)

static void test_refused(void **state)
{
	static const char with_zero[] = "1000 T a\n1000 T b\0c\n";
	char text[1200];

	(void)state;
	REFUSED("0000000000000000 T _text\n0000000000000000 t a\n", "kptr_restrict");
	REFUSED("0000000000001000 D data\n", "no symbols of code");
	REFUSED("0000000000000000 t code\n0000000000001000 D data\n", "no symbols of code");
	REFUSED("\n", "line 1");
	REFUSED("1000 T a\nhello\n", "copy, line 2");
	REFUSED("1000 T a", "line 1"); /* the file is cut off */
	REFUSED("1000 T a\r\n", "line 1");
	REFUSED(" 1000 T a\n", "line 1");
	REFUSED("1000  T a\n", "line 1");
	REFUSED("1000 T\n", "line 1");
	REFUSED("1000 T \n", "line 1");
	REFUSED("1000 7 a\n", "line 1");
	REFUSED("1000 TT a\n", "line 1");
	REFUSED("0x1000 T a\n", "line 1");
	REFUSED("-1000 T a\n", "line 1");
	REFUSED("11111111111111111 T a\n", "line 1");
	REFUSED("1000 T a b\n", "line 1");
	REFUSED("1000 T a\033[2J\n", "line 1");
	REFUSED("1000 T a\tmodule\n", "line 1");
	REFUSED("1000 T a\t[]\n", "line 1");
	REFUSED("1000 T a\t[b]\t[c]\n", "line 1");
	REFUSED("1000 T \xc3\xa4\n", "line 1");
	refused(with_zero, sizeof(with_zero) - 1, "line 2");
	snprintf(text, sizeof(text), "1000 T %01100d\n", 7);
	REFUSED(text, "line 1");
}

/* --- ELF --------------------------------------------------------------------------------- */

/* This program: its own functions are where its symbols say, but for where it was loaded. */
static void test_elf(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const struct symbol *main_symbol = NULL, *find_symbol = NULL;
	struct symbols symbols;
	struct error err;

	(void)state;
	assert_true(fd >= 0);
	if (elf_symbols_read(&symbols, fd, "unit", &err))
		fail_msg("%s", err.text);
	close(fd);
	for (size_t i = 0; i < symbols.n; i++) {
		assert_true(!i || symbols.list[i - 1].address < symbols.list[i].address);
		if (!strcmp(symbols.list[i].name, "main"))
			main_symbol = &symbols.list[i];
		if (!strcmp(symbols.list[i].name, "symbols_find"))
			find_symbol = &symbols.list[i];
	}
	assert_non_null(main_symbol);
	assert_non_null(find_symbol);
	at(&symbols, find_symbol->address, "symbols_find");
	at(&symbols, find_symbol->end - 1, "symbols_find");
	symbols_free(&symbols);
}

/* A file with these bytes. */
static void write_file(char *path, const void *data, size_t size)
{
	int fd;

	strcpy(path, "/tmp/exitstat-unit.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static void test_files(void **state)
{
	struct guests_symbols guests = { 0 };
	char path[64], argument[128];
	struct error err;

	(void)state;
	write_file(path, kallsyms, strlen(kallsyms));
	snprintf(argument, sizeof(argument), "web1=%s", path);
	assert_int_equal(guest_symbols_read(&guests, argument, &err), 0);
	assert_string_equal(guests.list[0].vm, "web1");
	at(&guests.list[0].symbols, 0xffffffff81000100, "weak");
	unlink(path);
	assert_int_equal(guest_symbols_read(&guests, argument, &err), -1);
	assert_non_null(strstr(err.text, "cannot open"));
	write_file(path, "\177ELF", 4);
	snprintf(argument, sizeof(argument), "web1=%s", path);
	assert_int_equal(guest_symbols_read(&guests, argument, &err), -1);
	assert_non_null(strstr(err.text, path));
	unlink(path);
	snprintf(argument, sizeof(argument), "100=/proc/self/exe");
	assert_int_equal(guest_symbols_read(&guests, argument, &err), 0);
	assert_int_equal(guests.n, 4);
	assert_int_equal(guest_symbols_read(&guests, "x=/proc/self/maps", &err), -1);
	assert_non_null(strstr(err.text, "line 1"));
	guests_symbols_free(&guests);
}

/* --- RIPs -------------------------------------------------------------------------------- */

#define RIP 0xffffffff81000090

static void add_symbol(struct guests_symbols *guests, const char *vm, const char *name)
{
	struct guest_symbols *guest = guests_symbols_add(guests, vm);

	assert_non_null(guest);
	assert_int_equal(symbols_add(&guest->symbols, RIP - 0x10, 0, true, name), 0);
	symbols_finish(&guest->symbols);
}

static void add_rip(struct vm_stat *vm, uint64_t rip)
{
	struct reason_stat *reason = &vm->vcpus[0].reasons[0];

	assert_non_null(details_add(
		&reason->details,
		&(struct detail){ .kind = EXITSTAT_RIP, .key = rip, .count = 1, .accesses = 1 }));
	details_sort(&reason->details);
}

static void make(struct snapshot *snap, struct run *run)
{
	sample_snapshot(snap);
	add_rip(&snap->vms[0], RIP);
	add_rip(&snap->vms[0], 0x7f0000000000);
	add_rip(&snap->vms[1], RIP);
	sample_run(run, snap);
	run->kinds = 1u << EXITSTAT_RIP;
}

static void test_apply(void **state)
{
	struct guests_symbols guests = { 0 };
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	make(&snap, &run);
	add_symbol(&guests, "web1", "of_web");
	add_symbol(&guests, "200", "of_db");
	add_symbol(&guests, "300", "of_nobody");
	guests_symbols_apply(&guests, &snap);
	assert_true(guests.list[0].used);
	assert_true(guests.list[1].used);
	assert_false(guests.list[2].used);
	text = shown_summary(&run, BY_REASON);
	/* Two VMs, one address, two functions: two rows. */
	assert_non_null(strstr(text, "of_web+0x10 "));
	assert_non_null(strstr(text, "of_db+0x10 "));
	assert_non_null(strstr(text, "0x7f0000000000 "));
	assert_null(strstr(text, "of_nobody"));
	free(text);
	snapshot_free(&snap);
	guests_symbols_free(&guests);
}

static json_t *first_detail(json_t *doc)
{
	json_t *vcpus = json_object_get(json_array_get(json_object_get(doc, "vms"), 0), "vcpus");
	json_t *reasons = json_object_get(json_array_get(vcpus, 0), "reasons");

	return json_array_get(json_object_get(json_array_get(reasons, 0), "detail"), 1);
}

/* Written, with this member changed, and read. */
static int read_with(const char *key, json_t *value, struct error *err)
{
	struct guests_symbols guests = { 0 };
	struct host_document read;
	struct snapshot snap;
	struct run run;
	json_t *doc, *second;
	int ret;

	make(&snap, &run);
	add_symbol(&guests, "web1", "of_web");
	guests_symbols_apply(&guests, &snap);
	doc = export_json(&run);
	assert_string_equal(json_string_value(json_object_get(first_detail(doc), "key")),
			    "0xffffffff81000090");
	assert_string_equal(json_string_value(json_object_get(first_detail(doc), "name")),
			    "of_web+0x10");
	if (key)
		json_object_set_new(first_detail(doc), key, value);
	ret = host_read(&read, "file", doc, err);
	if (!ret) {
		run = host_document_run(&read);
		second = export_json(&run);
		assert_true(json_equal(doc, second));
		json_decref(second);
		host_document_free(&read);
	}
	json_decref(doc);
	snapshot_free(&snap);
	guests_symbols_free(&guests);
	return ret;
}

static void refused_in_document(const char *key, json_t *value)
{
	struct error err;

	if (!read_with(key, value, &err))
		fail_msg("%s is taken", key);
	if (!strstr(err.text, key))
		fail_msg("%s: %s", key, err.text);
}

static void test_documents(void **state)
{
	struct error err;

	(void)state;
	if (read_with(NULL, NULL, &err))
		fail_msg("%s", err.text);
	assert_int_equal(read_with("name", json_string("a+b+0x0"), &err), 0);
	refused_in_document("name", json_string("of_web"));
	refused_in_document("name", json_string("+0x10"));
	refused_in_document("name", json_string("of_web+"));
	refused_in_document("name", json_string("of_web+16"));
	refused_in_document("name", json_string("of_web+0x010"));
	refused_in_document("name", json_string("of_web+0xA"));
	refused_in_document("name", json_string("of_web+0xffffffffffffffff"));
	refused_in_document("name", json_integer(7));
	refused_in_document("key", json_integer(7));
	refused_in_document("key", json_string("7"));
	refused_in_document("key", json_string("0x07"));
	refused_in_document("key", json_string("0x1ffffffffffffffff"));
}

UNIT_TESTS(symbols)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kallsyms),  cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_elf),
		cmocka_unit_test(test_files),	  cmocka_unit_test(test_apply),
		cmocka_unit_test(test_documents),
	};

	RUN_GROUP(tally, "a guest's symbols", tests);
}

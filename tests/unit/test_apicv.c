// SPDX-License-Identifier: GPL-2.0-only
/* What inhibits APICv: subtracted, named, written and read, and as people see it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/host_read.h"
#include "doc/host_write.h"
#include "shown.h"
#include "unit.h"
#include "view/tables.h"

#define ABSENT	  2
#define PIT_REINJ 3

static const struct apicv_host names = {
	.use = APICV_ON,
	.n = 4,
	.names = { "DISABLE", "HYPERV", "ABSENT", "PIT_REINJ" },
};

/* The sample's VMs, of a host that has these names. */
struct world {
	struct host host;
	struct snapshot snap;
	struct run run;
	struct apicv *web, *db;
};

static void make(struct world *world, uint64_t web, uint64_t db)
{
	sample_snapshot(&world->snap);
	sample_run(&world->run, &world->snap);
	world->host = sample_host;
	world->host.apicv = names;
	world->run.host = &world->host;
	world->web = &world->snap.vms[0].apicv;
	world->db = &world->snap.vms[1].apicv;
	*world->web = (struct apicv){ .known = true, .inhibits = web };
	*world->db = (struct apicv){ .known = true, .inhibits = db };
}

static void test_subtract(void **state)
{
	struct apicv before = { .known = true, .inhibits = 1, .set[2] = 3, .cleared[31] = 5 };
	struct apicv now = { .known = true, .inhibits = 4, .set[2] = 7, .cleared[31] = 5 };
	struct apicv growth = apicv_subtract(&now, &before);

	(void)state;
	assert_int_equal(growth.inhibits, 4);
	assert_int_equal(growth.set[2], 4);
	assert_int_equal(growth.cleared[31], 0);
	assert_true(apicv_has_changed(&growth));
	growth = apicv_subtract(&now, &now);
	assert_true(growth.known);
	assert_false(apicv_has_changed(&growth));
}

static void test_interval(void **state)
{
	struct snapshot growth;
	struct world before, now;

	(void)state;
	make(&before, 0, 1);
	make(&now, 4, 1);
	before.web->set[ABSENT] = 1;
	now.web->set[ABSENT] = 3;
	assert_int_equal(snapshot_subtract(&growth, &now.snap, &before.snap), 0);
	assert_int_equal(growth.vms[0].apicv.set[ABSENT], 2);
	assert_int_equal(growth.vms[0].apicv.inhibits, 4);
	assert_int_equal(growth.vms[1].apicv.inhibits, 1);
	snapshot_free(&growth);
	snapshot_free(&before.snap);
	snapshot_free(&now.snap);
}

static void test_names(void **state)
{
	struct apicv_host host = names;
	char name[APICV_NAME_LEN], text[APICV_TEXT_LEN];

	(void)state;
	apicv_reason_name(name, &host, PIT_REINJ);
	assert_string_equal(name, "PIT_REINJ");
	apicv_reason_name(name, &host, 31);
	assert_string_equal(name, "reason 31");
	assert_int_equal(apicv_find_reason(&host, "PIT_REINJ"), PIT_REINJ);
	assert_int_equal(apicv_find_reason(&host, "reason 31"), 31);
	assert_int_equal(apicv_find_reason(&host, "reason 3"), EXITSTAT_INHIBITS);
	assert_int_equal(apicv_find_reason(&host, "reason 32"), EXITSTAT_INHIBITS);
	apicv_reason_text(text, &host, ABSENT);
	assert_string_equal(text, "no interrupt controller in the kernel");
	strcpy(host.names[1], "NEW_IN_KVM");
	apicv_reason_text(text, &host, 1);
	assert_string_equal(text, "new in kvm");
	assert_string_equal(apicv_name(EXITSTAT_ISA_SVM), "AVIC");
	assert_string_equal(apicv_name(EXITSTAT_ISA_VMX), "APICv");
	assert_string_equal(apicv_parameter(EXITSTAT_ISA_SVM), "kvm_amd.avic");
	assert_string_equal(apicv_name(77), "APICv");
}

/* --- documents --------------------------------------------------------------------------- */

static void is_the_same(const struct run *run)
{
	json_t *first = export_json(run), *second;
	struct host_document read;
	struct error err;
	struct run again;

	assert_non_null(first);
	if (host_read(&read, "first", first, &err))
		fail_msg("%s", err.text);
	again = host_document_run(&read);
	second = export_json(&again);
	assert_true(json_equal(first, second));
	json_decref(first);
	json_decref(second);
	host_document_free(&read);
}

static void test_documents(void **state)
{
	struct world world;

	(void)state;
	make(&world, 1 << PIT_REINJ | 1u << 31, 1 << ABSENT);
	world.web->set[PIT_REINJ] = 3;
	world.web->cleared[30] = INT64_MAX;
	is_the_same(&world.run);
	world.db->known = false;
	world.host.apicv.use = APICV_OFF;
	is_the_same(&world.run);
	world.host.apicv.use = APICV_UNKNOWN;
	is_the_same(&world.run);
	world.host.apicv.n = 0;
	is_the_same(&world.run);
	snapshot_free(&world.snap);
}

/* A member of the first VM's, or where vm is not set of the host's, is this instead. */
static void refused(bool vm, const char *key, json_t *value, const char *where)
{
	struct host_document read;
	struct world world;
	struct error err;
	json_t *doc, *of;

	make(&world, 1 << ABSENT | 1 << PIT_REINJ, 0);
	world.web->set[PIT_REINJ] = 3;
	doc = export_json(&world.run);
	of = vm ? json_array_get(json_object_get(doc, "vms"), 0) : json_object_get(doc, "host");
	json_object_set_new(json_object_get(of, "apicv"), key, value);
	assert_int_equal(host_read(&read, "file", doc, &err), -1);
	if (!strstr(err.text, where))
		fail_msg("not %s: %s", where, err.text);
	json_decref(doc);
	snapshot_free(&world.snap);
}

static void test_refused(void **state)
{
	(void)state;
	refused(false, "on", json_integer(1), "apicv.on");
	refused(false, "reasons", json_null(), "apicv.reasons");
	refused(false, "reasons", json_pack("[s,s]", "ABSENT", "ABSENT"), "apicv.reasons");
	refused(false, "reasons", json_pack("[i]", 5), "apicv.reasons");
	refused(true, "active", json_true(), "apicv.active");
	refused(true, "inhibited", json_null(), "inhibited");
	refused(true, "inhibited", json_pack("[s]", "nothing"), "apicv.inhibited");
	refused(true, "inhibited", json_pack("[s,s]", "PIT_REINJ", "ABSENT"), "apicv.inhibited");
	refused(true, "changes",
		json_pack("[{s:s,s:i,s:i}]", "reason", "x", "set", 1, "cleared", 1), "reason");
	refused(true, "changes",
		json_pack("[{s:s,s:i,s:i}]", "reason", "ABSENT", "set", 0, "cleared", 0), "set");
}

/* --- what people see --------------------------------------------------------------------- */

static void summary_says(const struct run *run, const char *line, bool expected)
{
	char *text = shown_summary(run, BY_VM);

	if (!!strstr(text, line) != expected)
		fail_msg("%s '%s': %s", expected ? "no" : "there is", line, text);
	free(text);
}

static void test_summary(void **state)
{
	struct world world;

	(void)state;
	make(&world, 0, 0);
	summary_says(&world.run, "\nAPICv: all 2 VMs: active\n", true);
	world.db->inhibits = 1 << ABSENT | 1 << PIT_REINJ;
	summary_says(&world.run, "\nAPICv: web1 (pid 100): active\n", true);
	summary_says(
		&world.run,
		"\nAPICv: db (pid 200): inhibited by no interrupt controller in the kernel, PIT "
		"reinjection\n",
		true);
	*world.db = *world.web;
	world.web->set[PIT_REINJ] = 7;
	world.web->cleared[PIT_REINJ] = 8;
	world.web->set[1] = 1;
	summary_says(
		&world.run,
		"\nAPICv: web1 (pid 100): active; changes: Hyper-V's AutoEOI (set 1, cleared 0), PIT "
		"reinjection (set 7, cleared 8)\n",
		true);
	summary_says(&world.run, "\nAPICv: db (pid 200): active\n", true);
	world.web->known = false;
	summary_says(&world.run, "\nAPICv: web1 (pid 100): not known what inhibits it\n", true);
	summary_says(&world.run, "\nAPICv: db (pid 200): active\n", true);
	world.db->known = false;
	world.host.apicv.use = APICV_UNKNOWN;
	summary_says(&world.run, "APICv", false);
	world.host.apicv.use = APICV_ON;
	summary_says(&world.run, "\nAPICv: on; not known what inhibits it\n", true);
	world.host.apicv.use = APICV_OFF;
	world.host.isa = EXITSTAT_ISA_SVM;
	summary_says(&world.run, "\nAVIC: off on this host", true);
	summary_says(&world.run, "kvm_amd.avic is N", true);
	snapshot_free(&world.snap);
}

/* A guest's name is hostile. */
static void test_printable(void **state)
{
	struct world world;

	(void)state;
	make(&world, 0, 1);
	strcpy(world.snap.vms[0].name, "a\033b");
	summary_says(&world.run, "\033", false);
	snapshot_free(&world.snap);
}

UNIT_TESTS(apicv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subtract),  cmocka_unit_test(test_interval),
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_documents),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_summary),
		cmocka_unit_test(test_printable),
	};

	RUN_GROUP(tally, "what inhibits APICv", tests);
}

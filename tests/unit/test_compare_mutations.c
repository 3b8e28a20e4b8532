// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each number that compare reads, changed by one: what finds it? The seal; and where the
 * seal was made anew, or KVM itself is wrong: the reader, answers, snapshots. The table
 * that this prints is in README.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_run.h"
#include "doc/seal.h"
#include "pair_sample.h"
#include "unit.h"

#define MAX_KINDS 80

/* Changes of one kind, and how many of them are found, each by this alone. */
struct kind {
	char name[96];
	size_t changes;
	size_t sealed;	 /* named by the seal */
	size_t refused;	 /* named when the document is read */
	size_t answers;	 /* or when it is compared */
	size_t counts;	 /* the same where the host's document has no answers */
	size_t anything; /* with answers; something is found, perhaps another number */
};

struct mutation {
	json_t *host, *guest, *without; /* answers */
	size_t nkinds;
	struct kind kinds[MAX_KINDS];
};

/* vms[0].vcpus[1].id -> vms.vcpus.id */
static void kind_of(char *kind, const char *path)
{
	for (; *path; path++) {
		if (*path == '[')
			path = strchr(path, ']');
		else
			*kind++ = *path;
	}
	*kind = '\0';
}

static struct kind *find_kind(struct mutation *mutation, const char *document, const char *path)
{
	char below[256], name[96];
	size_t i = 0;

	kind_of(below, path);
	snprintf(name, sizeof(name), "%s: %.80s", document, below);
	while (i < mutation->nkinds && strcmp(mutation->kinds[i].name, name))
		i++;
	assert_true(i < MAX_KINDS);
	mutation->nkinds += i == mutation->nkinds;
	strcpy(mutation->kinds[i].name, name);
	return &mutation->kinds[i];
}

static bool is_named(struct compare_run *run, const char *path, bool *refused, bool *anything)
{
	bool named = names(run, path) || (run->ret && strstr(run->err.text, path));

	*refused = run->ret && strstr(run->err.text, path);
	*anything = run->ret || findings_wrong(&run->findings);
	end_run(run);
	return named;
}

/* The same number, if the document without answers has it. */
static json_t *find(json_t *value, const char *path)
{
	char *copy = strdup(path), *rest = copy, *word;

	while (value && (word = strsep(&rest, ".[]"))) {
		if (!*word)
			continue;
		value = json_is_array(value) ? json_array_get(value, strtoul(word, NULL, 10))
					     : json_object_get(value, word);
	}
	free(copy);
	return value;
}

static void change(struct mutation *mutation, json_t *number, const char *document,
		   const char *path, json_int_t delta)
{
	bool is_host = mutation->host && !strcmp(document, "host"), refused, anything;
	json_t *twin = is_host ? find(mutation->without, path) : NULL;
	struct kind *kind = find_kind(mutation, document, path);
	json_int_t value = json_integer_value(number);
	struct seal_fault fault;

	json_integer_set(number, value + delta);
	if (twin)
		json_integer_set(twin, value + delta);
	kind->changes++;
	kind->sealed += seal_check(is_host ? mutation->host : mutation->guest, &fault) ==
				SEAL_ONE &&
			!strcmp(fault.path, path) && fault.written == value;
	if (is_named(compare_documents(mutation->without, mutation->guest), path, &refused,
		     &anything) &&
	    (twin || !is_host))
		kind->counts++;
	if (is_named(compare_documents(mutation->host, mutation->guest), path, &refused, &anything))
		kind->answers++;
	kind->refused += refused;
	kind->anything += anything;
	json_integer_set(number, value);
	if (twin)
		json_integer_set(twin, value);
}

static void change_all(struct mutation *mutation, json_t *value, const char *document,
		       const char *path)
{
	char below[256];
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member) {
		if (!strcmp(key, "seal"))
			continue;
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
		change_all(mutation, member, document, below);
	}
	json_array_foreach(value, i, member) {
		/* Of hundreds of answers, and of snapshots, some do. */
		if (json_array_size(value) > 40 && i % 23)
			continue;
		snprintf(below, sizeof(below), "%s[%zu]", path, i);
		change_all(mutation, member, document, below);
	}
	for (int delta = -1; json_is_integer(value) && delta <= 1; delta += 2)
		change(mutation, value, document, path, delta);
}

/* --- KVM itself is wrong ------------------------------------------------------------------ */

static void set_register(json_t *answer, const char *key, uint32_t value)
{
	json_integer_set(json_object_get(answer, key), value);
}

/* KVM gives a number that is wrong: the guest has it, and the host saw it. */
static void kvm_answers(struct mutation *mutation, size_t r, uint32_t code, const char *field,
			int64_t delta)
{
	uint32_t leaf = !strcmp(field, "count")	 ? 0x4ffffffd
			: !strcmp(field, "away") ? 0x4ffffffa
						 : 0x4ffffffc;
	bool is_count = leaf == 0x4ffffffd;
	json_t *reasons, *answers, *number = NULL, *reason, *answer;
	struct kind *kind = find_kind(mutation, "KVM", field);
	char path[96];
	json_int_t value;
	bool refused, anything;
	size_t i;

	reasons = find(mutation->guest, "readings");
	reasons = json_object_get(json_array_get(reasons, r), "reasons");
	json_array_foreach(reasons, i, reason) {
		if (json_integer_value(json_object_get(reason, "code")) != code)
			continue;
		number = json_object_get(reason, field);
		snprintf(path, sizeof(path), "readings[%zu].reasons[%zu].%s", r, i, field);
	}
	assert_non_null(number);
	value = json_integer_value(number);
	answers = find(mutation->host, "answers.given");
	json_array_foreach(answers, i, answer) {
		if (json_integer_value(json_object_get(answer, "leaf")) != leaf ||
		    json_integer_value(json_object_get(answer, "subleaf")) != code ||
		    json_integer_value(json_object_get(answer, is_count ? "eax" : "ecx")) != value)
			continue;
		set_register(answer, is_count ? "eax" : "ecx", (uint32_t)(value + delta));
		json_integer_set(number, value + delta);
	}
	kind->changes++;
	kind->answers += is_named(compare_documents(mutation->host, mutation->guest), path,
				  &refused, &anything);
	kind->anything += anything;
	kind->counts += is_named(compare_documents(mutation->without, mutation->guest), path,
				 &refused, &anything);
	json_array_foreach(answers, i, answer)
		if (json_integer_value(json_object_get(answer, "leaf")) == leaf &&
		    json_integer_value(json_object_get(answer, "subleaf")) == code &&
		    json_integer_value(json_object_get(answer, is_count ? "eax" : "ecx")) ==
			    value + delta)
			set_register(answer, is_count ? "eax" : "ecx", (uint32_t)value);
	json_integer_set(number, value);
}

static void change_kvm(struct mutation *mutation)
{
	static const uint32_t codes[] = { PAIR_IO, PAIR_HLT, PAIR_MSR };

	for (size_t r = 0; r < 4; r++) {
		for (size_t i = 0; i < COUNT(codes); i++) {
			kvm_answers(mutation, r, codes[i], "count", 1);
			kvm_answers(mutation, r, codes[i], "count", -1);
			/* More than away; and less than half of what the host has timed. */
			kvm_answers(mutation, r, codes[i], "handled", 500000000);
			kvm_answers(mutation, r, codes[i], "away", -2000);
		}
	}
}

/* --- the table --------------------------------------------------------------------------- */

static void print_table(const struct mutation *mutation)
{
	print_message(
		"| changed by one | changes | seal | refused when read | named, with answers |"
		" named, without | anything |\n| --- | --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < mutation->nkinds; i++) {
		const struct kind *k = &mutation->kinds[i];

		print_message("| %s | %zu | %zu | %zu | %zu | %zu | %zu |\n", k->name, k->changes,
			      k->sealed, k->refused, k->answers, k->counts, k->anything);
	}
}

static const struct kind *kind_named(const struct mutation *mutation, const char *name)
{
	for (size_t i = 0; i < mutation->nkinds; i++)
		if (!strcmp(mutation->kinds[i].name, name))
			return &mutation->kinds[i];
	fail_msg("no %s", name);
	return NULL;
}

static void begin(struct mutation *mutation)
{
	pair_begin()->takes_answers = true;
	pair_at_rest();
	mutation->host = pair_host();
	mutation->guest = pair_guest();
	mutation->without = json_deep_copy(mutation->host);
	json_object_del(mutation->without, "answers");
}

static void end(struct mutation *mutation)
{
	json_decref(mutation->host);
	json_decref(mutation->guest);
	json_decref(mutation->without);
	pair_end();
}

static void test_each_number(void **state)
{
	static const char *const sums[] = { "readings.reasons.count", "readings.reasons.handled",
					    "readings.reasons.away",  "readings.total.count",
					    "readings.total.handled", "readings.total.away" };
	struct mutation mutation = { 0 };
	char name[64];

	(void)state;
	begin(&mutation);
	change_all(&mutation, mutation.host, "host", "");
	change_all(&mutation, mutation.guest, "guest", "");
	change_kvm(&mutation);
	print_table(&mutation);
	for (size_t i = 0; i < mutation.nkinds; i++)
		if (strncmp(mutation.kinds[i].name, "KVM", 3))
			assert_int_equal(mutation.kinds[i].sealed, mutation.kinds[i].changes);
	/* Whatever was read is an answer of KVM, or it is named. */
	for (size_t i = 0; i < COUNT(sums); i++) {
		snprintf(name, sizeof(name), "guest: %s", sums[i]);
		assert_int_equal(kind_named(&mutation, name)->answers,
				 kind_named(&mutation, name)->changes);
	}
	/* At rest between snapshots there is one right count, whoever says what. */
	assert_int_equal(kind_named(&mutation, "KVM: count")->answers, 24);
	assert_int_equal(kind_named(&mutation, "KVM: handled")->answers, 12);
	end(&mutation);
}

UNIT_TESTS(compare_mutations)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_number),
	};

	RUN_GROUP(tally, "compare, each number changed", tests);
}

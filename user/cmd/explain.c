// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/args.h"
#include "base/array.h"
#include "base/near.h"
#include "base/number.h"
#include "base/printable.h"
#include "base/sysfile.h"
#include "bpf/exitstat.h"
#include "cmd/command.h"
#include "cmd/explain.h"
#include "cmd/explain_file.h"
#include "model/explain.h"
#include "model/reasons.h"
#include "view/explanation.h"

#define MOST_HINTS 4

static const uint32_t isas[] = { EXITSTAT_ISA_VMX, EXITSTAT_ISA_SVM };

/* --- which reason --------------------------------------------------------------------------- */

static bool find_code(uint32_t isa, const char *text, uint32_t *reason)
{
	uint64_t number;

	if (parse_u64(text, 0, UINT32_MAX, &number))
		return reason_find(isa, text, reason);
	*reason = (uint32_t)number;
	return explain_reason(isa, reason_code(isa, *reason));
}

static bool find_flag(const char *text, uint32_t *flags)
{
	uint64_t number;

	if (!parse_u64(text, EXITSTAT_VMX_BASIC_MASK + 1, UINT32_MAX, &number) &&
	    !(number & EXITSTAT_VMX_BASIC_MASK)) {
		*flags |= (uint32_t)number;
		return true;
	}
	for (uint32_t flag = 1u << 31; flag > EXITSTAT_VMX_BASIC_MASK; flag >>= 1) {
		const char *name = reason_flag_name(flag);

		if (!name || strcasecmp(name, text))
			continue;
		*flags |= flag;
		return true;
	}
	return false;
}

/* As reason_name() writes it: a code, and on VMX flags behind it, each after a +. */
static bool find_reason(uint32_t isa, const char *text, uint32_t *reason)
{
	char copy[REASON_NAME_LEN], *rest = copy;
	uint32_t flags = 0;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	if (!find_code(isa, strsep(&rest, "+"), reason))
		return false;
	while (rest)
		if (isa != EXITSTAT_ISA_VMX || !find_flag(strsep(&rest, "+"), &flags))
			return false;
	*reason |= flags;
	return true;
}

/* Is it the name or number of a reason of one of the ISAs that are asked for? */
static bool is_reason(uint32_t isa, const char *text)
{
	uint32_t reason;

	for (size_t i = 0; i < COUNT_OF(isas); i++)
		if ((!isa || isa == isas[i]) && find_reason(isas[i], text, &reason))
			return true;
	return false;
}

/* --- options -------------------------------------------------------------------------------- */

static const char doc[] =
	"Tell what an exit reason is, when KVM makes the CPU take it, what makes many of them and "
	"what to look at next; without REASON, list all. REASON is a name in any case, such as NPF "
	"or EPT_VIOLATION+BUS_LOCK, or a number. Of a FILE that 'exitstat-bpf --json' or 'record' "
	"wrote, tell what its exits are consistent with, and what people change then. Needs no "
	"root and no KVM."
	"\v"
	"A FILE has a '/' or a '.' in its name, or is a file and no reason; - is stdin.\n"
	"\n"
	"Exit status: 0 ok, 1 failed, 2 wrong usage, or a reason that is not known, 3 FILE cannot "
	"be read.";

static const struct argp_option table[] = {
	{ "isa", 'a', "vmx|svm", 0, "Of Intel's or AMD's only (default: both)", 0 },
	{ "json", 'j', "FILE", 0, "Of a FILE: write what is said of it as JSON, too; - is stdout",
	  0 },
	{ 0 },
};

struct parse {
	struct explain_options *options;
	struct error *err;
};

static int set_isa(struct parse *parse, const char *arg)
{
	for (size_t i = 0; i < COUNT_OF(isas); i++) {
		if (strcmp(isa_name(isas[i]), arg))
			continue;
		parse->options->isa = isas[i];
		return 0;
	}
	return args_wrong(parse->err, "--isa", arg, "vmx or svm");
}

/* No reason has a / or a . in its name; of those without a reason goes first. */
static bool is_file(const char *text)
{
	return strpbrk(text, "/.") || !strcmp(text, "-") ||
	       (*text && file_exists(text) && !is_reason(0, text));
}

static error_t choose_file(struct parse *parse)
{
	struct explain_options *options = parse->options;

	if (options->reason && is_file(options->reason)) {
		options->file = options->reason;
		options->reason = NULL;
	}
	if (options->file && options->isa)
		return args_wrong(parse->err, "--isa", isa_name(options->isa),
				  "given with a reason: a file says itself of which it is");
	if (options->json && !options->file)
		return args_wrong(parse->err, "--json", options->json,
				  "given with a FILE that 'exitstat-bpf --json' wrote");
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;

	switch (key) {
	case 'a':
		return set_isa(parse, arg);
	case ARGP_KEY_ARG:
		if (parse->options->reason)
			return args_wrong(parse->err, "argument", arg, "one reason or file only");
		parse->options->reason = arg;
		return 0;
	case 'j':
		return args_file(parse->err, "--json", arg, &parse->options->json);
	case ARGP_KEY_END:
		return choose_file(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "[REASON|FILE]",
	.doc = doc,
};

int explain_options_parse(struct explain_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	*options = (struct explain_options){ 0 };
	return args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err);
}

/* --- which was meant -------------------------------------------------------------------------- */

/* It begins with that word, or has it behind a _, or some letters are wrong. */
static bool is_near(const char *name, const char *word)
{
	const char *at = strstr(name, word);
	size_t letters = strlen(word) / 2;

	return (at && (at == name || at[-1] == '_')) ||
	       distance(name, word) <= (letters < NEAR ? letters : NEAR);
}

/* Names like it, each once though both ISAs have it: "CPUID, HLT". */
static void add_hints(char *hints, size_t size, uint32_t isa, const char *text)
{
	char name[REASON_NAME_LEN];
	uint32_t code;

	for (uint64_t next = 0, n = 0; reason_next(isa, &next) && n < MOST_HINTS; next++) {
		size_t len = strlen(hints);

		reason_name(name, isa, (uint32_t)next);
		if (!is_near(name, text) || (isa == EXITSTAT_ISA_SVM && *hints &&
					     reason_find(EXITSTAT_ISA_VMX, name, &code)))
			continue;
		snprintf(hints + len, size - len, "%s%s", *hints ? ", " : "", name);
		n++;
	}
}

static int fail_unknown(const struct explain_options *options, struct error *err)
{
	char text[REASON_NAME_LEN] = "", hints[2 * MOST_HINTS * REASON_NAME_LEN] = "";

	/* A letter or two are like everything. */
	if (strlen(options->reason) > NEAR)
		for (size_t i = 0; options->reason[i] && i + 1 < sizeof(text); i++)
			text[i] = (char)toupper((unsigned char)options->reason[i]);
	for (size_t i = 0; *text && i < COUNT_OF(isas); i++)
		if (!options->isa || options->isa == isas[i])
			add_hints(hints, sizeof(hints), isas[i], text);
	if (*hints)
		return fail(err, STATUS_USAGE, "'%s' is no exit reason%s%s: did you mean %s?",
			    options->reason, options->isa ? " of " : "",
			    options->isa ? isa_name(options->isa) : "", hints);
	return fail(err, STATUS_USAGE,
		    "'%s' is no exit reason%s%s that is known: 'exitstat-bpf explain' lists them",
		    options->reason, options->isa ? " of " : "",
		    options->isa ? isa_name(options->isa) : "");
}

/* --- telling -------------------------------------------------------------------------------- */

static int tell(const struct explain_options *options, struct error *err)
{
	bool any = false;
	uint32_t reason;

	for (size_t i = 0; i < COUNT_OF(isas); i++) {
		if (options->isa && options->isa != isas[i])
			continue;
		if (options->reason && !find_reason(isas[i], options->reason, &reason))
			continue;
		if (any)
			putchar('\n');
		if (options->reason)
			explanation_print(stdout, isas[i], reason);
		else if (explanation_list(stdout, isas[i]))
			return fail(err, STATUS_FAILED, "out of memory for the list");
		any = true;
	}
	if (any && options->reason && file_exists(options->reason)) {
		putchar('\n');
		print_line(stdout, "There is a file of this name, too: 'exitstat-bpf explain ./%s'",
			   options->reason);
	}
	return any ? 0 : fail_unknown(options, err);
}

static int run(int argc, char **argv, struct error *err)
{
	struct explain_options options;

	if (explain_options_parse(&options, argc, argv, err))
		return -1;
	if (options.file)
		return explain_file(options.file, options.json, err);
	if (tell(&options, err))
		return -1;
	if (fflush(stdout))
		return fail(err, STATUS_FAILED, "cannot print the explanation");
	return STATUS_OK;
}

const struct command explain_command = {
	"explain",
	"Tell what an exit reason is, or what the exits of a file are consistent with",
	run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* The command line.  Nothing is guessed: what is not understood is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "exitgen.h"

/* What prctl(PR_SET_NAME) keeps. */
#define MAX_NAME 15

enum option_type {
	FLAG,
	NUMBER,
	CPUS,
	NAME,
	HELP,
};

struct option_rule {
	const char *name;
	enum option_type type;
	size_t offset;	   /* of FLAG and NUMBER */
	uint32_t min, max; /* of NUMBER */
};

static const struct option_rule rules[] = {
	{ "vcpus", NUMBER, offsetof(struct options, vcpus), 1, MAX_VCPUS },
	{ "vms", NUMBER, offsetof(struct options, vms), 1, MAX_VMS },
	{ "reuse", NUMBER, offsetof(struct options, reuse), 0, MAX_REUSE },
	{ "move", NUMBER, offsetof(struct options, move_us), 1, UINT32_MAX },
	{ "sleep", NUMBER, offsetof(struct options, sleep_us), 1, 999999 },
	{ "block", NUMBER, offsetof(struct options, block_us), 1, UINT32_MAX },
	{ "spread", NUMBER, offsetof(struct options, spread), 2, MAX_SPREAD },
	{ "inhibit", NUMBER, offsetof(struct options, inhibit), 1, 100000 },
	{ "port", NUMBER, offsetof(struct options, port), 1, UINT16_MAX },
	{ "msr", NUMBER, offsetof(struct options, msr), 1, UINT32_MAX },
	{ "mmio", NUMBER, offsetof(struct options, mmio), 1, UINT32_MAX },
	{ "spin", NUMBER, offsetof(struct options, spin), 1, UINT32_MAX },
	{ "leaf", NUMBER, offsetof(struct options, leaf), 0, UINT32_MAX },
	{ "discard", FLAG, offsetof(struct options, discard), 0, 0 },
	{ "auto-eoi", FLAG, offsetof(struct options, auto_eoi), 0, 0 },
	{ "alias", FLAG, offsetof(struct options, alias), 0, 0 },
	{ "pause", FLAG, offsetof(struct options, pause), 0, 0 },
	{ "one-process", FLAG, offsetof(struct options, one_process), 0, 0 },
	{ "alternate", FLAG, offsetof(struct options, alternate), 0, 0 },
	{ "hold", FLAG, offsetof(struct options, hold), 0, 0 },
	{ "end-out", FLAG, offsetof(struct options, end_out), 0, 0 },
	{ "exitstat", FLAG, offsetof(struct options, exitstat), 0, 0 },
	{ "leaves", FLAG, offsetof(struct options, leaves), 0, 0 },
	{ "pin", CPUS, 0, 0, 0 },
	{ "name", NAME, 0, 0, 0 },
	{ "help", HELP, 0, 0, 0 },
};

#define RULE_COUNT (sizeof(rules) / sizeof(*rules))

static enum status complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static enum status complain(const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "exitgen: %s (see --help)\n", text);

	return STATUS_USAGE;
}

/* Digits and nothing else, at most max. */
static bool parse_number(const char *text, uint32_t max, uint32_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	const char *allowed = hex ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long number;

	/* Too short to overflow, so errno need not be asked. */
	if (!*digits || digits[strspn(digits, allowed)] || strlen(digits) > 15)
		return false;

	number = strtoull(digits, NULL, hex ? 16 : 10);
	if (number > max)
		return false;

	*value = number;
	return true;
}

static enum status parse_cpus(struct options *opts, const char *value)
{
	char *list, *word, *rest;
	enum status status;
	uint32_t cpu;
	unsigned int i;

	list = strdup(value);
	if (!list)
		return complain("out of memory");

	opts->pin = true;
	status = STATUS_USAGE;
	rest = list;
	while ((word = strsep(&rest, ","))) {
		if (!parse_number(word, MAX_CPUS - 1, &cpu)) {
			complain("--pin: '%s' is not a CPU", word);
			goto out;
		}
		for (i = 0; i < opts->cpu_count; i++) {
			if (opts->cpus[i] == (int)cpu) {
				complain("--pin: CPU %u twice", cpu);
				goto out;
			}
		}
		opts->cpus[opts->cpu_count++] = cpu;
	}
	status = STATUS_OK;

out:
	free(list);
	return status;
}

static enum status parse_value(struct options *opts, const struct option_rule *rule,
			       const char *value)
{
	uint32_t *number = (uint32_t *)((char *)opts + rule->offset);

	switch (rule->type) {
	case CPUS:
		return parse_cpus(opts, value);
	case NAME:
		if (!*value || strlen(value) > MAX_NAME)
			return complain("--name: 1 to %d characters", MAX_NAME);
		opts->name = value;
		return STATUS_OK;
	default:
		if (!parse_number(value, rule->max, number) || *number < rule->min)
			return complain("--%s: '%s' is not a number from %u to %u", rule->name,
					value, rule->min, rule->max);
		return STATUS_OK;
	}
}

/* --NAME, --NAME VALUE or --NAME=VALUE, at argv[*at]; moves *at to its end. */
static enum status parse_option(struct options *opts, int argc, char **argv, int *at,
				bool seen[RULE_COUNT], bool *help)
{
	const char *name = argv[*at] + 2;
	const char *value = strchr(name, '=');
	size_t length = value ? (size_t)(value - name) : strlen(name);
	const struct option_rule *rule;
	bool wants_value;

	for (rule = rules; rule < rules + RULE_COUNT; rule++) {
		if (strlen(rule->name) == length && !strncmp(rule->name, name, length))
			break;
	}
	if (rule == rules + RULE_COUNT)
		return complain("unknown option --%.*s", (int)length, name);
	if (seen[rule - rules])
		return complain("--%s twice", rule->name);
	seen[rule - rules] = true;

	wants_value = rule->type != FLAG && rule->type != HELP;
	if (value && !wants_value)
		return complain("--%s takes no value", rule->name);
	if (wants_value) {
		value = value ? value + 1 : argv[*at + 1 < argc ? ++*at : argc];
		return value ? parse_value(opts, rule, value)
			     : complain("--%s wants a value", rule->name);
	}

	if (rule->type == HELP)
		*help = true;
	else
		*(uint32_t *)((char *)opts + rule->offset) = 1;
	return STATUS_OK;
}

/* KIND=COUNT */
static enum status parse_kind(struct options *opts, const char *word)
{
	const char *value = strchr(word, '=');
	size_t length = value ? (size_t)(value - word) : strlen(word);
	int kind;

	for (kind = 0; kind < KIND_COUNT; kind++) {
		if (strlen(kind_names[kind]) == length && !strncmp(kind_names[kind], word, length))
			break;
	}
	if (kind == KIND_COUNT)
		return complain("unknown kind '%.*s'", (int)length, word);
	if (opts->asked[kind])
		return complain("%s twice", kind_names[kind]);
	if (!value || !parse_number(value + 1, UINT32_MAX, &opts->count[kind]))
		return complain("%s: '%s' is not a count from 0 to %u", kind_names[kind],
				value ? value + 1 : "", UINT32_MAX);

	opts->asked[kind] = true;
	return STATUS_OK;
}

static enum status check_together(const struct options *opts)
{
	int kind;

	for (kind = 0; kind < KIND_COUNT && !opts->asked[kind]; kind++)
		;
	if (kind == KIND_COUNT)
		return complain("say what to do: KIND=COUNT...");
	if (uses_irqchip(opts) && opts->count[KIND_HLT] && !opts->block_us)
		return complain("hlt beside ipi, x2APIC's MSRs, --inhibit, --auto-eoi or --alias "
				"needs --block: the interrupt chips do not exit");
	if (opts->pause && !opts->spin)
		return complain("--pause: needs --spin");
	if (opts->spread && opts->mmio)
		return complain("--spread: its pages are exitgen's own, not those of --mmio");
	/* A fault that another vCPU's discarding interrupts KVM has happen again. */
	if (opts->discard && opts->vcpus > 1)
		return complain("--discard: of one vCPU only");
	if (opts->discard && (!opts->spread || opts->count[KIND_MMIO_READ] ||
			      opts->count[KIND_OUT] != opts->count[KIND_MMIO_WRITE]))
		return complain("--discard: needs --spread, as many out as mmio_write, and no "
				"mmio_read");
	if (opts->move_us && opts->pin && opts->cpu_count < 2)
		return complain("--move: --pin gives only one CPU to move among");
	if (opts->spread & (opts->spread - 1))
		return complain("--spread: %u is not a power of two", opts->spread);
	if (opts->spread && opts->end_out)
		return complain("--spread: the port of --end-out is among its ports");

	return STATUS_OK;
}

enum status options_parse(struct options *opts, int argc, char **argv, bool *help)
{
	enum status status = STATUS_OK;
	bool seen[RULE_COUNT] = { false };
	int i;

	*opts = (struct options){ .vcpus = 1, .vms = 1, .name = "exitgen" };
	*help = false;

	for (i = 1; i < argc && status == STATUS_OK && !*help; i++) {
		if (!strncmp(argv[i], "--", 2))
			status = parse_option(opts, argc, argv, &i, seen, help);
		else
			status = parse_kind(opts, argv[i]);
	}
	if (status == STATUS_OK && !*help)
		status = check_together(opts);

	return status;
}

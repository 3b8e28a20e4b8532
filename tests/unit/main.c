// SPDX-License-Identifier: GPL-2.0-only
/* Run it in the top directory; it needs neither root nor KVM. unit [GROUP...]: only these. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

static struct unit_group *groups;

/* By name, as it is for the linker to say which comes first. */
void unit_register(struct unit_group *group)
{
	struct unit_group **next = &groups;

	while (*next && strcmp((*next)->name, group->name) < 0)
		next = &(*next)->next;
	group->next = *next;
	*next = group;
}

void tally_add(struct tally *tally, size_t ntests, int failed)
{
	tally->failed += failed;
	tally->passed += (int)ntests - failed;
}

static int run_all(struct tally *tally)
{
	for (struct unit_group *group = groups; group; group = group->next)
		group->run(tally);
	return 0;
}

static int run_named(struct tally *tally, const char *name)
{
	for (struct unit_group *group = groups; group; group = group->next) {
		if (strcmp(group->name, name))
			continue;
		group->run(tally);
		return 0;
	}
	fprintf(stderr, "unit: no group '%s'\n", name);
	return -1;
}

int main(int argc, char **argv)
{
	struct tally tally = { 0 };
	int err = 0;

	/* Whoever runs this beside other work may have had them ignored: they are part of tests. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	/* As exitstat-bpf's main() does. */
	setlocale(LC_CTYPE, "C.UTF-8");
	for (int i = 1; i < argc && !err; i++)
		err = run_named(&tally, argv[i]);
	if (argc < 2)
		err = run_all(&tally);
	if (err)
		return 2;
	printf("%d passed, %d failed\n", tally.passed, tally.failed);
	/* A failed test has leaked, and the leak checker ends us without this. */
	fflush(stdout);
	return tally.failed ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * made FILE SECONDS VMS VCPUS: a recording of a host that was made up, with so many vCPUs a VM.
 * made --more FILE SECONDS VMS VCPUS: one with slowest exits, and a nested guest in the first VM.
 * made --speed SECONDS VMS VCPUS: what the full-screen view takes of a CPU for it, second by
 * second: the model and the drawing, without a terminal.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "doc/recording_write.h"
#include "synthetic.h"
#include "tui/tui.h"

static int write_recording(const char *path, struct synthetic *host, uint64_t seconds)
{
	struct recording *recording;
	struct error err;
	int ret = recording_create(&recording, path, &err);

	for (uint64_t i = 0; !ret && i < seconds; i++)
		ret = synthetic_second(host)
			      ?: recording_add(recording, &host->run, i + 1 == seconds, &err);
	if (ret)
		fprintf(stderr, "made: %s\n", err.text);
	return ret ?: recording_close(recording, &err);
}

struct stopwatch {
	uint64_t sum, most;
};

static void add(struct stopwatch *watch, uint64_t begun)
{
	uint64_t ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - begun;

	watch->sum += ns;
	watch->most = ns > watch->most ? ns : watch->most;
}

static void print(const char *what, const struct stopwatch *watch, uint64_t n)
{
	printf("%-28s %8.3f ms on average, %8.3f at most\n", what,
	       (double)watch->sum / (double)n / 1e6, (double)watch->most / 1e6);
}

/* What an interval adds is found out beside it, as the command does for all its outputs. */
static int take(struct tui *tui, struct synthetic *host, struct snapshot *last,
		struct stopwatch *subtracting, struct stopwatch *taking)
{
	struct snapshot growth;
	uint64_t begun;
	int ret = synthetic_second(host);

	begun = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	ret = ret ?: snapshot_subtract(&growth, &host->snap, last);
	if (ret)
		return -1;
	add(subtracting, begun);
	begun = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	ret = tui_take(tui, &host->run, &growth);
	add(taking, begun);
	snapshot_free(&growth);
	snapshot_free(last);
	return ret || snapshot_copy(last, &host->snap) ? -1 : 0;
}

static int measure(struct synthetic *host, uint64_t seconds, const int *keys, const char *what)
{
	struct stopwatch subtracting = { 0 }, taking = { 0 }, pressing = { 0 };
	struct snapshot last = { 0 };
	struct tui tui;
	uint64_t begun;
	int ret;

	tui_init(&tui, NS_PER_SEC, 0);
	ret = tui_resize(&tui, 50, 200);
	for (uint64_t i = 0; !ret && i < seconds; i++) {
		ret = take(&tui, host, &last, &subtracting, &taking);
		for (int j = 0; !ret && !i && keys[j]; j++)
			ret = tui_press(&tui, keys[j]);
	}
	begun = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	ret = ret ?: tui_press(&tui, KEY_IS_DOWN);
	add(&pressing, begun);
	printf("%s, %u VMs, %u vCPUs each, a screen of 200x50:\n", what, host->vms, host->vcpus);
	print("  what an interval adds", &subtracting, seconds);
	print("  keeping it, and drawing", &taking, seconds);
	print("  a key", &pressing, 1);
	printf("  at 1 s: %.2f %% of a CPU; the history has %zu moments in %.1f MiB\n",
	       (double)(subtracting.sum + taking.sum) / (double)seconds / 1e7, tui.history.n,
	       (double)tui.history.bytes / 1048576);
	snapshot_free(&last);
	tui_free(&tui);
	return ret;
}

static int speed(uint64_t seconds, unsigned int vms, unsigned int vcpus)
{
	static const struct {
		const char *what;
		int keys[4];
	} views[] = {
		{ "the VMs", { 0 } },
		{ "all vCPUs", { KEY_IS_TAB } },
		{ "all reasons", { KEY_IS_TAB, KEY_IS_TAB } },
		{ "a reason of a VM", { KEY_IS_ENTER, KEY_IS_ENTER } },
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(views) / sizeof(views[0]); i++) {
		struct synthetic host;

		ret = synthetic_init(&host, vms, vcpus)
			      ?: measure(&host, seconds, views[i].keys, views[i].what);
		synthetic_free(&host);
	}
	return ret;
}

int main(int argc, char **argv)
{
	bool more = argc == 6 && !strcmp(argv[1], "--more");
	uint64_t numbers[3];
	struct synthetic host;
	int ret;

	setlocale(LC_CTYPE, "C.UTF-8");
	argc -= more;
	argv += more;
	for (int i = 0; i < 3; i++) {
		if (argc != 5 || parse_u64(argv[2 + i], 1, 10000, &numbers[i])) {
			fprintf(stderr, "usage: made [--more] FILE|--speed SECONDS VMS VCPUS\n");
			return 2;
		}
	}
	if (!strcmp(argv[1], "--speed"))
		return speed(numbers[0], (unsigned int)numbers[1], (unsigned int)numbers[2]) ? 1
											     : 0;
	ret = synthetic_init(&host, (unsigned int)numbers[1], (unsigned int)numbers[2])
		      ?: (more ? synthetic_more(&host) : 0)
		      ?: write_recording(argv[1], &host, numbers[0]);
	synthetic_free(&host);
	return ret ? 1 : 0;
}

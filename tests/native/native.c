// SPDX-License-Identifier: GPL-2.0-only
/*
 * native [--short] [--json FILE]: what an exit and its entry take on this CPU, in ns: of
 * native.bpf.c's loops the fastest of many, less that of the loop which does nothing. --short:
 * not of each number of vCPUs and reasons.
 *
 * Exit status: 0, 1 failed, 2 usage, 3 this kernel or user may not.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "native.h"
#include "native.skel.h"
#include "order.h"
#include "trace/chunks.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(sizeof(guest_order) == NATIVE_STEPS + 1, "an exit each step");

/* Whose direct index has them all, as VMX's have; 0 is the most frequent. */
#define FIRST_REASON 1u

static const unsigned int vcpu_counts[] = { 1, 16, 256, NATIVE_VCPUS };
static const unsigned int reason_counts[] = { 1, 4, 8, NATIVE_REASONS };

/* Other memory that is touched between two exits, in cache lines: none; as L1; as L2. */
static const struct {
	const char *name;
	unsigned int lines;
	unsigned int rounds, repeats;
} memories[] = {
	{ "nothing", 0, 8192, 400 },
	{ "32 KiB", 512, 1024, 60 },
	{ "1 MiB", 16384, 128, 24 },
};

static const struct {
	const char *name;
	size_t offset; /* of its struct bpf_program * */
} tools[] = {
	{ "floor", offsetof(struct native, progs.empty) },
	{ "exitstat-bpf", offsetof(struct native, progs.ours) },
	{ "hash update", offsetof(struct native, progs.hash) },
	{ "two samples", offsetof(struct native, progs.samples) },
};

#define TOOLS COUNT_OF(tools)

static int ignore(void *ctx, void *data, size_t size)
{
	(void)ctx, (void)data, (void)size;
	return 0;
}

static void run(const struct bpf_program *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts))
		err(1, "%s", bpf_program__name(program));
}

/* ns a round trip: the fastest of the repeats, which nobody disturbed. */
static double fastest(struct native *skel, struct ring_buffer *samples,
		      const struct bpf_program *program, unsigned int repeats)
{
	unsigned long long best = ~0ULL;

	for (unsigned int i = 0; i < repeats; i++) {
		skel->bss->took_ns = 0;
		run(program);
		ring_buffer__consume(samples);
		if (skel->bss->took_ns < best)
			best = skel->bss->took_ns;
	}
	return (double)best / skel->bss->rounds;
}

/* The guest's reasons one after another; more than it had are its reasons in turn. */
static void set_order(struct native *skel, unsigned int nreasons)
{
	unsigned int own = 0, had[256] = { 0 };

	for (size_t i = 0; i < NATIVE_STEPS; i++) {
		char digit = guest_order[i];
		unsigned int rank = digit >= 'a' ? 10u + digit - 'a' : 0u + digit - '0';

		own = rank + 1 > own ? rank + 1 : own;
		skel->bss->order[i] = rank;
	}
	for (size_t i = 0; i < NATIVE_STEPS; i++) {
		unsigned int rank = skel->bss->order[i];

		if (nreasons > own && had[rank]++ % 2 && rank + own < nreasons)
			rank += own;
		skel->bss->order[i] = FIRST_REASON + rank % nreasons;
	}
}

static json_t *measure(struct native *skel, struct ring_buffer *samples, size_t memory,
		       unsigned int nvcpus, unsigned int nreasons)
{
	double ns[TOOLS];
	json_t *found = json_pack("{s:s, s:i, s:i}", "touched", memories[memory].name, "vcpus",
				  nvcpus, "reasons", nreasons);

	set_order(skel, nreasons);
	skel->bss->nvcpus = nvcpus;
	skel->bss->touched = memories[memory].lines;
	skel->bss->rounds = memories[memory].rounds;
	printf("%-9s %5u %7u", memories[memory].name, nvcpus, nreasons);
	for (size_t i = 0; i < TOOLS; i++) {
		struct bpf_program *const *program = (void *)((char *)skel + tools[i].offset);

		ns[i] = fastest(skel, samples, *program, memories[memory].repeats);
		printf(" %12.1f", i ? ns[i] - ns[0] : ns[i]);
		json_object_set_new(found, tools[i].name, json_real(i ? ns[i] - ns[0] : ns[i]));
	}
	putchar('\n');
	fflush(stdout);
	if (skel->bss->failed)
		errx(1, "%u exits were not counted, or samples lost", skel->bss->failed);
	return found;
}

/* All that was counted is there: what was measured is what counts. */
static void check_counts(struct native *skel, unsigned long long wanted)
{
	struct exitstat_record record;
	unsigned long long count = 0, timed = 0;
	int fd = bpf_map__fd(skel->maps.records);

	for (unsigned int i = 1; i < bpf_map__max_entries(skel->maps.records); i++) {
		if (bpf_map_lookup_elem(fd, &i, &record))
			err(1, "records");
		count += record.count;
		for (unsigned int bucket = 0; bucket < EXITSTAT_HIST_BUCKETS; bucket++)
			timed += record.hist[bucket];
	}
	if (count != wanted || timed != wanted)
		errx(1, "%llu exits counted, %llu timed, of %llu", count, timed, wanted);
	printf("all %llu exits were counted and timed\n", wanted);
}

static json_t *measure_all(struct native *skel, struct ring_buffer *samples, size_t step)
{
	json_t *rows = json_array();
	unsigned long long made = 0;

	printf("%-9s %5s %7s", "TOUCHED", "VCPUS", "REASONS");
	for (size_t i = 0; i < TOOLS; i++)
		printf(" %12s", tools[i].name);
	putchar('\n');
	for (size_t memory = 0; memory < COUNT_OF(memories); memory++)
		for (size_t v = step - 1; v < COUNT_OF(vcpu_counts); v += step)
			for (size_t r = step - 1; r < COUNT_OF(reason_counts); r += step) {
				json_array_append_new(rows,
						      measure(skel, samples, memory, vcpu_counts[v],
							      reason_counts[r]));
				made += (unsigned long long)memories[memory].rounds *
					memories[memory].repeats;
			}
	check_counts(skel, made);
	return rows;
}

/* Those of native.bpf.c, not those that come with what it includes. */
static bool is_own(const struct bpf_program *program)
{
	return !strcmp(bpf_program__section_name(program), "raw_tp");
}

static struct native *load(void)
{
	struct native *skel = native__open();
	struct bpf_program *program;
	struct chunks records, indexes;

	if (!skel)
		err(1, "the programs");
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, is_own(program));
	skel->rodata->chunk_bits = NATIVE_BITS;
	if (bpf_map__set_max_entries(skel->maps.vcpus, NATIVE_VCPUS + 1) ||
	    chunks_open(&records, skel->maps.record_chunks, skel->maps.records,
			sizeof(struct exitstat_record), 1u << (NATIVE_BITS + EXITSTAT_RECORD_BITS),
			1) ||
	    chunks_open(&indexes, skel->maps.indexes, NULL, sizeof(struct exitstat_index),
			1u << NATIVE_BITS, 1) ||
	    bpf_map__set_max_entries(skel->maps.slot_of_vcpu, NATIVE_VCPUS) || native__load(skel) ||
	    chunks_begin(&records) || chunks_begin(&indexes))
		errx(3, "this kernel does not load the programs, or not for you: be root");
	skel->bss->room.end[EXITSTAT_VCPUS] = NATIVE_VCPUS + 1;
	skel->bss->room.end[EXITSTAT_RECORDS] = 1u << (NATIVE_BITS + EXITSTAT_RECORD_BITS);
	skel->bss->nvcpus = NATIVE_VCPUS;
	run(skel->progs.begin);
	return skel;
}

static void stay_on_one_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "to stay on one CPU");
}

int main(int argc, char **argv)
{
	bool shortly = argc > 1 && !strcmp(argv[1], "--short");
	const char *json = argc == 3 + shortly && !strcmp(argv[1 + shortly], "--json")
				   ? argv[2 + shortly]
				   : NULL;
	struct native *skel;
	struct ring_buffer *samples;
	json_t *rows;

	if (argc != 1 + shortly && !json)
		errx(2, "usage: native [--short] [--json FILE]");
	stay_on_one_cpu();
	skel = load();
	samples = ring_buffer__new(bpf_map__fd(skel->maps.peer_samples), ignore, NULL, NULL);
	if (!samples)
		err(1, "the ring buffer");
	rows = measure_all(skel, samples, shortly ? 2 : 1);
	if (json && json_dump_file(rows, json, JSON_INDENT(1)))
		errx(1, "%s cannot be written", json);
	json_decref(rows);
	ring_buffer__free(samples);
	native__destroy(skel);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * large recording FILE N:      64 busy vCPUs, N seconds, a moment each
 * large document HOST GUEST N: what compare reads, of a small VM, with N snapshots
 * large snapshots FILE N:      what 64 busy vCPUs leave after N snapshots of --snapshots
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "doc/host_write.h"
#include "doc/recording_write.h"
#include "pair_sample.h"
#include "traffic.h"
#include "unit.h"

#define INTERVAL_NS (NS_PER_SEC / 20)
#define READINGS    4u

static int write_doc(json_t *doc, const char *file)
{
	int err = doc ? json_dump_file(doc, file, JSON_INDENT(1)) : -1;

	json_decref(doc);
	if (err)
		fprintf(stderr, "large: %s cannot be written\n", file);
	return err ? 1 : 0;
}

static int add_seconds(struct recording *recording, unsigned int n, struct error *err)
{
	struct traffic traffic = busy_traffic;
	uint64_t random = 42;
	struct snapshot snap;
	struct run run;
	int ret = 0;

	traffic_begin(&traffic, &snap);
	sample_run(&run, &snap);
	for (unsigned int i = 1; i <= n && !ret; i++) {
		traffic_go_on(&traffic, &snap, &random);
		run.ns = NS_OF(i);
		run.end = clock_later(&run.start, run.ns);
		ret = recording_add(recording, &run, i == n, err);
	}
	snapshot_free(&snap);
	return ret;
}

static int record(const char *file, unsigned int n)
{
	struct recording *recording;
	struct error err = { 0 };
	int ret = recording_create(&recording, file, &err);

	if (!ret) {
		ret = add_seconds(recording, n, &err);
		ret = recording_close(recording, &err) ?: ret;
	}
	if (ret)
		fprintf(stderr, "large: %s\n", err.text);
	return ret ? 1 : 0;
}

static int document(const char *host, const char *guest, unsigned int n)
{
	unsigned int apart = n / READINGS ?: 1;
	int status;

	pair_begin();
	for (unsigned int i = 0; i < n; i++) {
		pair_work(i % 50);
		pair_snapshot();
		pair_wait(INTERVAL_NS);
		if (i % apart == apart / 2 && i / apart < READINGS)
			pair_reading();
	}
	status = write_doc(pair_host(), host) ?: write_doc(pair_guest(), guest);
	pair_end();
	return status;
}

/* As the live command keeps them: all exits of a second come at its end. */
static int snapshots(const char *file, unsigned int n)
{
	struct traffic traffic = busy_traffic;
	struct series series = { 0 };
	struct snapshot snap;
	uint64_t random = 42;
	struct run run;
	int status;

	traffic_begin(&traffic, &snap);
	sample_run(&run, &snap);
	run.series = &series;
	for (unsigned int i = 0; i < n; i++) {
		struct point when = { .time = run.start, .took_ns = 20000 };

		when.start_ns = run.start_ns + i * INTERVAL_NS;
		if (i % 20 == 19)
			traffic_go_on(&traffic, &snap, &random);
		if (series_add(&series, &when, &snap, !i || i + 1 == n))
			return 1;
	}
	run.ns = n * INTERVAL_NS;
	run.end = clock_later(&run.start, run.ns);
	status = write_doc(export_json(&run), file);
	series_free(&series);
	snapshot_free(&snap);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "document"))
		return document(argv[2], argv[3], (unsigned int)atoi(argv[4]));
	if (argc == 4 && !strcmp(argv[1], "snapshots"))
		return snapshots(argv[2], (unsigned int)atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "recording"))
		return record(argv[2], (unsigned int)atoi(argv[3]));
	return 2;
}

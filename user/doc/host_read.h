/* SPDX-License-Identifier: GPL-2.0-only */
/* What "exitstat-bpf --json" wrote, read back: the shape of user/exitstat.schema.json. */
#ifndef EXITSTAT_DOC_HOST_READ_H
#define EXITSTAT_DOC_HOST_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/leaves.h"
#include "model/snapshot.h"

struct host_bucket {
	uint64_t lo, hi, count;
};

enum {
	P50,
	P90,
	P99,
	PERCENTILES
};

/* All in cycles. */
struct host_reason {
	uint32_t code, flags;
	uint64_t count, sum;
	/* Not in a snapshot: */
	const char *name;
	bool timed; /* min, max and the percentiles are not null */
	uint64_t min, max, percentiles[PERCENTILES];
	size_t nbuckets;
	struct host_bucket *buckets;
};

struct host_vcpu {
	uint32_t id;
	size_t nreasons;
	struct host_reason *reasons;
};

struct host_vm {
	uint32_t pid;
	size_t nvcpus;
	struct host_vcpu *vcpus;
	/* Only in a snapshot: */
	uint64_t index, count;
	/* Not in a snapshot: */
	const char *name;
	bool whole;
};

struct host_point {
	uint64_t real_ns, start_ns, took_ns;
	struct losses losses;
	size_t nvms;
	struct host_vm *vms;
};

/* What KVM told a guest; vm is its place in the document's. */
struct host_answer {
	uint64_t vm, ns;
	uint32_t leaf, subleaf;
	struct cpuid_regs regs;
};

struct host_doc {
	const char *file;
	json_t *root; /* what the names point into */
	uint32_t isa;
	uint64_t tsc_khz;
	bool tsc_measured;
	uint64_t start_ns, end_ns; /* CLOCK_REALTIME */
	struct losses losses;
	size_t nvms, npoints;
	struct host_vm *vms;
	struct host_point *points; /* none: written without --snapshots */
	bool has_answers;	   /* KVM's were taken down, these and so many more */
	size_t nanswers;
	struct host_answer *answers;
	uint64_t answers_dropped;
};

/* Takes over root. 0, or -1 with err: not such a document (STATUS_CANNOT), no memory. */
int hostdoc_read(struct host_doc *doc, const char *file, json_t *root, struct error *err);
void hostdoc_free(struct host_doc *doc);

#endif

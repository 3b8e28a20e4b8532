/* SPDX-License-Identifier: GPL-2.0-only */
/* A host's document being checked: what hostcheck.c, reasoncheck.c and pointcheck.c share. */
#ifndef EXITSTAT_COMPARE_SELF_HOST_H
#define EXITSTAT_COMPARE_SELF_HOST_H

#include "bpf/exitstat.h"
#include "doc/findings.h"
#include "doc/host_read.h"

struct check {
	const struct host_doc *doc;
	struct findings *findings;
	uint64_t edges[EXITSTAT_HIST_BUCKETS + 1]; /* of the buckets, in cycles */
	char where[128];			   /* what is being looked at */
};

/* This field of what is being looked at is wrong. */
struct finding *check_found(struct check *check, const char *field, uint64_t value);
/* It is, unless it is in this range. */
void check_range(struct check *check, const char *field, uint64_t value, uint64_t low,
		 uint64_t high, const char *why);
/* Nanoseconds as the document's cycles. */
uint64_t check_cycles(const struct check *check, unsigned __int128 ns);

/* A reason with its flags, as the CPU gives them. */
static inline uint32_t reason_word(const struct host_reason *r)
{
	return r->code | r->flags;
}

/* reasoncheck.c: the reasons of a vCPU, each by itself. */
void check_vcpu(struct check *check, const struct host_vcpu *vcpu);
bool check_flags_fit(const struct check *check, const struct host_reason *r);
/* Some numbers of cycles are no whole number of nanoseconds. */
void check_scaled(struct check *check, const char *field, uint64_t cycles);
bool check_is_edge(const struct check *check, const struct host_bucket *bucket);

/* pointcheck.c: snapshot i; VM i at the end and in the last snapshot; the losses in both. */
void check_point(struct check *check, size_t i);
void check_end(struct check *check, size_t i);
void check_end_losses(struct check *check);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up VM on an AMD host, seen by both observers: what exitstat-bpf would have
 * written of it and what exitstat-guest would have read in it.
 */
#ifndef EXITSTAT_UNIT_PAIR_SAMPLE_H
#define EXITSTAT_UNIT_PAIR_SAMPLE_H

#include <jansson.h>

#include "model/answers.h"
#include "guest/ask.h"
#include "model/series.h"
#include "model/snapshot.h"

#define PAIR_CPUID 0x72u
#define PAIR_IO	   0x7bu
#define PAIR_HLT   0x78u
#define PAIR_MSR   0x7cu
#define PAIR_KHZ   2599977u

#define PAIR_READINGS 8

struct pair {
	/* Set after pair_begin() to make something else of it. */
	bool whole;
	bool nested;		/* every other exit is of a nested guest */
	int64_t guest_clock_ns; /* how far it is ahead */
	uint32_t layout;
	struct losses losses;
	bool takes_answers;	  /* the host's document has what KVM answered */
	unsigned int snapshot_in; /* a reading: after so many of its questions; 0: none */

	void (*between)(void); /* two questions of a reading; NULL: nothing happens */
	bool reading;
	unsigned int questions_left; /* until that snapshot */
	struct snapshot now;
	struct series series;
	struct answers answers;
	struct sums sums[0x100]; /* by code, as KVM counts */
	uint64_t ns;		 /* CLOCK_MONOTONIC of the host */
	struct source source;
	struct plan plan;
	size_t nreadings;
	struct reading readings[PAIR_READINGS];
};

/* There is one at a time: whoever answers CPUID has no argument. */
struct pair *pair_begin(void);
void pair_end(void);

/* So many exits, each taking so long. */
void pair_exits(uint32_t code, uint64_t ns, uint64_t times);
/* As before the tracer was started: only KVM has them. */
void pair_early_exits(uint32_t code, uint64_t times);
void pair_wait(uint64_t ns);
void pair_snapshot(void);
void pair_reading(void);
/* What the guest's CPUID answers, an exit like any other. */
void pair_ask(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf);

/* Exits of several kinds, some more the higher n is. */
void pair_work(uint64_t n);
/* A life of four readings, at rest whenever it is not read, with snapshots around each. */
void pair_at_rest(void);

/* The documents; the caller owns them. */
json_t *pair_host(void);
json_t *pair_guest(void);

#endif

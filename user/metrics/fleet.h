/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VMs of a host as a time series database wants them: each with a label that stays the same,
 * counters that do not go back, and not for longer than they are of use.
 *
 * The label is the name that its user knows a VM by. When it is started again it is the same VM
 * to him: its counters go on from where the ended one's were, under the same label. Of two that
 * live at the same time the later one is "NAME (PID)"; if that lives as well, it is counted in
 * with it.
 */
#ifndef EXITSTAT_METRICS_FLEET_H
#define EXITSTAT_METRICS_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/keyed.h"
#include "metrics/totals.h"
#include "model/snapshot.h"

#define FLEET_LABEL_LEN (VM_NAME_LEN + 16)

/* Of ended VMs no more are kept than these: the one that ended first goes early. */
#define FLEET_MAX_ENDED 1024u

/* A VM of that label; of those that ended only the last is kept, and only while none lives. */
struct fleet_member {
	uint64_t serial;
	uint32_t pid;
	char uuid[VM_UUID_LEN];
	bool ended;
	size_t nvcpus;
	struct apicv apicv;
};

struct fleet_vm {
	char label[FLEET_LABEL_LEN];
	size_t nmembers;
	struct fleet_member *members;
	uint64_t ended_ns;	/* when none lived any more; 0: one does */
	struct totals past;	/* of those that have ended, */
	struct totals now;	/* and with those that live */
	struct keyed past_keys; /* the same of what they were about, */
	struct keyed keys;
	struct apicv changes; /* of those that have ended: only set and cleared count */
};

struct fleet {
	uint64_t keep_ns; /* a VM is kept for so long after its end */
	size_t nvms;
	struct fleet_vm *vms;	 /* by label */
	struct totals past, now; /* of all VMs there ever were */
	uint64_t nended;	 /* VMs that have ended, and */
	uint64_t ngone;		 /* labels that were given up before their time */
	size_t nliving, nvcpus;	 /* now */
};

/*
 * The VMs of a moment. Of each that has ended forget() is called, once: what it did is kept here
 * from then on, and it is to be in no later snapshot. 0 or -ENOMEM: what was told to be forgotten
 * is kept all the same, and the next moment makes up for the rest.
 */
int fleet_take(struct fleet *fleet, const struct snapshot *snap, uint64_t now_ns,
	       void (*forget)(void *arg, uint64_t serial), void *arg);

/* How often APICv's inhibits changed, of all members; known, and what inhibits it: of those
 * that live. */
struct apicv fleet_apicv(const struct fleet_vm *vm);

void fleet_free(struct fleet *fleet);

#endif

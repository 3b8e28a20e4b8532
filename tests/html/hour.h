/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up host at work, second by second: many reasons, keys, parts, slow exits. */
#ifndef EXITSTAT_TESTS_HTML_HOUR_H
#define EXITSTAT_TESTS_HTML_HOUR_H

#include "model/run.h"

struct hour {
	uint64_t random;
	unsigned int seconds; /* so many have been */
	struct host host;
	struct snapshot snap;
	struct run run; /* until now */
};

/* So many VMs, of so many vCPUs each. */
void hour_begin(struct hour *hour, unsigned int vms, unsigned int vcpus);
void hour_second(struct hour *hour);
void hour_end(struct hour *hour);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What compare does with two documents, or with one and a text. */
#ifndef EXITSTAT_UNIT_COMPARE_RUN_H
#define EXITSTAT_UNIT_COMPARE_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "compare/guest.h"

struct compare_run {
	struct findings findings;
	struct host_document host;
	struct guest_doc guest;
	struct timeline timeline;
	struct compared_guest compared;
	struct error err;
	int ret;
};

/* Without the seals: what the numbers themselves tell. */
struct compare_run *compare_documents(json_t *host, json_t *guest);
struct compare_run *compare_text(json_t *host, const char *text);
/* Compare the pair as it is now, and end it. */
struct compare_run *finish_pair(void);
void end_run(struct compare_run *run);

/* Else the test has failed. */
void expect_agreement(struct compare_run *run);
/* Whether this field is found to be wrong. */
bool names(const struct compare_run *run, const char *field);
bool has_note(const struct compare_run *run, const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What people are shown, and what documents are refused for. */
#ifndef EXITSTAT_TESTS_UNIT_SHOWN_H
#define EXITSTAT_TESTS_UNIT_SHOWN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "view/groups.h"

/* "exitstat-bpf explain": its status; what it printed is in said, why it failed in said_error. */
#define EXPLAIN(...) explain((char *[]){ "explain", __VA_ARGS__, NULL })
int explain(char **argv);
extern char said[65536];
extern struct error said_error;
bool says(const char *text);

/* The summary of a run, and its document on one line; to be freed. */
char *shown_summary(const struct run *run, enum group_by by);
char *document_text(const struct run *run);

/* A document that is not taken, with an error that names where; it is given up. */
void document_refused(json_t *doc, const char *where);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What people are shown, and what documents are refused for. */
#ifndef EXITSTAT_TESTS_UNIT_SHOWN_H
#define EXITSTAT_TESTS_UNIT_SHOWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "cmd/command.h"
#include "view/groups.h"

/* What a function prints to the stream that it is given. */
struct output {
	FILE *file;
	char *text;
	size_t size;
};

FILE *output_begin(struct output *output);
/* To be freed. */
char *output_end(struct output *output);
unsigned int count_lines(const char *text);
/* The words of the line that begins with this word; *n says how many. */
void words_of(const char *text, const char *first, char words[16][64], int *n);

/* Of the sample, below its tables. */
#define SAMPLE_LOSSES "losses: 1 not counted (map full), 2 not timed (unpaired), 3 missed\n"

/* A command: its status; what it printed is in said, why it failed in said_error. */
#define SHOW(command, ...) show(command, (char *[]){ (char *)(command)->name, __VA_ARGS__, NULL })
#define EXPLAIN(...)	   SHOW(&explain_command, __VA_ARGS__)
int show(const struct command *command, char **argv);
extern char said[65536], said_aside[65536]; /* stderr */
extern struct error said_error;
bool says(const char *text);
void said_refused(int status, const char *why);

/* It is in the text. */
void has_text(const char *text, const char *wanted);

/* The summary of a run, and its document on one line; to be freed. */
char *shown_summary(const struct run *run, enum group_by by);
char *document_text(const struct run *run);

/* The sample's document. */
json_t *exported_sample(void);

/* A document that is not taken, with an error that names where; it is given up. */
void document_refused(json_t *doc, const char *where);

#endif

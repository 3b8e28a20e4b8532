/* SPDX-License-Identifier: GPL-2.0-only */
/* Text beside a label, in lines of 80 columns. */
#ifndef EXITSTAT_BASE_FIELD_H
#define EXITSTAT_BASE_FIELD_H

#include <stdio.h>

/* So many blanks, the label in so many columns, the text: whole words, lines below each other. */
struct field_layout {
	int indent, width;
};

void print_field(FILE *out, struct field_layout layout, const char *label, const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that came from a process, a file or a guest, on its way to a person. All of it
 * goes through here: it has no power over a terminal, nor over how lines read.
 */
#ifndef EXITSTAT_BASE_PRINTABLE_H
#define EXITSTAT_BASE_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Put '?' in place of each byte that is no part of a printable character, and of each
 * character that is invisible or changes the direction of others (Unicode's Cf, UTF-8
 * as the locale has it).
 */
void make_printable(char *text);

/* Copy what fits, whole characters only. */
void copy_cut(char *to, size_t size, const char *from);

/* How many columns of a terminal it takes: of what is not East Asian, one a character. */
size_t columns_of(const char *text);

/* One line that takes no more than so many columns; where it was cut it ends with '>'. */
void print_cut(FILE *out, size_t columns, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Lines of words, broken where they are too long. How many lines it has become. */
size_t print_wrapped(FILE *out, size_t columns, const char *text);

/* A line of its own: fmt has no newline, and what is put into it gets none in. */
void print_line(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

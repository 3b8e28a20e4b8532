/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Documents from text and to text. Where memory is out, the JSON library does not always
 * say so: it reads a value as another or past its end, and leaves out a part of what it
 * writes.
 */
#ifndef EXITSTAT_BASE_JSONTEXT_H
#define EXITSTAT_BASE_JSONTEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The caller owns it. NULL with error: it is no JSON, or a member is there twice. NULL with
 * no_memory, and then error tells nothing.
 */
json_t *jsontext_read(const char *text, size_t len, json_error_t *error, bool *no_memory);

/* On one line, ASCII only. The caller frees it. NULL: no memory. */
char *jsontext_write_line(const json_t *doc);

/* With a newline at its end; the caller frees it. NULL: no memory. */
char *jsontext_write(const json_t *doc);

#endif

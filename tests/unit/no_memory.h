/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON that is made while memory is out. */
#ifndef EXITSTAT_UNIT_NO_MEMORY_H
#define EXITSTAT_UNIT_NO_MEMORY_H

#include <jansson.h>

/*
 * make(arg) over and over: with its first allocation failing, then its second, until
 * none fails; and again with all that follow failing as well. Whatever it makes must
 * be the whole document, or NULL.
 */
void assert_whole_or_none(json_t *(*make)(const void *arg), const void *arg);

#endif

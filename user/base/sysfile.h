/* SPDX-License-Identifier: GPL-2.0-only */
/* The small files of /proc and /sys that the kernel tells things by. */
#ifndef EXITSTAT_BASE_SYSFILE_H
#define EXITSTAT_BASE_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>

bool file_exists(const char *path);

/*
 * The value after "KEY :" in a file such as /proc/cpuinfo, the first line where key is
 * empty. line is room for it. NULL: there is no such file or key.
 */
char *file_value(const char *path, const char *key, char *line, size_t size);

#endif

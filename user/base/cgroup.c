// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cgroup.h"
#include "base/number.h"
#include "base/sysfile.h"

/* "max" is no number. */
static uint64_t limit_in(const char *folder)
{
	char path[2 * PATH_MAX], line[32];
	const char *value;
	uint64_t bytes;

	snprintf(path, sizeof(path), "%s/memory.max", folder);
	value = file_value(path, "", line, sizeof(line));
	return value && !parse_u64(value, 0, UINT64_MAX, &bytes) ? bytes : UINT64_MAX;
}

uint64_t cgroup_memory_max_of(const char *root, const char *cgroup)
{
	char folder[PATH_MAX];
	size_t root_len = strlen(root);
	uint64_t least = UINT64_MAX, limit;
	char *last;

	/* One that does not fit, or is above what can be seen ("/.."), is not there. */
	if (snprintf(folder, sizeof(folder), "%s%s", root, cgroup) >= (int)sizeof(folder) ||
	    strstr(cgroup, "/.."))
		return UINT64_MAX;
	do {
		limit = limit_in(folder);
		least = limit < least ? limit : least;
		last = strrchr(folder + root_len, '/');
		if (last)
			*last = '\0';
	} while (last);
	return least;
}

uint64_t cgroup_memory_max(void)
{
	char line[PATH_MAX];
	const char *cgroup = file_value("/proc/self/cgroup", "0::", line, sizeof(line));

	return cgroup ? cgroup_memory_max_of("/sys/fs/cgroup", cgroup) : UINT64_MAX;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sysfile.h"

bool file_exists(const char *path)
{
	return !access(path, F_OK);
}

char *file_value(const char *path, const char *key, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t key_len = strlen(key);
	char *value = NULL;

	if (!file)
		return NULL;
	while (!value && fgets(line, (int)size, file)) {
		if (strncmp(line, key, key_len))
			continue;
		value = line + key_len;
		value += strspn(value, " \t:");
		value[strcspn(value, "\n")] = '\0';
	}
	fclose(file);
	return value;
}

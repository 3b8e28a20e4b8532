// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/expected.h"
#include "trace/tracer.h"

/* So many may start before there is more room. */
#define SPARE 128u

/* Where nobody tells. */
#define UNKNOWN 1000u

/* A vCPU has a folder in its VM's: kvm_create_vcpu_debugfs() in virt/kvm/kvm_main.c. */
static int64_t count_vcpus(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int64_t n = 0;

	/* It has just ended. */
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += !strncmp(entry->d_name, "vcpu", strlen("vcpu"));
	closedir(dir);
	return n;
}

/* A VM's folder is called by its process and a descriptor: kvm_create_vm_debugfs(). */
static bool is_of(const char *name, const uint32_t *pids, size_t npids)
{
	uint32_t pid, fd;

	if (sscanf(name, "%" SCNu32 "-%" SCNu32, &pid, &fd) != 2)
		return false;
	for (size_t i = 0; i < npids; i++)
		if (pids[i] == pid)
			return true;
	return !npids;
}

int64_t vcpus_in(const char *folder, const uint32_t *pids, size_t npids)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[PATH_MAX];
	int64_t n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (!is_of(entry->d_name, pids, npids))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) <
		    (int)sizeof(path))
			n += count_vcpus(path);
	}
	closedir(dir);
	return n;
}

uint32_t vcpus_expected(const struct tracer_options *options)
{
	int64_t n = vcpus_in("/sys/kernel/debug/kvm", options->pids, options->npids);

	n = n < 0 ? UNKNOWN : n + SPARE;
	return n < options->max_vcpus ? (uint32_t)n : options->max_vcpus;
}

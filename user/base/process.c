// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/process.h"
#include "base/sysfile.h"

void process_prepare(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* Not for writing, even to nowhere: what is not shown must not seem to be. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			break;
	signal(SIGXFSZ, SIG_IGN);
}

void process_unprepare(void)
{
	signal(SIGXFSZ, SIG_DFL);
}

/* Field 22 of /proc/PID/stat; the name, field 2 in brackets, may have any of " )". */
uint64_t process_start_ticks(uint32_t pid)
{
	char path[64], line[1024];
	uint64_t ticks = 0;
	const char *p;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	p = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (!p || sscanf(p, "%" SCNu64, &ticks) != 1)
		return 0;
	return ticks;
}

uint32_t process_of_thread(uint32_t tid)
{
	char path[64], line[256];
	const char *text;
	uint64_t pid = 0;

	snprintf(path, sizeof(path), "/proc/%u/status", tid);
	text = file_value(path, "Tgid", line, sizeof(line));
	return text && !parse_u64(text, 1, UINT32_MAX, &pid) ? (uint32_t)pid : 0;
}

uint64_t process_ticks_now(void)
{
	struct timespec now;
	uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * per_second + (uint64_t)now.tv_nsec * per_second / NS_PER_SEC;
}

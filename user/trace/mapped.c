// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/mapped.h"

int mapped_open(struct mapped *mapped, int map_fd, size_t n, size_t entry_size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (n * entry_size + page - 1) / page * page;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	*mapped = (struct mapped){ memory, size };
	return 0;
}

void mapped_close(struct mapped *mapped)
{
	if (mapped->memory)
		munmap(mapped->memory, mapped->size);
	*mapped = (struct mapped){ 0 };
}

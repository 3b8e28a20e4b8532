// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "trace/chunks.h"

static size_t chunk_size(const struct chunks *chunks)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return ((size_t)chunks->entries * chunks->entry_size + page - 1) / page * page;
}

/*
 * What the kernel had taken when there was no more, a work item gives back (since 6.18:
 * mm/vmalloc.c, cleanup_vm_area_work). Until it has run, whatever this process asks for next is
 * too much for its cgroup, and the OOM killer takes all that was counted.
 */
static void wait_for_memory_given_back(void)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };

	nanosleep(&pause, NULL);
}

int chunk_make(const struct chunks *chunks)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, bpf_map__name(chunks->outer), sizeof(uint32_t),
				chunks->entry_size, chunks->entries, &opts);
	int err = fd < 0 ? -errno : 0;

	if (err == -ENOMEM)
		wait_for_memory_given_back();
	return err ?: fd;
}

/* The verifier learns from the first chunk what they are like. */
static int hand_over(const struct chunks *chunks, struct bpf_map *near, uint32_t most)
{
	int err = bpf_map__set_inner_map_fd(chunks->outer, chunks->first_fd);

	err = err ?: bpf_map__set_max_entries(chunks->outer, most);
	return err || !near ? err : bpf_map__reuse_fd(near, chunks->first_fd);
}

int chunks_open(struct chunks *chunks, struct bpf_map *outer, struct bpf_map *near,
		size_t entry_size, uint32_t entries, uint32_t most)
{
	size_t size;
	void *memory;

	*chunks = (struct chunks){
		.outer = outer,
		.entry_size = (uint32_t)entry_size,
		.entries = entries,
	};
	size = most * chunk_size(chunks);
	memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	chunks->mapped = (struct mapped){ memory, size };
	chunks->first_fd = chunk_make(chunks);
	return chunks->first_fd < 0 ? chunks->first_fd : hand_over(chunks, near, most);
}

void chunks_close(struct chunks *chunks)
{
	if (chunks->first_fd > 0)
		close(chunks->first_fd);
	mapped_close(&chunks->mapped);
}

int chunk_put(const struct chunks *chunks, uint32_t n, int fd)
{
	return bpf_map_update_elem(bpf_map__fd(chunks->outer), &n, &fd, BPF_ANY);
}

int chunk_map(struct chunks *chunks, uint32_t n, int fd)
{
	size_t size = chunk_size(chunks);
	void *memory = mmap((char *)chunks->mapped.memory + n * size, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED, fd, 0);

	return memory == MAP_FAILED ? -errno : 0;
}

int chunks_begin(struct chunks *chunks)
{
	int err = chunk_map(chunks, 0, chunks->first_fd) ?: chunk_put(chunks, 0, chunks->first_fd);

	close(chunks->first_fd);
	chunks->first_fd = 0;
	return err;
}

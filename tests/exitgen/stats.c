// SPDX-License-Identifier: GPL-2.0-only
/* KVM's own statistics of a vCPU, in the binary form of Linux 5.14. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exitgen.h"

/* The kernel's limits are far below. */
#define MAX_NAME  256
#define MAX_STATS 4096

static int read_at(int fd, void *buffer, size_t size, off_t offset)
{
	ssize_t n;

	n = pread(fd, buffer, size, offset);
	if (n < 0)
		return -errno;

	return (size_t)n == size ? 0 : -EPROTO;
}

static int read_named(int fd, const struct kvm_stats_header *header, const uint8_t *descs,
		      const char *name, uint64_t *value)
{
	size_t size = sizeof(struct kvm_stats_desc) + header->name_size;
	const struct kvm_stats_desc *desc;
	off_t offset;
	uint32_t i;

	for (i = 0; i < header->num_desc; i++) {
		desc = (const struct kvm_stats_desc *)(descs + i * size);
		offset = (off_t)header->data_offset + desc->offset;
		if (!strncmp(desc->name, name, header->name_size))
			return read_at(fd, value, sizeof(*value), offset);
	}

	return -EOPNOTSUPP;
}

/* -EOPNOTSUPP if this kernel does not keep all of them. */
int stats_read(int vcpu_fd, struct vcpu_stats *stats)
{
	struct kvm_stats_header header;
	uint8_t *descs = NULL;
	size_t size;
	int fd, err;

	fd = ioctl(vcpu_fd, KVM_GET_STATS_FD, NULL);
	if (fd < 0)
		return errno == ENOTTY || errno == EINVAL ? -EOPNOTSUPP : -errno;

	err = read_at(fd, &header, sizeof(header), 0);
	if (err)
		goto out;
	if (header.name_size > MAX_NAME || header.num_desc > MAX_STATS) {
		err = -EPROTO;
		goto out;
	}

	size = header.num_desc * (sizeof(struct kvm_stats_desc) + header.name_size);
	descs = malloc(size);
	if (!descs) {
		err = -ENOMEM;
		goto out;
	}

	err = read_at(fd, descs, size, header.desc_offset);
	if (!err)
		err = read_named(fd, &header, descs, "exits", &stats->exits);
	if (!err)
		err = read_named(fd, &header, descs, "irq_exits", &stats->irq_exits);
	if (!err)
		err = read_named(fd, &header, descs, "pf_taken", &stats->pf_taken);
	if (!err)
		err = read_named(fd, &header, descs, "pf_mmio_spte_created",
				 &stats->pf_mmio_spte_created);

out:
	free(descs);
	close(fd);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/array.h"
#include "doc/encode_frame.h"
#include "doc/recording_write.h"

/* How hard zstd tries: from here on it has the codes of few bytes for each block. */
#define LEVEL	  16
#define TABLE_LOG 15

struct recording {
	char *path;
	int fd;
	ZSTD_CCtx *zstd[PACK_SECTIONS]; /* made when first needed */
	struct encoder encoder;
	uint32_t check; /* of the last block */
	uint64_t bytes;
	uint8_t *block; /* with its head */
	size_t len, room;
};

static int fail_write(const struct recording *rec, int error, struct error *err)
{
	if (error == ENOMEM)
		return fail(err, STATUS_FAILED, "out of memory for %s: what was written is good",
			    rec->path);
	if (error == EINVAL || error == E2BIG)
		return fail(err, STATUS_FAILED, "cannot write %s: %s: what was written is good",
			    rec->path,
			    error == EINVAL ? "no run has such counts" : "it is too much at once");
	return fail(err, STATUS_FAILED, "cannot write %s: %s: what was written is good", rec->path,
		    strerror(error));
}

/* --- blocks ------------------------------------------------------------------------ */

static int make_room(struct recording *rec, size_t more)
{
	uint8_t *grown;

	if (rec->len + more <= rec->room)
		return 0;
	grown = realloc(rec->block, 2 * (rec->len + more));
	if (!grown)
		return -ENOMEM;
	rec->block = grown;
	rec->room = 2 * (rec->len + more);
	return 0;
}

/* Numbers that are mostly noise repeat themselves near by, or not at all: tables are small. */
static ZSTD_CCtx *make_stream(void)
{
	static const struct {
		ZSTD_cParameter parameter;
		int value;
	} settings[] = {
		{ ZSTD_c_compressionLevel, LEVEL },
		{ ZSTD_c_windowLog, RECORDING_WINDOW_LOG },
		{ ZSTD_c_hashLog, TABLE_LOG },
		{ ZSTD_c_chainLog, TABLE_LOG },
	};
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	for (size_t i = 0; zstd && i < COUNT_OF(settings); i++) {
		if (!ZSTD_isError(
			    ZSTD_CCtx_setParameter(zstd, settings[i].parameter, settings[i].value)))
			continue;
		ZSTD_freeCCtx(zstd);
		zstd = NULL;
	}
	return zstd;
}

/* A section's bytes, flushed. */
static int put_stream(struct recording *rec, enum pack_section section)
{
	const struct pack *pack = &rec->encoder.pack;
	ZSTD_inBuffer in = { pack->section[section].bytes, pack->section[section].n, 0 };
	ZSTD_CCtx **zstd = &rec->zstd[section];
	size_t left;

	if (!*zstd)
		*zstd = make_stream();
	if (!*zstd)
		return -ENOMEM;
	do {
		ZSTD_outBuffer out;

		if (make_room(rec, ZSTD_compressBound(in.size - in.pos)))
			return -ENOMEM;
		out = (ZSTD_outBuffer){ rec->block + rec->len, rec->room - rec->len, 0 };
		left = ZSTD_compressStream2(*zstd, &out, &in, ZSTD_e_flush);
		if (ZSTD_isError(left))
			return -ENOMEM; /* nothing else can be wrong */
		rec->len += out.pos;
	} while (left);
	return 0;
}

/* In front of what was put since. */
static int put_length(struct recording *rec, size_t at)
{
	size_t len = rec->len - at, left = len, n = 0;
	uint8_t bytes[10];

	do
		bytes[n++] = (uint8_t)((left & 127) | (left > 127 ? 128 : 0));
	while (left >>= 7);
	if (make_room(rec, n))
		return -ENOMEM;
	memmove(rec->block + at + n, rec->block + at, len);
	memcpy(rec->block + at, bytes, n);
	rec->len += n;
	return 0;
}

static int put_section(struct recording *rec, enum pack_section section)
{
	size_t at = rec->len;
	int err = put_stream(rec, section);

	return err ?: put_length(rec, at);
}

static int put_sections(struct recording *rec)
{
	const struct pack *pack = &rec->encoder.pack;
	size_t unpacked = 0, at = rec->len;
	uint16_t there = 0;
	int err = 0;

	rec->len += sizeof(there);
	for (size_t i = 0; i < PACK_SECTIONS && !err; i++) {
		if (!pack->section[i].n)
			continue;
		unpacked += pack->section[i].n;
		if (unpacked > RECORDING_MAX_BLOCK)
			return -E2BIG;
		there |= (uint16_t)(1u << i);
		err = put_section(rec, (enum pack_section)i);
	}
	there = htole16(there);
	memcpy(rec->block + at, &there, sizeof(there));
	return err;
}

static uint32_t check_sections(uint32_t check, const struct pack *pack)
{
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		if (pack->section[i].n)
			check = (uint32_t)crc32_z(check, pack->section[i].bytes,
						  pack->section[i].n);
	return check;
}

static void put_u32(uint8_t *to, uint32_t value)
{
	value = htole32(value);
	memcpy(to, &value, sizeof(value));
}

static int write_all(struct recording *rec, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(rec->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
		rec->bytes += (uint64_t)n;
	}
	return 0;
}

/* What the encoder has made. */
static int write_block(struct recording *rec)
{
	size_t len;
	int err;

	rec->len = 0;
	if (make_room(rec, RECORDING_BLOCK_HEAD + sizeof(uint16_t)))
		return -ENOMEM;
	rec->len = RECORDING_BLOCK_HEAD;
	err = put_sections(rec);
	if (err)
		return err;
	len = rec->len - RECORDING_BLOCK_HEAD;
	if (len > RECORDING_MAX_BLOCK)
		return -E2BIG;
	rec->check = (uint32_t)crc32_z(rec->check, rec->block + RECORDING_BLOCK_HEAD, len);
	rec->check = check_sections(rec->check, &rec->encoder.pack);
	put_u32(rec->block, (uint32_t)len);
	put_u32(rec->block + 4, rec->check);
	return write_all(rec, rec->block, rec->len);
}

/* --- the file ------------------------------------------------------------------------ */

static int write_head(struct recording *rec, const struct run *run)
{
	uint8_t head[RECORDING_FILE_HEAD];
	int err;

	memcpy(head, RECORDING_MAGIC, RECORDING_MAGIC_LEN);
	put_u32(head + RECORDING_MAGIC_LEN, RECORDING_VERSION);
	err = write_all(rec, head, sizeof(head));
	if (!err)
		err = encode_head(&rec->encoder, run);
	return err ?: write_block(rec);
}

int recording_add(struct recording *rec, const struct run *run, bool last, struct error *err)
{
	uint8_t flags = 0;
	int ret = 0;

	if (last)
		flags = run->self ? RECORDING_END | RECORDING_SELF : RECORDING_END;
	if (!rec->bytes)
		ret = write_head(rec, run);
	if (!ret)
		ret = encode_frame(&rec->encoder, run, flags);
	if (!ret)
		ret = write_block(rec);
	return ret ? fail_write(rec, -ret, err) : 0;
}

uint64_t recording_bytes(const struct recording *rec)
{
	return rec->bytes;
}

static struct recording *make(const char *path)
{
	struct recording *rec = calloc(1, sizeof(*rec));

	if (!rec)
		return NULL;
	rec->fd = -1;
	rec->path = strdup(path);
	if (rec->path)
		return rec;
	free(rec);
	return NULL;
}

static int fail_open(const char *path, struct error *err)
{
	return fail(err, STATUS_FAILED, "cannot write %s: %s: choose another file", path,
		    strerror(errno));
}

int recording_check(const char *path, struct error *err)
{
	struct stat before;
	bool was_there = !stat(path, &before);
	int fd;

	if (!strcmp(path, "-"))
		return 0;
	if (was_there && S_ISFIFO(before.st_mode))
		return fail(err, STATUS_FAILED, "%s is a pipe: give -o - and let the shell open it",
			    path);
	fd = open(path, O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return fail_open(path, err);
	close(fd);
	if (!was_there)
		unlink(path);
	return 0;
}

int recording_create(struct recording **recording, const char *path, struct error *err)
{
	struct recording *rec = make(path);

	if (!rec)
		return fail(err, STATUS_FAILED, "out of memory for %s", path);
	rec->fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
				    : STDOUT_FILENO;
	if (rec->fd < 0) {
		fail_open(path, err);
		recording_close(rec, NULL);
		return -1;
	}
	*recording = rec;
	return 0;
}

int recording_close(struct recording *rec, struct error *err)
{
	int ret = 0;

	if (!rec)
		return 0;
	if (rec->fd >= 0 && rec->fd != STDOUT_FILENO && close(rec->fd) && err)
		ret = fail_write(rec, errno, err);
	encoder_free(&rec->encoder);
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		ZSTD_freeCCtx(rec->zstd[i]);
	free(rec->block);
	free(rec->path);
	free(rec);
	return ret;
}

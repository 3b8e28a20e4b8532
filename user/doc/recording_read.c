// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/clock.h"
#include "doc/decode_frame.h"
#include "doc/recording_read.h"

struct reader {
	const struct frames_file *from;
	ZSTD_DCtx *zstd[PACK_SECTIONS]; /* made when first needed */
	struct decoder decoder;
	uint64_t ns;	/* of the run, until the last good block */
	uint64_t at;	/* in the file, behind the last good block */
	uint32_t check; /* of that */
	uint8_t *packed, *unpacked;
	size_t packed_room, unpacked_room, unpacked_n;
	bool ended;    /* by the run's end */
	bool is_over;  /* nothing more is read */
	char cut[160]; /* "": it is whole */
};

/* Room that is made at a time for what is unpacked. */
#define UNPACK_STEP (64u << 10)

enum block {
	BLOCK_GOOD,
	BLOCK_NONE, /* the file ends before it */
	BLOCK_CUT,  /* the file ends in it */
	BLOCK_DAMAGED,
	BLOCK_ERROR, /* errno says why */
};

static uint32_t get_u32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return le32toh(value);
}

/* --- blocks ------------------------------------------------------------------------ */

static enum block no_memory(void)
{
	errno = ENOMEM;
	return BLOCK_ERROR;
}

static bool make_room(uint8_t **bytes, size_t *room, size_t wanted)
{
	uint8_t *grown;

	if (wanted <= *room)
		return true;
	grown = realloc(*bytes, 2 * wanted);
	if (!grown)
		return false;
	*bytes = grown;
	*room = 2 * wanted;
	return true;
}

static ZSTD_DCtx *make_stream(void)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();

	if (zstd &&
	    ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, RECORDING_WINDOW_LOG))) {
		ZSTD_freeDCtx(zstd);
		return NULL;
	}
	return zstd;
}

static enum block read_bytes(struct reader *reader, uint8_t *to, size_t len)
{
	size_t got = fread(to, 1, len, reader->from->file);

	if (got == len)
		return BLOCK_GOOD;
	if (ferror(reader->from->file))
		return BLOCK_ERROR;
	return got ? BLOCK_CUT : BLOCK_NONE;
}

/* A section, which these bytes are, goes behind those that are unpacked already. */
static enum block unpack_stream(struct reader *reader, size_t section, const uint8_t *bytes,
				size_t len)
{
	ZSTD_inBuffer in = { bytes, len, 0 };
	ZSTD_DCtx **zstd = &reader->zstd[section];
	ZSTD_outBuffer out;
	size_t taken, given;

	if (!*zstd)
		*zstd = make_stream();
	if (!*zstd)
		return no_memory();
	do {
		if (reader->unpacked_n > RECORDING_MAX_BLOCK)
			return BLOCK_DAMAGED;
		if (!make_room(&reader->unpacked, &reader->unpacked_room,
			       reader->unpacked_n + UNPACK_STEP))
			return no_memory();
		out = (ZSTD_outBuffer){ reader->unpacked, reader->unpacked_room,
					reader->unpacked_n };
		taken = in.pos;
		given = out.pos;
		if (ZSTD_isError(ZSTD_decompressStream(*zstd, &out, &in)))
			return BLOCK_DAMAGED;
		reader->unpacked_n = out.pos;
	} while (in.pos != taken || out.pos != given);
	return in.pos == len ? BLOCK_GOOD : BLOCK_DAMAGED;
}

/* 7 bits a byte. */
static bool take_length(const uint8_t **at, const uint8_t *end, size_t *len)
{
	unsigned int shift = 0;

	*len = 0;
	while (*at != end && shift < 35) {
		uint8_t byte = *(*at)++;

		*len |= (size_t)(byte & 127) << shift;
		shift += 7;
		if (!(byte & 128))
			return *len <= (size_t)(end - *at);
	}
	return false;
}

static enum block unpack_section(struct reader *reader, size_t section, const uint8_t **at,
				 const uint8_t *end)
{
	enum block found;
	size_t len;

	if (!take_length(at, end, &len))
		return BLOCK_DAMAGED;
	found = unpack_stream(reader, section, *at, len);
	*at += len;
	return found;
}

static size_t sections_of(const struct reader *reader)
{
	return reader->decoder.version == 1 ? RECORDING_SECTIONS_1 : PACK_SECTIONS;
}

/* ends: of each section in what is unpacked. */
static enum block unpack_sections(struct reader *reader, size_t ends[PACK_SECTIONS], size_t len)
{
	const uint8_t *at = reader->packed, *end = at + len;
	uint16_t there;

	reader->unpacked_n = 0;
	if (!make_room(&reader->unpacked, &reader->unpacked_room, UNPACK_STEP))
		return no_memory();
	if (len < sizeof(there))
		return BLOCK_DAMAGED;
	memcpy(&there, at, sizeof(there));
	there = le16toh(there);
	at += sizeof(there);
	for (size_t i = 0; i < PACK_SECTIONS; i++) {
		enum block found = BLOCK_GOOD;

		if (there & 1u << i)
			found = unpack_section(reader, i, &at, end);
		if (found != BLOCK_GOOD)
			return found;
		ends[i] = reader->unpacked_n;
	}
	return at == end && !(there >> sections_of(reader)) ? BLOCK_GOOD : BLOCK_DAMAGED;
}

/* For the decoder. */
static void set_sections(struct reader *reader, const size_t ends[PACK_SECTIONS])
{
	struct unpack *unpack = &reader->decoder.unpack;
	size_t begin = 0;

	*unpack = (struct unpack){ 0 };
	for (size_t i = 0; i < PACK_SECTIONS; i++) {
		unpack->section[i].at = reader->unpacked + begin;
		unpack->section[i].end = reader->unpacked + ends[i];
		begin = ends[i];
	}
}

static enum block read_packed(struct reader *reader, size_t len, uint32_t check)
{
	size_t ends[PACK_SECTIONS];
	enum block found;

	if (len > RECORDING_MAX_BLOCK)
		return BLOCK_DAMAGED;
	if (!make_room(&reader->packed, &reader->packed_room, len + 1))
		return no_memory();
	found = read_bytes(reader, reader->packed, len);
	if (found != BLOCK_GOOD)
		return found == BLOCK_NONE ? BLOCK_CUT : found;
	found = unpack_sections(reader, ends, len);
	if (found != BLOCK_GOOD)
		return found;
	reader->check = (uint32_t)crc32_z(reader->check, reader->packed, len);
	reader->check = (uint32_t)crc32_z(reader->check, reader->unpacked, reader->unpacked_n);
	if (reader->check != check)
		return BLOCK_DAMAGED;
	set_sections(reader, ends);
	reader->at += RECORDING_BLOCK_HEAD + len;
	return BLOCK_GOOD;
}

static enum block read_block(struct reader *reader)
{
	uint8_t head[RECORDING_BLOCK_HEAD];
	enum block found = read_bytes(reader, head, sizeof(head));

	return found == BLOCK_GOOD ? read_packed(reader, get_u32(head), get_u32(head + 4)) : found;
}

/* --- the begin ---------------------------------------------------------------------- */

static bool begins(int byte)
{
	return byte == (uint8_t)RECORDING_MAGIC[0];
}

static int fail_read(const struct reader *reader, int error, struct error *err)
{
	if (error == ENOMEM)
		return fail(err, STATUS_FAILED, "out of memory for %s", reader->from->name);
	return fail(err, STATUS_CANNOT, "cannot read %s: %s", reader->from->name, strerror(error));
}

static int read_version(struct reader *reader, struct error *err)
{
	uint8_t head[RECORDING_FILE_HEAD];
	enum block found = read_bytes(reader, head, sizeof(head));
	uint32_t version;

	if (found == BLOCK_ERROR)
		return fail_read(reader, errno, err);
	if (found != BLOCK_GOOD || memcmp(head, RECORDING_MAGIC, RECORDING_MAGIC_LEN))
		return fail(err, STATUS_CANNOT, "%s is no recording, or was cut at its begin",
			    reader->from->name);
	version = get_u32(head + RECORDING_MAGIC_LEN);
	if (version < 1 || version > RECORDING_VERSION)
		return fail(err, STATUS_CANNOT,
			    "%s is a recording of version %" PRIu32
			    ", and this exitstat-bpf reads up to %u: use a newer one",
			    reader->from->name, version, RECORDING_VERSION);
	reader->decoder.version = version;
	reader->at = sizeof(head);
	return 0;
}

static int read_head(struct reader *reader, struct error *err)
{
	enum block found = read_block(reader);
	int ret = found == BLOCK_GOOD ? decode_head(&reader->decoder) : 0;

	if (found == BLOCK_ERROR || ret == -ENOMEM)
		return fail_read(reader, ret ? -ret : errno, err);
	if (found == BLOCK_GOOD && !ret)
		return 0;
	if (found == BLOCK_NONE || found == BLOCK_CUT)
		return fail(err, STATUS_CANNOT,
			    "%s was cut before a recording's first moment: nothing is in it",
			    reader->from->name);
	return fail(err, STATUS_CANNOT, "%s is damaged at its begin: nothing of it can be read",
		    reader->from->name);
}

static void close_recording(void *source)
{
	struct reader *reader = source;

	decoder_free(&reader->decoder);
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		ZSTD_freeDCtx(reader->zstd[i]);
	free(reader->packed);
	free(reader->unpacked);
	free(reader);
}

static int open_recording(void **source, const struct frames_file *from, struct error *err)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	*source = reader;
	if (!reader)
		return fail(err, STATUS_FAILED, "out of memory for %s", from->name);
	reader->from = from;
	return read_version(reader, err) ?: read_head(reader, err);
}

static int rewind_recording(void *source, struct error *err)
{
	struct reader *reader = source;
	struct decoder *decoder = &reader->decoder;

	decoder_free(decoder);
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		if (reader->zstd[i])
			ZSTD_DCtx_reset(reader->zstd[i], ZSTD_reset_session_only);
	reader->check = 0;
	reader->ns = 0;
	reader->ended = false;
	reader->is_over = false;
	reader->cut[0] = '\0';
	return read_version(reader, err) ?: read_head(reader, err);
}

static const struct run *head_of(const void *source)
{
	return &((const struct reader *)source)->decoder.head;
}

/* --- frames -------------------------------------------------------------------------- */

static void be_cut(struct reader *reader, const char *how)
{
	uint64_t tenths = (reader->ns + NS_PER_SEC / 20) / (NS_PER_SEC / 10);

	reader->is_over = true;
	snprintf(reader->cut, sizeof(reader->cut),
		 "%s at byte %" PRIu64 ", after %" PRIu64 ".%" PRIu64
		 " s; what is before that is shown",
		 how, reader->at, tenths / 10, tenths % 10);
}

/* Behind the run's end there is nothing. */
static int end_of(struct reader *reader, struct error *err)
{
	uint8_t byte;
	enum block found = read_bytes(reader, &byte, 1);

	if (found == BLOCK_ERROR)
		return fail_read(reader, errno, err);
	reader->is_over = true;
	if (found == BLOCK_GOOD)
		snprintf(reader->cut, sizeof(reader->cut),
			 "has more after its end, at byte %" PRIu64 ": that is not shown",
			 reader->at);
	return 0;
}

static int next(void *source, const struct run **run, struct error *err)
{
	struct reader *reader = source;
	uint64_t at = reader->at;
	enum block found;
	uint8_t flags;
	int ret;

	if (reader->is_over)
		return 0;
	if (reader->ended)
		return end_of(reader, err);
	found = read_block(reader);
	if (found == BLOCK_ERROR)
		return fail_read(reader, errno, err);
	if (found != BLOCK_GOOD) {
		be_cut(reader, found == BLOCK_DAMAGED ? "damaged" : "cut");
		return 0;
	}
	ret = decode_frame(&reader->decoder, &flags);
	if (ret == -ENOMEM)
		return fail_read(reader, ENOMEM, err);
	if (ret) {
		reader->at = at;
		be_cut(reader, "damaged");
		return 0;
	}
	reader->ns = reader->decoder.run.ns;
	reader->ended = flags & RECORDING_END;
	*run = &reader->decoder.run;
	return 1;
}

static const char *cut_of(const void *source)
{
	const struct reader *reader = source;

	return reader->cut[0] ? reader->cut : NULL;
}

const struct frames_kind recording_kind = {
	.begins = begins,
	.open = open_recording,
	.close = close_recording,
	.head = head_of,
	.next = next,
	.rewind = rewind_recording,
	.cut = cut_of,
};

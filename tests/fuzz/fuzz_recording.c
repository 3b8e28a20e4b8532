// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording. As a file hardly any change gets behind the checks, so that most inputs are a
 * version, a byte, and what the blocks are made of: of each section of each block a length, two
 * bytes, and its bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doc/frames.h"
#include "doc/host_write.h"
#include "doc/decode_frame.h"
#include "doc/encode_frame.h"
#include "fuzz.h"

/* As a file, which is taken for whole only up to its end. */
static void read_file(const uint8_t *data, size_t size)
{
	struct frames *frames;
	const struct run *run;
	struct error err;
	int ret;

	if (frames_open(&frames, fuzz_file(0, data, size), &err)) {
		expect_error(&err);
		return;
	}
	while ((ret = frames_next(frames, &run, &err)) == 1)
		EXPECT(run->snap && run->host->tsc_khz);
	EXPECT(!ret);
	if (frames_cut(frames))
		expect_printable(frames_cut(frames));
	frames_close(frames);
}

/* The next block of the input; false: there is none. */
static bool take_block(struct unpack *unpack, const uint8_t **at, const uint8_t *end)
{
	*unpack = (struct unpack){ 0 };
	if (*at == end)
		return false;
	for (size_t i = 0; i < PACK_SECTIONS; i++) {
		size_t len = 0;

		if (end - *at >= 2) {
			len = (size_t)(*at)[0] | (size_t)(*at)[1] << 8;
			*at += 2;
		}
		if (len > (size_t)(end - *at))
			len = (size_t)(end - *at);
		unpack->section[i].at = *at;
		unpack->section[i].end = *at + len;
		*at += len;
	}
	return true;
}

static void point_at(struct unpack *unpack, const struct pack *pack)
{
	*unpack = (struct unpack){ 0 };
	for (size_t i = 0; i < PACK_SECTIONS; i++) {
		if (!pack->section[i].n)
			continue;
		unpack->section[i].at = pack->section[i].bytes;
		unpack->section[i].end = pack->section[i].bytes + pack->section[i].n;
	}
}

static char *text_of(const struct run *run)
{
	json_t *doc = export_json(run);
	char *text = doc ? json_dumps(doc, 0) : NULL;

	EXPECT(text);
	json_decref(doc);
	return text;
}

struct both {
	struct encoder encoder;
	struct decoder decoder;
};

/* A moment that was read is written, and read again. */
static void write_again(struct both *both, const struct run *run)
{
	char *text, *again;
	uint8_t flags;
	int err = encode_frame(&both->encoder, run, 0);

	/* Counts that add up to more than there can be. */
	EXPECT(!err || err == -EINVAL);
	text = text_of(run);
	if (!err) {
		point_at(&both->decoder.unpack, &both->encoder.pack);
		EXPECT(!decode_frame(&both->decoder, &flags));
		both->decoder.run.self = run->self;
		again = text_of(&both->decoder.run);
		EXPECT_SAME(again, text);
		free(again);
	}
	free(text);
}

static void read_blocks(struct both *both, struct decoder *decoder, const uint8_t *at,
			const uint8_t *end)
{
	uint8_t flags;

	if (!take_block(&decoder->unpack, &at, end) || decode_head(decoder))
		return;
	EXPECT(!encode_head(&both->encoder, &decoder->run));
	point_at(&both->decoder.unpack, &both->encoder.pack);
	EXPECT(!decode_head(&both->decoder));
	while (take_block(&decoder->unpack, &at, end) && !decode_frame(decoder, &flags))
		write_again(both, &decoder->run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));
	struct both *both = calloc(1, sizeof(*both));

	EXPECT(decoder && both);
	decoder->version = size && data[0] == 1 ? 1 : RECORDING_VERSION;
	both->decoder.version = RECORDING_VERSION;
	if (size && data[0] == (uint8_t)RECORDING_MAGIC[0])
		read_file(data, size);
	else if (size)
		read_blocks(both, decoder, data + 1, data + size);
	decoder_free(decoder);
	decoder_free(&both->decoder);
	encoder_free(&both->encoder);
	free(decoder);
	free(both);
	return 0;
}

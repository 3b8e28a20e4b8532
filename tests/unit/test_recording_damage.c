// SPDX-License-Identifier: GPL-2.0-only
/* Recordings that were cut, changed, or made by somebody who wishes us ill. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doc/recording.h"
#include "doc/decode_frame.h"
#include "doc/encode_frame.h"
#include "recorded.h"
#include "shown.h"
#include "unit.h"

#define MUTATIONS 10000u
/* Moments of the files that are changed. */
#define MOMENTS 4u

/* --- files ------------------------------------------------------------------------------- */

/* How many moments are read of what is there, each as it was made; *whole: all is said to be. */
static unsigned int moments(const struct recorded *made, bool *whole)
{
	const struct run *run = NULL;
	struct frames *frames;
	unsigned int n = 0;
	struct error err;

	*whole = false;
	if (frames_open(&frames, recorded_path, &err))
		return 0;
	while (frames_next(frames, &run, &err) == 1) {
		assert_true(n < RECORDED);
		assert_int_equal(run->ns, made->runs[n].ns);
		assert_int_equal(snapshot_count(run->snap), snapshot_count(made->runs[n].snap));
		n++;
	}
	*whole = !frames_cut(frames);
	frames_close(frames);
	return n;
}

static void cut_anywhere(void **state)
{
	unsigned int n, before = 0;
	struct recorded made;
	unsigned char *bytes;
	size_t len;
	bool whole;

	(void)state;
	recorded_make(&made);
	recorded_write(made.runs, RECORDED, true);
	bytes = recorded_bytes(&len);
	for (size_t cut = 0; cut < len; cut++) {
		recorded_fill(bytes, cut);
		n = moments(&made, &whole);
		assert_false(whole);
		assert_true(n == before || n == before + 1);
		before = n;
	}
	assert_int_equal(before, RECORDED - 1);
	recorded_fill(bytes, len);
	assert_int_equal(moments(&made, &whole), RECORDED);
	assert_true(whole);
	free(bytes);
	recorded_free(&made);
}

static const char *cut_text(void)
{
	static char text[256];
	struct frames *frames = recorded_open();
	const struct run *run;
	struct error err;

	while (frames_next(frames, &run, &err) == 1)
		;
	snprintf(text, sizeof(text), "%s", frames_cut(frames) ?: "whole");
	frames_close(frames);
	return text;
}

static void what_is_missing_is_said(void **state)
{
	struct recorded made;
	unsigned char *bytes;
	char expected[128];
	size_t len, shorter;

	(void)state;
	recorded_make(&made);
	recorded_write(made.runs, 2, false);
	free(recorded_bytes(&shorter));
	snprintf(expected, sizeof(expected),
		 "cut at byte %zu, after 2.0 s; what is before that is shown", shorter);
	assert_string_equal(cut_text(), expected);
	recorded_write(made.runs, 3, true);
	bytes = recorded_bytes(&len);
	recorded_fill(bytes, len - 1);
	assert_string_equal(cut_text(), expected);
	bytes[len - 1] ^= 1;
	recorded_fill(bytes, len);
	expected[0] = '\0';
	snprintf(expected, sizeof(expected),
		 "damaged at byte %zu, after 2.0 s; what is before that is shown", shorter);
	assert_string_equal(cut_text(), expected);
	bytes[len - 1] ^= 1;
	bytes[len] = 'x';
	recorded_fill(bytes, len + 1);
	assert_non_null(strstr(cut_text(), "has more after its end"));
	free(bytes);
	recorded_free(&made);
}

/* Bytes are changed, go, come, or change places. */
static size_t change(unsigned char *bytes, size_t len, uint64_t *random)
{
	size_t at = next_random(random) % len, n = 1 + next_random(random) % 40;
	size_t to = next_random(random) % len;

	if (at + n > len)
		n = len - at;
	switch (next_random(random) % 5) {
	case 0:
		bytes[at] ^= (unsigned char)(1 << next_random(random) % 8);
		return len;
	case 1:
		bytes[at] = (unsigned char)next_random(random);
		return len;
	case 2: /* go */
		memmove(bytes + at, bytes + at + n, len - at - n);
		return len - n;
	case 3: /* are there twice */
		memmove(bytes + at + n, bytes + at, len - at);
		return len + n;
	default: /* are written over others */
		memmove(bytes + to, bytes + at, n);
		return to + n > len ? to + n : len;
	}
}

static void change_often(const struct recorded *made, const unsigned char *bytes, size_t len,
			 unsigned int times)
{
	unsigned char *changed = malloc(len + 128);
	uint64_t random = 1;
	size_t now;
	bool whole;

	assert_non_null(changed);
	for (unsigned int i = 0; i < times; i++) {
		memcpy(changed, bytes, len);
		now = change(changed, len, &random);
		if (next_random(&random) % 3 == 0)
			now = change(changed, now, &random);
		recorded_fill(changed, now);
		moments(made, &whole);
		if (whole && (now != len || memcmp(bytes, changed, len)))
			fail_msg("mutation %u is taken for whole", i);
	}
	free(changed);
}

static void none_that_was_changed_is_whole(void **state)
{
	unsigned char *bytes;
	struct recorded made;
	size_t len;

	(void)state;
	recorded_make(&made);
	recorded_write(made.runs, MOMENTS, true);
	bytes = recorded_bytes(&len);
	change_often(&made, bytes, len, MUTATIONS);
	free(bytes);
	recorded_free(&made);
}

/* Of version 1. */
static void nor_an_old_one(void **state)
{
	FILE *file = fopen("tests/unit/recordings/v1.exitrec", "r");
	unsigned char bytes[4096];
	struct recorded made;
	size_t len;

	(void)state;
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	assert_true(feof(file));
	fclose(file);
	recorded_make(&made);
	change_often(&made, bytes, len, MUTATIONS / 10);
	recorded_free(&made);
}

/* --- what is in blocks, with checks that are good ------------------------------------------- */

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

static void spoil(struct pack *pack, uint64_t *random)
{
	unsigned int times = 1 + next_random(random) % 3;

	while (times--) {
		size_t i = next_random(random) % PACK_SECTIONS, n = pack->section[i].n;
		size_t at = n ? next_random(random) % n : 0;

		if (!n)
			continue;
		if (next_random(random) % 4)
			pack->section[i].bytes[at] = (uint8_t)next_random(random);
		else
			pack->section[i].n = at;
	}
}

/* What was taken last can be shown, whatever it is. */
static int decode_all(struct pack *blocks, size_t n)
{
	struct decoder decoder = { .version = RECORDING_VERSION };
	uint8_t flags;
	int err;

	point_at(&decoder.unpack, &blocks[0]);
	err = decode_head(&decoder);
	for (size_t i = 1; i < n && !err; i++) {
		point_at(&decoder.unpack, &blocks[i]);
		err = decode_frame(&decoder, &flags);
	}
	if (!err && n > 1)
		free(document_text(&decoder.run));
	decoder_free(&decoder);
	return err;
}

static void copy_pack(struct pack *to, const struct pack *from)
{
	*to = (struct pack){ 0 };
	for (size_t i = 0; i < PACK_SECTIONS; i++) {
		size_t n = from->section[i].n;

		to->section[i].bytes = malloc(n + 1);
		assert_non_null(to->section[i].bytes);
		to->section[i].n = n;
		if (n)
			memcpy(to->section[i].bytes, from->section[i].bytes, n);
	}
}

static void make_blocks(struct pack *blocks, const struct recorded *made)
{
	static struct encoder encoder;

	assert_int_equal(encode_head(&encoder, &made->runs[0]), 0);
	copy_pack(&blocks[0], &encoder.pack);
	for (unsigned int i = 0; i < RECORDED; i++) {
		assert_int_equal(encode_frame(&encoder, &made->runs[i], 0), 0);
		copy_pack(&blocks[i + 1], &encoder.pack);
	}
	encoder_free(&encoder);
}

static void nothing_in_a_block_is_trusted(void **state)
{
	struct pack blocks[RECORDED + 1], spoilt;
	unsigned int taken = 0;
	uint64_t random = 2;
	struct recorded made;

	(void)state;
	recorded_make(&made);
	make_blocks(blocks, &made);
	assert_int_equal(decode_all(blocks, RECORDED + 1), 0);
	for (unsigned int i = 0; i < MUTATIONS; i++) {
		size_t which = next_random(&random) % MOMENTS;
		struct pack good = blocks[which];
		int err;

		copy_pack(&spoilt, &good);
		spoil(&spoilt, &random);
		blocks[which] = spoilt;
		err = decode_all(blocks, which + 2);
		assert_true(!err || err == -EINVAL);
		taken += !err;
		pack_free(&spoilt);
		blocks[which] = good;
	}
	/* Most numbers can be any. */
	assert_true(taken > 0 && taken < MUTATIONS);
	for (unsigned int i = 0; i <= RECORDED; i++)
		pack_free(&blocks[i]);
	recorded_free(&made);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(recorded_path);
	return 0;
}

UNIT_TESTS(recording_damage)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(none_that_was_changed_is_whole),
		cmocka_unit_test(nor_an_old_one),
		cmocka_unit_test(nothing_in_a_block_is_trusted),
	};

	tally_add(tally, COUNT(tests),
		  cmocka_run_group_tests_name("recording_damage", tests, NULL, remove_file));
}

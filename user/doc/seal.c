// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/seal.h"

#define KEY   "seal"
#define PRIME ((1ull << 61) - 1)
#define SUMS  3

struct walk {
	uint64_t place; /* of the value visited last, from 1 */
	uint64_t sums[SUMS];
	uint64_t wanted; /* the place to be described, or 0 */
	struct seal_fault *fault;
	size_t len; /* of fault->path so far */
	bool no_memory;
};

static uint64_t multiply(uint64_t a, uint64_t b)
{
	return (uint64_t)((unsigned __int128)a * b % PRIME);
}

static uint64_t subtract(uint64_t a, uint64_t b)
{
	return a >= b ? a - b : a + PRIME - b;
}

/* Fermat: a^(p-2). */
static uint64_t inverse(uint64_t a)
{
	uint64_t result = 1;

	for (uint64_t power = PRIME - 2; power; power >>= 1) {
		if (power & 1)
			result = multiply(result, a);
		a = multiply(a, a);
	}
	return result;
}

/* FNV-1a */
static uint64_t hash(const char *text, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3ull;
	return h % PRIME;
}

/* Rarely 0, so that hardly anything can be left out unseen. */
static uint64_t number_of(const json_t *value)
{
	if (json_is_integer(value))
		return ((uint64_t)json_integer_value(value) + 1) % PRIME;
	if (json_is_string(value))
		return hash(json_string_value(value), json_string_length(value));
	return PRIME - 1 - (uint64_t)json_typeof(value);
}

/* Objects and arrays have a place too, so that their names are sealed. */
static void visit(struct walk *walk, const json_t *value, const char *key)
{
	uint64_t term = (number_of(value) + (key ? hash(key, strlen(key)) : 0)) % PRIME;

	walk->place++;
	for (int i = 0; i < SUMS; i++) {
		walk->sums[i] = (walk->sums[i] + term) % PRIME;
		term = multiply(term, walk->place);
	}
	if (walk->place == walk->wanted) {
		walk->fault->path[walk->len] = '\0';
		walk->fault->is_integer = json_is_integer(value);
		walk->fault->value = json_integer_value(value);
		walk->wanted = 0;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys in their order, which is not that of the file: tools change it. NULL: no memory. */
static const char **sorted_keys(const json_t *object)
{
	const char **keys = calloc(json_object_size(object) + 1, sizeof(*keys));
	const char *key;
	json_t *value;
	size_t n = 0;

	if (!keys)
		return NULL;
	json_object_foreach((json_t *)object, key, value)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), by_name);
	return keys;
}

static void walk_value(struct walk *walk, const json_t *value, bool top);

/* Go down to a member or an element, with its name at the end of the path. */
static void walk_down(struct walk *walk, const json_t *value, const char *fmt, const char *key,
		      size_t index)
{
	size_t len = walk->len, room;

	if (walk->wanted) {
		room = sizeof(walk->fault->path) - len;
		if (key)
			snprintf(walk->fault->path + len, room, fmt, key);
		else
			snprintf(walk->fault->path + len, room, "[%zu]", index);
		walk->len += strlen(walk->fault->path + len);
	}
	visit(walk, value, key);
	walk_value(walk, value, false);
	if (walk->wanted)
		walk->len = len;
}

static void walk_value(struct walk *walk, const json_t *value, bool top)
{
	const char **keys;

	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			walk_down(walk, json_array_get(value, i), NULL, NULL, i);
	} else if (json_is_object(value)) {
		keys = sorted_keys(value);
		walk->no_memory |= !keys;
		for (size_t i = 0; keys && keys[i]; i++)
			if (!top || strcmp(keys[i], KEY))
				walk_down(walk, json_object_get(value, keys[i]),
					  walk->len ? ".%s" : "%s", keys[i], 0);
		free(keys);
	}
}

int seal_set(json_t *doc)
{
	struct walk walk = { 0 };

	walk_value(&walk, doc, true);
	if (walk.no_memory)
		return -1;
	return json_object_set_new(doc, KEY,
				   json_pack("[I, I, I]", (json_int_t)walk.sums[0],
					     (json_int_t)walk.sums[1], (json_int_t)walk.sums[2]));
}

/* One of the three numbers of the seal itself. */
static enum seal_state fault_in_seal(struct seal_fault *fault, const json_t *seal, int which,
				     uint64_t sum)
{
	snprintf(fault->path, sizeof(fault->path), KEY "[%d]", which);
	fault->is_integer = json_is_integer(json_array_get(seal, (size_t)which));
	fault->value = json_integer_value(json_array_get(seal, (size_t)which));
	fault->written = (int64_t)sum;
	return SEAL_ONE;
}

/*
 * What is written is not negative, but for a clock that was set back; of such numbers the nearest
 * that differs by "by", which is known modulo PRIME.
 */
static int64_t written_before(int64_t value, uint64_t by)
{
	uint64_t there = (uint64_t)value;

	if (value < 0)
		return (int64_t)subtract(subtract((there + 1) % PRIME, by), 1);
	if (by > PRIME / 2 && there <= INT64_MAX - (PRIME - by))
		return value + (int64_t)(PRIME - by);
	return (int64_t)(there >= by ? there - by : there + PRIME - by);
}

/* Find the value that is too high by "by" and alone makes up for these differences. */
static enum seal_state find_fault(const json_t *doc, uint64_t place, uint64_t by,
				  struct seal_fault *fault)
{
	struct walk walk = { .wanted = place, .fault = fault };

	if (!place)
		return SEAL_BROKEN;
	walk_value(&walk, doc, true);
	if (walk.no_memory)
		return SEAL_NO_MEMORY;
	if (walk.wanted)
		return SEAL_BROKEN;
	fault->written = written_before(fault->value, by);
	return SEAL_ONE;
}

enum seal_state seal_check(const json_t *doc, struct seal_fault *fault)
{
	const json_t *seal = json_object_get(doc, KEY);
	struct walk walk = { 0 };
	uint64_t off[SUMS], place;
	int wrong = 0, last = 0;

	if (!seal)
		return SEAL_NONE;
	memset(fault, 0, sizeof(*fault));
	walk_value(&walk, doc, true);
	if (walk.no_memory)
		return SEAL_NO_MEMORY;
	for (int i = 0; i < SUMS; i++) {
		const json_t *sum = json_array_get(seal, (size_t)i);
		uint64_t written = (uint64_t)json_integer_value(sum);

		off[i] = subtract(walk.sums[i], written % PRIME);
		if (off[i] || written >= PRIME || !json_is_integer(sum)) {
			wrong++;
			last = i;
		}
	}
	if (json_array_size(seal) != SUMS)
		return SEAL_BROKEN;
	if (!wrong)
		return SEAL_WHOLE;
	if (wrong == 1)
		return fault_in_seal(fault, seal, last, walk.sums[last]);
	if (!off[0])
		return SEAL_BROKEN;
	place = multiply(off[1], inverse(off[0]));
	if (multiply(off[1], place) != off[2])
		return SEAL_BROKEN;
	return find_fault(doc, place, off[0], fault);
}

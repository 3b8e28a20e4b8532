// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "change_json.h"

#define LONGEST_TEXT 512u
#define DEEPEST	     16u
#define MOST_COPIES  32u

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* xorshift64*, Vigna 2016: the same for the same seed, as libFuzzer wants it. */
static uint64_t random_state = 1;

static void random_start(unsigned int seed)
{
	random_state = (uint64_t)seed * 0x9e3779b97f4a7c15ull + 1;
}

static uint64_t random_number(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

/* Below n, which is not 0. */
static size_t random_below(size_t n)
{
	return (size_t)(random_number() >> 16) % n;
}

static bool one_in(size_t n)
{
	return !random_below(n);
}

/* --- places --------------------------------------------------------------------------- */

/* A value, and where it is: in an object with a key, else in an array. */
struct place {
	json_t *parent, *value;
	const char *key;
	size_t index;
};

static size_t size_of(const json_t *value)
{
	return json_is_object(value) ? json_object_size(value) : json_array_size(value);
}

static struct place place_below(json_t *parent)
{
	struct place place = { .parent = parent, .index = random_below(size_of(parent)) };
	void *iter;

	if (!json_is_object(parent)) {
		place.value = json_array_get(parent, place.index);
		return place;
	}
	iter = json_object_iter(parent);
	for (size_t i = 0; i < place.index; i++)
		iter = json_object_iter_next(parent, iter);
	place.key = json_object_iter_key(iter);
	place.value = json_object_iter_value(iter);
	return place;
}

/*
 * On a way from the top down to some value, anywhere on it: what is many does not hide what
 * is few, nor what is deep what is not. root is not empty.
 */
static struct place find_place(json_t *root)
{
	struct place way[DEEPEST];
	size_t n = 0;

	do {
		way[n] = place_below(n ? way[n - 1].value : root);
	} while (size_of(way[n++].value) && n < DEEPEST);
	return way[random_below(n)];
}

/* Takes value over. */
static void put(const struct place *place, json_t *value)
{
	if (!value)
		return;
	if (place->key)
		json_object_set_new(place->parent, place->key, value);
	else
		json_array_set_new(place->parent, place->index, value);
}

static void take_away(const struct place *place)
{
	if (place->key)
		json_object_del(place->parent, place->key);
	else
		json_array_remove(place->parent, place->index);
}

/* --- values --------------------------------------------------------------------------- */

static json_int_t other_number(json_int_t number)
{
	static const json_int_t edges[] = {
		0,
		1,
		2,
		-1,
		255,
		4096,
		INT32_MAX,
		INT32_MIN,
		UINT32_MAX - 1ll,
		UINT32_MAX,
		UINT32_MAX + 1ll,
		(1ll << 53) + 1,
		(1ll << 61) - 2,
		(1ll << 61) - 1,
		INT64_MAX / 4,
		INT64_MAX / 2,
		INT64_MAX - 1,
		INT64_MAX,
		INT64_MIN,
		INT64_MIN + 1,
	};

	switch (random_below(6)) {
	case 0:
		return (json_int_t)random_number();
	case 1:
		return (json_int_t)(random_number() >> random_below(64));
	case 2:
		return (json_int_t)((uint64_t)number + 1);
	case 3:
		return (json_int_t)((uint64_t)number - 1);
	default:
		return edges[random_below(COUNT_OF(edges))];
	}
}

static json_t *other_text(const char *text)
{
	char changed[LONGEST_TEXT];
	size_t len = strnlen(text, sizeof(changed));

	memcpy(changed, text, len);
	len = LLVMFuzzerMutate((uint8_t *)changed, len, sizeof(changed));
	/* NULL where it is not UTF-8 any more. */
	return json_stringn(changed, len);
}

static json_t *other_type(void)
{
	static const char *const values[] = { "null", "true", "false", "{}", "[]",	  "0",
					      "\"\"", "1.5",  "[{}]",  "-1", "[0, 0, 0]", "[[]]" };

	return json_loads(values[random_below(COUNT_OF(values))], JSON_DECODE_ANY, NULL);
}

static json_t *other_value(const json_t *value)
{
	if (one_in(16))
		return other_type();
	if (json_is_integer(value))
		return json_integer(other_number(json_integer_value(value)));
	if (json_is_string(value))
		return other_text(json_string_value(value));
	return json_is_boolean(value) ? json_boolean(json_is_false(value)) : NULL;
}

/* --- changes -------------------------------------------------------------------------- */

static void change_value(json_t *root)
{
	struct place place = find_place(root);

	for (int i = 0; i < 8 && size_of(place.value); i++)
		place = find_place(root);
	put(&place, other_value(place.value));
}

static void remove_value(json_t *root)
{
	struct place place = find_place(root);

	take_away(&place);
}

/* An element once more, or more often than there is room; or a member under another's name. */
static void double_value(json_t *root)
{
	struct place place = find_place(root), other = find_place(root);
	size_t n = one_in(2) ? 1 + random_below(MOST_COPIES) : 1;

	if (place.key) {
		json_object_set_new(place.parent, other.key ? other.key : "",
				    json_deep_copy(place.value));
		return;
	}
	for (; n; n--)
		json_array_insert_new(place.parent, random_below(size_of(place.parent) + 1),
				      json_deep_copy(place.value));
}

/* Elsewhere in the same array, or behind all other members. */
static void move_value(json_t *root)
{
	struct place place = find_place(root);
	json_t *value = json_incref(place.value);
	char *key = place.key ? strdup(place.key) : NULL;

	take_away(&place);
	if (key)
		json_object_set_new(place.parent, key, value);
	else
		json_array_insert_new(place.parent, random_below(size_of(place.parent) + 1), value);
	free(key);
}

/* What could stand in the other's place: members of the same name, or elements. */
static bool is_alike(const struct place *one, const struct place *other)
{
	if (json_typeof(one->value) != json_typeof(other->value))
		return false;
	if (!one->key || !other->key)
		return !one->key && !other->key;
	return one_in(8) || !strcmp(one->key, other->key);
}

/* A part of one document in another, or in itself. */
static void splice(json_t *root, json_t *from)
{
	struct place to = find_place(root), part = find_place(from);

	for (int i = 0; i < 32 && !is_alike(&to, &part); i++)
		part = find_place(from);
	if (!to.key && one_in(2))
		json_array_insert_new(to.parent, to.index, json_deep_copy(part.value));
	else
		put(&to, json_deep_copy(part.value));
}

static void splice_itself(json_t *root)
{
	json_t *copy = json_deep_copy(root);

	splice(root, copy);
	json_decref(copy);
}

static void change(json_t *root)
{
	static void (*const changes[])(json_t * root) = {
		change_value, change_value, change_value,  remove_value,  double_value,
		double_value, move_value,   splice_itself, splice_itself,
	};

	for (size_t n = 1 + random_below(3); n && size_of(root); n--)
		changes[random_below(COUNT_OF(changes))](root);
}

/* --- documents that were accepted ------------------------------------------------------ */

static struct {
	uint8_t *data;
	size_t size;
} accepted[64];

void keep_accepted(const uint8_t *data, size_t size)
{
	size_t i = random_below(COUNT_OF(accepted));
	uint8_t *copy = malloc(size);

	if (!copy)
		return;
	memcpy(copy, data, size);
	free(accepted[i].data);
	accepted[i].data = copy;
	accepted[i].size = size;
}

/* In place of the input, now and then. */
static size_t take_accepted(uint8_t *data, size_t size, size_t max)
{
	size_t i = random_below(COUNT_OF(accepted));

	if (!accepted[i].size || accepted[i].size > max || one_in(3))
		return size;
	memcpy(data, accepted[i].data, accepted[i].size);
	return accepted[i].size;
}

/* --- for libFuzzer -------------------------------------------------------------------- */

static size_t write_out(json_t *root, uint8_t *out, size_t max, mend_fn *mend)
{
	size_t len;

	if (one_in(2))
		mend(root);
	len = json_dumpb(root, (char *)out, max, JSON_COMPACT);
	json_decref(root);
	return len <= max ? len : 0;
}

size_t change_json(uint8_t *data, size_t size, size_t max, unsigned int seed, mend_fn *mend)
{
	uint8_t *copy = data;
	json_t *root;
	size_t len;

	random_start(seed);
	size = take_accepted(data, size, max);
	root = json_loadb((const char *)data, size, 0, NULL);
	if (!root || one_in(64)) {
		json_decref(root);
		return LLVMFuzzerMutate(data, size, max);
	}
	copy = malloc(max);
	change(root);
	len = copy ? write_out(root, copy, max, mend) : 0;
	if (len)
		memcpy(data, copy, len);
	free(copy);
	/* Too long now: the same once more costs nothing. */
	return len ? len : size;
}

size_t cross_json(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size,
		  uint8_t *out, size_t max, unsigned int seed, mend_fn *mend)
{
	json_t *root = json_loadb((const char *)one, one_size, 0, NULL);
	json_t *from = json_loadb((const char *)other, other_size, 0, NULL);
	size_t len = 0;

	random_start(seed);
	if (size_of(root) && size_of(from)) {
		for (size_t n = 1 + random_below(3); n; n--)
			splice(root, from);
		len = write_out(json_incref(root), out, max, mend);
	}
	json_decref(root);
	json_decref(from);
	return len;
}

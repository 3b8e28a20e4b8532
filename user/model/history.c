// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/history.h"

void history_init(struct history *history)
{
	*history = (struct history){ .max_bytes = HISTORY_MAX_BYTES, .max_ns = HISTORY_NS };
}

void history_free(struct history *history)
{
	for_each_element(moment, history->moments, history->n)
		moment_free(moment);
	free(history->moments);
	history->moments = NULL;
	history->n = 0;
	history->bytes = 0;
}

static size_t bytes_of(const struct moment *moment)
{
	return moment->size + sizeof(*moment);
}

/* The first so many. */
static void drop(struct history *history, size_t n)
{
	for_each_element(moment, history->moments, n) {
		history->bytes -= bytes_of(moment);
		moment_free(moment);
	}
	history->n -= n;
	memmove(history->moments, history->moments + n, history->n * sizeof(*history->moments));
}

/* Every other of those that are not of the last minute goes. How many. */
static size_t thin(struct history *history)
{
	uint64_t now = history->moments[history->n - 1].ns;
	size_t kept = 0, n = history->n;

	for (size_t i = 0; i < n; i++) {
		struct moment *moment = &history->moments[i];

		if (i % 2 && i + 1 < n && moment->ns + HISTORY_DENSE_NS < now) {
			history->bytes -= bytes_of(moment);
			moment_free(moment);
		} else {
			history->moments[kept++] = *moment;
		}
	}
	history->n = kept;
	return n - kept;
}

static void bound(struct history *history)
{
	uint64_t now = history->moments[history->n - 1].ns;
	size_t old = 0;

	/* What the oldest is too old for is shown with the one before it. */
	while (old + 2 < history->n && now - history->moments[old + 1].ns > history->max_ns)
		old++;
	/* Of many some at a time, as the others move up each time. */
	if (old > history->n / 1024)
		drop(history, old);
	while (history->n > 2 && history->bytes > history->max_bytes) {
		size_t thinned = thin(history);

		history->thinned += thinned;
		if (!thinned)
			drop(history, 1 + history->n / 1024);
	}
}

int history_add(struct history *history, const struct run *run)
{
	struct moment moment, *last;

	if (moment_make(&moment, run))
		return -ENOMEM;
	last = array_append(&history->moments, &history->n, sizeof(*last));
	if (!last) {
		moment_free(&moment);
		return -ENOMEM;
	}
	moment.number = ++history->added;
	*last = moment;
	history->bytes += bytes_of(last);
	bound(history);
	return 0;
}

size_t history_find(const struct history *history, uint64_t number)
{
	size_t i = history->n - 1;

	while (i && history->moments[i].number > number)
		i--;
	return i;
}

bool history_is_whole(const struct history *history)
{
	return history->n && history->moments[0].number == 1;
}

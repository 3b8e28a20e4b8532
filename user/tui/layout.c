// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/array.h"
#include "tui/layout.h"

#define VMS	(1u << ROWS_VMS)
#define VCPUS	(1u << ROWS_VCPUS)
#define REASONS (1u << ROWS_REASONS)
#define ALL	(VMS | VCPUS | REASONS)
#define NEVER	0xffff

#define LEAST_NAME  12
#define MOST_NAME   40
#define LEAST_TREND 10
#define MOST_TREND  60
#define LEAST_TOP   18

/*
 * From left to right, by their names in view/columns.c. from: a screen that is so wide has it
 * where nobody has chosen.
 */
static const struct {
	const char *name;
	unsigned int of;
	int from;
	bool split; /* only where times are told apart */
} known[] = {
	{ "EXITS/S", ALL, 0, false },	{ "SHARE", ALL, 120, false },
	{ "TIME%", ALL, 0, false },	{ "BUSY", ALL, 0, false },
	{ "BUSY%", ALL, 130, false },	{ "COUNT", ALL, 140, false },
	{ "TIME", ALL, NEVER, false },	{ "MIN", REASONS, NEVER, false },
	{ "AVG", ALL, 110, false },	{ "P50", REASONS, 0, false },
	{ "P99", REASONS, 0, false },	{ "MAX", REASONS, 150, false },
	{ "KVM", ALL, 160, true },	{ "VMM", ALL, 160, true },
	{ "POLLED", ALL, NEVER, true }, { "BLOCKED", ALL, NEVER, true },
	{ "RUNNABLE", ALL, 160, true },
};

/* --- which there are ------------------------------------------------------------------ */

unsigned int layout_column(enum rows_of of, uint32_t parts, size_t i)
{
	unsigned int column;

	if (!i--)
		return COLUMN_NAME;
	for (size_t j = 0; j < COUNT_OF(known); j++) {
		if (!(known[j].of & 1u << of) || (known[j].split && !parts))
			continue;
		if (!i-- && columns_find(known[j].name, &column))
			return column;
	}
	if (!i--)
		return COLUMN_TREND;
	return of == ROWS_VMS && !i ? COLUMN_TOP : 0;
}

const char *layout_name(unsigned int column, enum rows_of of)
{
	static const char *const names[ROWS_KINDS] = { "VM (PID)", "VCPU", "REASON" };

	if (column == COLUMN_NAME)
		return names[of];
	if (column == COLUMN_TREND)
		return "LAST MINUTE";
	if (column == COLUMN_TOP)
		return "BUSY WITH";
	return columns_name(column);
}

bool layout_sorts(unsigned int column)
{
	return column < COLUMN_TREND;
}

/* Its place among a user's choices, and from which width on it is usual. */
static size_t place_of(unsigned int column, int *from)
{
	*from = 0;
	if (column == COLUMN_TREND)
		return COUNT_OF(known);
	if (column == COLUMN_TOP)
		return COUNT_OF(known) + 1;
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		*from = known[i].from;
		if (!strcmp(known[i].name, columns_name(column)))
			return i;
	}
	return LAYOUT_MOST - 1;
}

_Static_assert(COUNT_OF(known) + 3 < LAYOUT_MOST, "and the name, the trend, a VM's reasons");

bool layout_is_shown(const struct choices *choices, enum rows_of of, unsigned int column, int width)
{
	int from;
	size_t place;

	if (column == COLUMN_NAME)
		return true;
	place = place_of(column, &from);
	if (choices->of[of][place] != CHOICE_USUAL)
		return choices->of[of][place] == CHOICE_SHOWN;
	return width >= from;
}

void layout_toggle(struct choices *choices, enum rows_of of, unsigned int column, int width)
{
	bool shown = layout_is_shown(choices, of, column, width);
	int from;

	if (column != COLUMN_NAME)
		choices->of[of][place_of(column, &from)] = shown ? CHOICE_HIDDEN : CHOICE_SHOWN;
}

/* --- where they stand ------------------------------------------------------------------ */

static void place(struct layout *layout, unsigned int column, int *used, int width)
{
	struct placed *placed = &layout->columns[layout->n++];

	placed->column = column;
	placed->at = *used;
	placed->width = width;
	*used += width + 1;
}

/* The last two have what the others leave. */
static void place_last(struct layout *layout, bool trend, bool top, int used, int width)
{
	int left = width - used;

	if (trend && left >= LEAST_TREND) {
		int most = top && left >= LEAST_TREND + 1 + LEAST_TOP ? left - 1 - LEAST_TOP : left;
		int wanted = top ? left / 3 : left;

		wanted = wanted < LEAST_TREND ? LEAST_TREND : wanted;
		wanted = wanted > most ? most : wanted;
		place(layout, COLUMN_TREND, &used, wanted > MOST_TREND ? MOST_TREND : wanted);
	} else {
		layout->hidden += trend;
	}
	if (top && width - used >= LEAST_TOP)
		place(layout, COLUMN_TOP, &used, width - used);
	else
		layout->hidden += top;
}

void layout_make(struct layout *layout, const struct choices *choices, enum rows_of of,
		 uint32_t parts, int name_width, int width)
{
	bool trend = layout_is_shown(choices, of, COLUMN_TREND, width);
	bool top = of == ROWS_VMS && layout_is_shown(choices, of, COLUMN_TOP, width);
	int kept = (trend ? LEAST_TREND + 1 : 0) + (top ? LEAST_TOP + 1 : 0), used = 0;
	unsigned int column;

	*layout = (struct layout){ 0 };
	name_width = name_width < LEAST_NAME ? LEAST_NAME : name_width;
	name_width = name_width > MOST_NAME ? MOST_NAME : name_width;
	/* A narrow screen is for the numbers. */
	if (name_width > width / 4)
		name_width = width / 4;
	place(layout, COLUMN_NAME, &used, name_width);
	for (size_t i = 1; (column = layout_column(of, parts, i)); i++) {
		if (column >= COLUMN_TREND || !layout_is_shown(choices, of, column, width))
			continue;
		if (used + columns_width(column) + kept > width)
			layout->hidden++;
		else
			place(layout, column, &used, columns_width(column));
	}
	place_last(layout, trend, top, used, width);
}

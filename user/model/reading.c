// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "model/reading.h"

void plan_free(struct plan *plan)
{
	free(plan->codes);
	memset(plan, 0, sizeof(*plan));
}

void reading_free(struct reading *reading)
{
	free(reading->reasons);
	memset(reading, 0, sizeof(*reading));
}

struct sums sums_subtract(const struct sums *now, const struct sums *before)
{
	return (struct sums){
		.count = now->count - before->count,
		.handled = now->handled - before->handled,
		.away = now->away - before->away,
	};
}

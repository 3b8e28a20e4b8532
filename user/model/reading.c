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

int reading_check_growth(const struct reading *before, const struct reading *now, struct error *err)
{
	bool grown = now->total.count >= before->total.count && now->nreasons == before->nreasons;

	for (size_t i = 0; grown && i < now->nreasons; i++)
		grown = now->reasons[i].sums.count >= before->reasons[i].sums.count;
	if (grown)
		return 0;
	return fail(err, STATUS_FAILED,
		    "counts went back since the reading before: the VM has moved, start again");
}

struct sums sums_subtract(const struct sums *now, const struct sums *before)
{
	return (struct sums){
		.count = now->count - before->count,
		.handled = now->handled - before->handled,
		.away = now->away - before->away,
	};
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/answers.h"
#include "base/array.h"

int answers_add(struct answers *answers, const struct exitstat_answer *answer)
{
	const __u32 *regs = answer->answer;
	struct given *last;

	if (answers->n == ANSWERS_MAX) {
		answers->dropped++;
		return 0;
	}
	last = array_append(&answers->list, &answers->n, sizeof(*last));
	if (!last)
		return -ENOMEM;
	*last = (struct given){
		.vm_serial = answer->vm_serial,
		.ns = answer->ns,
		.leaf = answer->function,
		.subleaf = answer->index,
		.regs = { regs[0], regs[1], regs[2], regs[3] },
	};
	return 0;
}

void answers_free(struct answers *answers)
{
	free(answers->list);
	memset(answers, 0, sizeof(*answers));
}

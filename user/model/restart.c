// SPDX-License-Identifier: GPL-2.0-only
#include "model/restart.h"

void restart_add(struct restart *restart, bool is_total, uint64_t before, uint64_t now)
{
	restart->gone_on += before && now >= before;
	restart->reasons += !is_total && now < before;
}

bool restart_is_whole(const struct restart *restart)
{
	return restart->reasons >= 2 && !restart->gone_on;
}

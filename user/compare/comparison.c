// SPDX-License-Identifier: GPL-2.0-only
#include "compare/comparison.h"

enum verdict comparison_verdict(const struct comparison *comparison)
{
	enum verdict worst = VERDICT_AGREE;

	if (findings_wrong(comparison->findings))
		return VERDICT_DISAGREE;
	if (comparison->findings->n)
		worst = VERDICT_EXPLAINED;
	for (size_t i = 0; i < comparison->nguests; i++)
		if (comparison->guests[i].growth_only)
			worst = VERDICT_EXPLAINED;
	return worst;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes of comparing a number, for audit and compare alike; worst last. */
#ifndef EXITSTAT_MODEL_VERDICT_H
#define EXITSTAT_MODEL_VERDICT_H

enum verdict {
	VERDICT_AGREE,
	VERDICT_EXPLAINED, /* the numbers differ, and must: it is said why */
	VERDICT_DISAGREE,
	NVERDICTS,
};

#endif

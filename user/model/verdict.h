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

/* Of two numbers or files: "agree", "explained", "disagree". */
const char *verdict_word(enum verdict verdict);

/* Of an answer that was checked: "agreed", "explained", "wrong". */
const char *verdict_outcome(enum verdict verdict);

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "model/verdict.h"

/*
 * Of two files that are compared, neither is the one to trust: they agree or disagree.
 * The audit judges what KVM said: that is wrong, or not. Both sets of words are in JSON
 * documents, as members and values, and so stay what they are.
 */
static const struct {
	const char *word, *outcome;
} names[NVERDICTS] = {
	[VERDICT_AGREE] = { "agree", "agreed" },
	[VERDICT_EXPLAINED] = { "explained", "explained" },
	[VERDICT_DISAGREE] = { "disagree", "wrong" },
};

const char *verdict_word(enum verdict verdict)
{
	return names[verdict].word;
}

const char *verdict_outcome(enum verdict verdict)
{
	return names[verdict].outcome;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Which reasons the user asked for by -r. */
#ifndef EXITSTAT_MODEL_FILTER_H
#define EXITSTAT_MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A number (decimal or 0x...) or a name, in any case, which can stand for a code on each ISA. */
struct reason_filter {
	bool is_number;
	uint32_t code;
	bool on_vmx, on_svm;
	uint32_t vmx_code, svm_code;
};

/* 0, or -1 when text is neither a number nor a name of a reason. */
int reason_filter_parse(struct reason_filter *filter, const char *text);
bool reason_filter_matches(const struct reason_filter *filter, uint32_t isa, uint32_t reason);

/* One more of them, for an argp parser to return: 0, or an errno with err filled in. */
int filters_add(struct reason_filter **filters, size_t *n, const char *arg, struct error *err);

/* Whether one of them matches, or there is none. */
bool filters_match(const struct reason_filter *filters, size_t n, uint32_t isa, uint32_t reason);

#endif

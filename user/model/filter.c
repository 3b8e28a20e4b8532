// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/number.h"
#include "bpf/exitstat.h"
#include "model/filter.h"
#include "model/reasons.h"

int reason_filter_parse(struct reason_filter *filter, const char *text)
{
	uint64_t value;

	memset(filter, 0, sizeof(*filter));
	if (!parse_u64(text, 0, UINT32_MAX, &value)) {
		filter->is_number = true;
		filter->code = (uint32_t)value;
		return 0;
	}
	filter->on_vmx = reason_find(EXITSTAT_ISA_VMX, text, &filter->vmx_code);
	filter->on_svm = reason_find(EXITSTAT_ISA_SVM, text, &filter->svm_code);
	return filter->on_vmx || filter->on_svm ? 0 : -1;
}

bool reason_filter_matches(const struct reason_filter *filter, uint32_t isa, uint32_t reason)
{
	uint32_t code = reason_code(isa, reason);

	if (filter->is_number)
		return code == filter->code;
	if (isa == EXITSTAT_ISA_VMX)
		return filter->on_vmx && code == filter->vmx_code;
	return isa == EXITSTAT_ISA_SVM && filter->on_svm && code == filter->svm_code;
}

int filters_add(struct reason_filter **filters, size_t *n, const char *arg, struct error *err)
{
	struct reason_filter filter, *last;

	if (reason_filter_parse(&filter, arg))
		return args_wrong(err, "--reason", arg,
				  "a number, or a name such as CPUID, NPF or EPT_VIOLATION");
	last = array_append(filters, n, sizeof(*last));
	if (!last)
		return ENOMEM;
	*last = filter;
	return 0;
}

bool filters_match(const struct reason_filter *filters, size_t n, uint32_t isa, uint32_t reason)
{
	for (size_t i = 0; i < n; i++)
		if (reason_filter_matches(&filters[i], isa, reason))
			return true;
	return !n;
}

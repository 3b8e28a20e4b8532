// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "metrics/keyed.h"

static struct keyed_reason *find(struct keyed *keyed, const struct reason_stat *like)
{
	struct keyed_reason *reason;

	for_each_element(known, keyed->list, keyed->n)
		if (known->isa == like->isa && known->reason == like->reason &&
		    known->level == like->level)
			return known;
	reason = array_append(&keyed->list, &keyed->n, sizeof(*reason));
	if (reason)
		*reason = (struct keyed_reason){ .isa = like->isa,
						 .reason = like->reason,
						 .level = like->level };
	return reason;
}

int keyed_add(struct keyed *keyed, const struct vm_stat *vm)
{
	for_each_vcpu(vcpu, vm) {
		for_each_reason(reason, vcpu) {
			struct keyed_reason *sum;

			if (!reason->details.n)
				continue;
			sum = find(keyed, reason);
			if (!sum || details_accumulate(&sum->details, &reason->details))
				return -ENOMEM;
		}
	}
	return 0;
}

static int copy(struct keyed *to, const struct keyed *from)
{
	for_each_element(reason, from->list, from->n) {
		struct keyed_reason *new = array_append(&to->list, &to->n, sizeof(*new));

		if (!new)
			return -ENOMEM;
		*new = *reason;
		new->details = (struct details){ 0 };
		if (details_accumulate(&new->details, &reason->details))
			return -ENOMEM;
	}
	return 0;
}

int keyed_sum(struct keyed *to, const struct keyed *from, const struct vm_stat *vm)
{
	*to = (struct keyed){ 0 };
	if (!copy(to, from) && !keyed_add(to, vm))
		return 0;
	keyed_free(to);
	return -ENOMEM;
}

void keyed_free(struct keyed *keyed)
{
	for_each_element(reason, keyed->list, keyed->n)
		details_free(&reason->details);
	free(keyed->list);
	*keyed = (struct keyed){ 0 };
}

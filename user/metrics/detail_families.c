// SPDX-License-Identifier: GPL-2.0-only
#include "base/array.h"
#include "metrics/detail_families.h"
#include "metrics/reason_labels.h"
#include "model/keys.h"

/* Exits that had no key are not there: they are the rest, which can shrink. */
static const struct family exits_family = {
	"exitstat_detail_exits", FAMILY_COUNTER, NULL,
	"Exits of a VM about this key: a port, an MSR, a page, a leaf. Of kind rest: about keys for "
	"which there was no room."
};
static const struct family seconds_family = { "exitstat_detail_seconds", FAMILY_COUNTER, "seconds",
					      "Time of exits of a VM about this key." };

enum {
	LABEL_VM,
	LABEL_REASON,
	LABEL_KIND = LABEL_REASON + REASON_LABELS,
	LABEL_ACCESS,
	LABEL_KEY,
	LABEL_NAME,
	LABELS,
};

static void write_key(struct metrics_text *text, struct label labels[LABELS],
		      const struct detail *detail)
{
	char key[KEY_TEXT_LEN] = "", name[KEY_NAME_LEN] = "";

	if (!text->counts_only) {
		key_text(key, detail);
		if (!key_name(name, detail))
			name[0] = '\0';
	}
	labels[LABEL_KIND] = (struct label){ "kind", kind_name(detail->kind) };
	labels[LABEL_ACCESS] =
		(struct label){ "access", access_name(detail->kind, detail->access) ?: "" };
	labels[LABEL_KEY] = (struct label){ "key", key };
	labels[LABEL_NAME] = (struct label){ "name", name };
	if (text->family == &exits_family)
		text_number(text, labels, LABELS, detail->count);
	else
		text_seconds(text, labels, LABELS, detail->sum_ns);
}

static void write_vm(struct metrics_text *text, const struct exposure *exposure,
		     const struct fleet_vm *vm)
{
	struct label labels[LABELS] = { { "vm", vm->label } };
	struct reason_labels reason;

	for_each_element(keyed, vm->keys.list, vm->keys.n) {
		reason_labels(&reason, exposure->run, keyed->isa, keyed->reason, keyed->level);
		for (size_t i = 0; i < REASON_LABELS; i++)
			labels[LABEL_REASON + i] = reason.labels[i];
		for_each_element(detail, keyed->details.list, keyed->details.n)
			write_key(text, labels, detail);
	}
}

static void write_family(struct metrics_text *text, const struct exposure *exposure,
			 const struct family *family)
{
	text_family(text, family);
	for_each_element(vm, exposure->fleet->vms, exposure->fleet->nvms)
		write_vm(text, exposure, vm);
}

void vm_detail(struct metrics_text *text, const struct exposure *exposure)
{
	write_family(text, exposure, &exits_family);
	write_family(text, exposure, &seconds_family);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether interrupts reach a guest without exits (APICv, AVIC), what inhibits that, and how
 * often that has changed. Reasons are the bits of KVM's enum kvm_apicv_inhibit, whose
 * names differ by kernel.
 */
#ifndef EXITSTAT_MODEL_APICV_H
#define EXITSTAT_MODEL_APICV_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/exitstat.h"

#define APICV_NAME_LEN 40
#define APICV_TEXT_LEN 64

/* Of the host: its kvm module's parameter says whether it uses it. */
enum apicv_use {
	APICV_UNKNOWN,
	APICV_OFF, /* as loaded, or because the CPU has none */
	APICV_ON,
};

struct apicv_host {
	enum apicv_use use;
	uint32_t n; /* reasons that the kernel's BTF names; 0: none */
	char names[EXITSTAT_INHIBITS][APICV_NAME_LEN];
};

struct apicv {
	bool known;
	uint64_t inhibits; /* bits; 0: active */
	/* How often each reason came and went since the VM's first exit that was seen. */
	uint64_t set[EXITSTAT_INHIBITS], cleared[EXITSTAT_INHIBITS];
};

/* "APICv", "AVIC"; and the module's parameter, e.g. "kvm_amd.avic". */
const char *apicv_name(uint32_t isa);
const char *apicv_parameter(uint32_t isa);

/* What the parameter says. */
enum apicv_use apicv_read_use(uint32_t isa);

/* "PIT_REINJ", as the kernel calls it; "reason 12" where its BTF has no name. */
void apicv_reason_name(char name[APICV_NAME_LEN], const struct apicv_host *host, uint32_t reason);
/* The same in words, e.g. "PIT reinjection". */
void apicv_reason_text(char text[APICV_TEXT_LEN], const struct apicv_host *host, uint32_t reason);
/* The reason that has this name; EXITSTAT_INHIBITS: none. */
uint32_t apicv_find_reason(const struct apicv_host *host, const char *name);

/* How often it changed between the two; the state is that of now. */
struct apicv apicv_subtract(const struct apicv *now, const struct apicv *before);
bool apicv_has_changed(const struct apicv *apicv);

#endif

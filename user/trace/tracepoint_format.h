/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_TRACE_TRACEPOINT_FORMAT_H
#define EXITSTAT_TRACE_TRACEPOINT_FORMAT_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Byte offsets in the record of the plain kvm:kvm_exit tracepoint. */
struct exit_format {
	uint32_t reason;
	uint32_t isa;
	uint32_t vcpu_id;
};

/* From a tracefs format file. 0, or -1 if a field is missing or not 32 bits. */
int exit_format_parse(FILE *file, struct exit_format *format);

/* From the running kernel's tracefs. */
int exit_format_read(struct exit_format *format, struct error *err);

#endif

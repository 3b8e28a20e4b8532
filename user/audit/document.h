/* SPDX-License-Identifier: GPL-2.0-only */
/* An audit as JSON. */
#ifndef EXITSTAT_AUDIT_DOCUMENT_H
#define EXITSTAT_AUDIT_DOCUMENT_H

#include <jansson.h>

#include "audit/report.h"

#define EXITSTAT_AUDIT_SCHEMA "exitstat-audit/1"

/* A whole document of user/doc/exitstat-audit.schema.json, the caller's; NULL: no memory. */
json_t *audit_document(const struct audit_report *report);

#endif

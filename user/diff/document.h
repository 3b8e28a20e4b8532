/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_DIFF_DOCUMENT_H
#define EXITSTAT_DIFF_DOCUMENT_H

#include <jansson.h>

#include "diff/condition.h"

#define EXITSTAT_DIFF_SCHEMA "exitstat-diff/1"

/* As a document of user/doc/exitstat-diff.schema.json. The caller owns it; NULL: no memory. */
json_t *difference_document(const struct difference *difference, const struct checks *checks);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_COMPARE_DOCUMENT_H
#define EXITSTAT_COMPARE_DOCUMENT_H

#include <jansson.h>

#include "compare/comparison.h"

#define EXITSTAT_COMPARE_SCHEMA "exitstat-compare/1"

/* A document of user/doc/exitstat-compare.schema.json. The caller owns it; NULL: no memory. */
json_t *comparison_document(const struct comparison *comparison);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Advice as JSON. */
#ifndef EXITSTAT_ADVICE_DOCUMENT_H
#define EXITSTAT_ADVICE_DOCUMENT_H

#include <jansson.h>

#include "advice/judge.h"

#define EXITSTAT_ADVICE_SCHEMA "exitstat-advice/1"

/* A whole document of user/doc/exitstat-advice.schema.json, the caller's; NULL: no memory. */
json_t *advice_document(const struct advice *advice);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_DOC_GUEST_WRITE_H
#define EXITSTAT_DOC_GUEST_WRITE_H

#include <jansson.h>

#include "model/host.h"
#include "model/reading.h"

#define EXITSTAT_GUEST_SCHEMA "exitstat-guest/1"

/*
 * The readings as a document of user/exitstat-guest.schema.json; with all, also
 * reasons that never happened. guest is this machine. The caller owns the
 * document; NULL: no memory.
 */
json_t *document_make(const struct host *guest, const struct plan *plan, bool all,
		      const struct reading *readings, size_t n);

#endif

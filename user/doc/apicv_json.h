/* SPDX-License-Identifier: GPL-2.0-only */
/* What inhibits APICv, as documents have it: the reasons by the names that the host gives. */
#ifndef EXITSTAT_DOC_APICV_JSON_H
#define EXITSTAT_DOC_APICV_JSON_H

#include "base/jsonread.h"
#include "model/apicv.h"

/* "apicv" of the host. NULL: no memory. */
json_t *apicv_host_write(const struct apicv_host *host);
/* from: that member, NULL where there is none. */
void apicv_host_read(struct jsonread *json, const json_t *from, struct apicv_host *host);

/* "apicv" of a VM of which it is known. NULL: no memory. */
json_t *apicv_write(const struct apicv *apicv, const struct apicv_host *host);
void apicv_read(struct jsonread *json, const json_t *from, const struct apicv_host *host,
		struct apicv *apicv);

#endif

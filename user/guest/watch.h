/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_GUEST_WATCH_H
#define EXITSTAT_GUEST_WATCH_H

#include "guest/options.h"
#include "guest/ask.h"

/* Take the readings that are asked for, show them, write them. 0, or -1 with err. */
int watch(const struct guest_options *options, struct source *source, struct error *err);

#endif

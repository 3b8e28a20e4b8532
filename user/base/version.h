/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_BASE_VERSION_H
#define EXITSTAT_BASE_VERSION_H

/* Of git's last tag, as the Makefile finds it out; "0.2.0" or "0.2.0-14-g1a2b3c4". */
extern const char exitstat_version[];

#endif

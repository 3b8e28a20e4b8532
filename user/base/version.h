/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_BASE_VERSION_H
#define EXITSTAT_BASE_VERSION_H

#define EXITSTAT_VERSION "0.1.0"

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as frames.h hands them out. */
#ifndef EXITSTAT_DOC_RECORDING_READ_H
#define EXITSTAT_DOC_RECORDING_READ_H

#include "doc/frames_kind.h"

extern const struct frames_kind recording_kind;

#endif

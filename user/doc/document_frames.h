/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host's document as frames: its snapshots, which have counts and times and nothing else
 * (so kinds, parts and nslowest are 0 there), and the end of its run with all that there is.
 */
#ifndef EXITSTAT_DOC_DOCUMENT_FRAMES_H
#define EXITSTAT_DOC_DOCUMENT_FRAMES_H

#include "doc/frames_kind.h"

extern const struct frames_kind document_kind;

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks of a recording, unpacked, as the moments of a run: recording.h has the format. */
#ifndef EXITSTAT_DOC_DECODE_FRAME_H
#define EXITSTAT_DOC_DECODE_FRAME_H

#include "doc/decoder.h"

/* The first block of a file. 0, -ENOMEM, or -EINVAL: no writer of ours makes such a block. */
int decode_head(struct decoder *decoder);
/* A later one; *flags: enum recording_frame. As above. */
int decode_frame(struct decoder *decoder, uint8_t *flags);
void decoder_free(struct decoder *decoder);

#endif

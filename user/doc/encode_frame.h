/* SPDX-License-Identifier: GPL-2.0-only */
/* The moments of a run as blocks of a recording: recording.h has the format. */
#ifndef EXITSTAT_DOC_ENCODE_FRAME_H
#define EXITSTAT_DOC_ENCODE_FRAME_H

#include "doc/encoder.h"
#include "model/run.h"

/* The first block of a file. 0 or -ENOMEM. */
int encode_head(struct encoder *encoder, const struct run *run);
/*
 * The next: flags are enum recording_frame's END and SELF. Symbols of its keys must outlive
 * the encoder. 0, -ENOMEM, or -EINVAL: this cannot be what was counted.
 */
int encode_frame(struct encoder *encoder, const struct run *run, uint8_t flags);
void encoder_free(struct encoder *encoder);

#endif

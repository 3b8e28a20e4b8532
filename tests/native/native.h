/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs and who runs them agree on. */
#ifndef NATIVE_H
#define NATIVE_H

#define NATIVE_STEPS   4096u /* exits in the order of a guest; a power of two */
#define NATIVE_VCPUS   1024u
#define NATIVE_REASONS 24u
#define NATIVE_BITS    11u	/* one chunk has room for all */
#define NATIVE_IN_ROW  16u	/* exits of a vCPU before the next one's */
#define NATIVE_LINES   0x40000u /* of other memory, 16 MiB; a power of two */

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that went through a terminal, an editor, a mail or a web page on its way to us. */
#ifndef EXITSTAT_DOC_PASTED_H
#define EXITSTAT_DOC_PASTED_H

#include <stddef.h>

/*
 * What a file says, in UTF-8: one that begins with the mark of UTF-16 is decoded, and the
 * mark of UTF-8 is taken away. *text is malloc'ed, and may be another one afterwards.
 * 0 or -ENOMEM, with *text as it was.
 */
int pasted_decode(char **text, size_t *len);

/*
 * A copy, which the caller frees, that has as many lines: without a terminal's control
 * sequences, with blanks for all other control characters and for a web page's blanks, and
 * a mail's quoted-printable decoded where registers show that it is. NULL: no memory.
 */
char *pasted_clean(const char *text, size_t len, size_t *cleaned);

#endif

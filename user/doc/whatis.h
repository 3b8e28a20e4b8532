/* SPDX-License-Identifier: GPL-2.0-only */
/* People paste what they have at hand. What is it, if it is not what was wanted? */
#ifndef EXITSTAT_DOC_WHATIS_H
#define EXITSTAT_DOC_WHATIS_H

#include <stddef.h>

/* For a person, to follow "is"; NULL: not known. */
const char *whatis(const char *text, size_t len);

#endif

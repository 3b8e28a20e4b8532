// SPDX-License-Identifier: GPL-2.0-only
/* The assembler reads the files: the Makefile says that this one depends on them. */
#include "html/template.h"

#define EMBED(symbol, file)                           \
	__asm__(".section .rodata\n"                  \
		".global " #symbol "\n" #symbol ":\n" \
		".incbin \"" file "\"\n"              \
		".byte 0\n"                           \
		".previous\n")

EMBED(template_html, "user/html/page.html");
EMBED(template_css, "user/html/page.css");
EMBED(template_js, "user/html/page.js");

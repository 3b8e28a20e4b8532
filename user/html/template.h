/* SPDX-License-Identifier: GPL-2.0-only */
/* page.html, page.css and page.js, as they were when we were compiled. */
#ifndef EXITSTAT_HTML_TEMPLATE_H
#define EXITSTAT_HTML_TEMPLATE_H

extern const char template_html[], template_css[], template_js[];

#endif

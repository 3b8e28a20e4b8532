// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/jsontext.h"
#include "doc/recording.h"
#include "doc/whatis.h"

#define SOME_BYTES   4096u /* in which a file shows what it is */
#define BASE64_LEAST 64u

/* How files begin that are no text. */
static const struct {
	const char *magic, *what;
} files[] = {
	{ "\x1f\x8b", "compressed (gzip)" },
	{ "\xfd"
	  "7zXZ",
	  "compressed (xz)" },
	{ "\x28\xb5\x2f\xfd", "compressed (zstd)" },
	{ "BZh", "compressed (bzip2)" },
	{ "PK\x03\x04", "compressed (zip)" },
	{ "\x89PNG", "a picture" },
	{ "\xff\xd8\xff", "a picture" },
	{ "%PDF-", "a PDF" },
	{ RECORDING_MAGIC, "a recording, which has to be a file and no pipe" },
};

/* Words that only this has, all of them. */
static const struct {
	const char *words[2], *what;
} texts[] = {
	{ { "exits of this VM since it was created" }, "a table of exitstat-guest" },
	{ { "losses: ", " not counted (map full), " }, "a table of exitstat-bpf" },
	{ { "processor\t: ", "vendor_id\t: " }, "/proc/cpuinfo" },
	{ { "Architecture:", "CPU op-mode(s):" }, "lscpu's text" },
	{ { "eax in: 0x" }, "a dump of x86info's" },
	{ { ": subleafs:\n" }, "a dump of kcpuid's" },
	{ { "0x00000000: EAX=0x" }, "a dump of kcpuid's" },
	{ { "CPUID 00000000: " }, "a dump of another program's" },
	{ { "version information (1/eax)" }, "cpuid's text without -r" },
	{ { "0x00000000 0x00: eax=0x" }, "cpuid's text of all leaves but those of exitstat" },
	{ { "VM-EXIT", "Samples%" }, "a report of perf kvm stat" },
	{ { "kvm_exit: " }, "a trace of kvm_exit" },
	{ { "Content-Transfer-Encoding: base64" }, "a mail in base64" },
	{ { "<html" }, "a web page" },
	{ { "<HTML" }, "a web page" },
};

static bool begins_with(const char *text, size_t len, const char *magic)
{
	return len >= strlen(magic) && !memcmp(text, magic, strlen(magic));
}

static bool has_words(const char *text, size_t len, const char *const words[2])
{
	for (size_t i = 0; i < 2 && words[i]; i++)
		if (!memmem(text, len, words[i], strlen(words[i])))
			return false;
	return true;
}

/* One that has no mark: every second byte of it is 0. */
static bool is_utf16(const char *text, size_t len)
{
	size_t n = len < SOME_BYTES ? len : SOME_BYTES, zeros = 0;

	for (size_t i = 0; i < n; i++)
		zeros += !text[i];
	return zeros > n / 3;
}

static bool is_base64(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' || text[i] == '\n')
			continue;
		if (!isalnum((unsigned char)text[i]) && !memchr("+/=", text[i], 3))
			return false;
		n++;
	}
	return n >= BASE64_LEAST;
}

static bool is_json(const char *text, size_t len)
{
	json_error_t error;
	bool no_memory;
	json_t *root = jsontext_read(text, len, &error, &no_memory);
	bool parsed = root;

	json_decref(root);
	return parsed;
}

const char *whatis(const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (begins_with(text, len, files[i].magic))
			return files[i].what;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (has_words(text, len, texts[i].words))
			return texts[i].what;
	if (is_utf16(text, len))
		return "UTF-16 without its mark";
	if (is_base64(text, len))
		return "base64, perhaps of a mail";
	return is_json(text, len) ? "JSON without a schema of exitstat's" : NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "model/vmname.h"

/* "ARGV0\0ARG\0...", written with '|' for each NUL: on the heap, to the byte, so that reading on
 * is caught. */
static char *cmdline_of(const char *text, size_t *len)
{
	char *cmdline;

	*len = strlen(text);
	cmdline = malloc(*len ?: 1);
	assert_non_null(cmdline);
	memcpy(cmdline, text, *len);
	for (size_t i = 0; i < *len; i++)
		if (cmdline[i] == '|')
			cmdline[i] = '\0';
	return cmdline;
}

static const char *name_of(const char *text)
{
	static char name[VM_NAME_LEN];
	size_t len;
	char *cmdline = cmdline_of(text, &len);

	memset(name, 'z', sizeof(name));
	vm_name_of_cmdline(name, cmdline, len, "comm");
	free(cmdline);
	assert_non_null(memchr(name, '\0', sizeof(name)));
	return name;
}

#define QEMU "/usr/bin/qemu-system-x86_64|"

static void test_names_qemu_takes(void **state)
{
	static const struct {
		const char *cmdline, *name;
	} cases[] = {
		{ QEMU "-name|foo|", "foo" },
		{ QEMU "--name|foo|", "foo" },
		{ QEMU "-m|1G|-name|foo|-nographic|", "foo" },
		{ QEMU "-name|guest=foo|", "foo" },
		{ QEMU "-name|guest=foo,debug-threads=on|", "foo" },
		{ QEMU "-name|debug-threads=on,guest=foo|", "foo" },
		{ QEMU "-name|debug-threads=on,guest=a,,b|", "a,b" },
		{ QEMU "-name|a,,b,debug-threads=on|", "a,b" },
		{ QEMU "-name|foo,process=bar|", "foo" },
		{ QEMU "-name|process=bar,guest=foo,debug-threads=on|", "foo" },
		{ QEMU "-name|my guest|", "my guest" },
		{ QEMU "-name|guest=a=b|", "a=b" },
		{ QEMU "-name|g\xc3\xa4st|", "g\xc3\xa4st" },
		{ "qemu-kvm|-name|foo|", "foo" },
		{ "/usr/libexec/qemu-kvm|-name|foo|", "foo" },
		/* The last one counts, and what is the value of an option is none itself. */
		{ QEMU "-name|foo|-name|bar|", "bar" },
		{ QEMU "-name|foo|-name|debug-threads=on|", "foo" },
		{ QEMU "-name|guest=foo,guest=bar|", "bar" },
		{ QEMU "-name|foo,guest=bar|-name|process=x|", "bar" },
		{ QEMU "-append|-name|foo|-name|bar|", "bar" },
		{ QEMU "-append|-name|-nographic|-name|bar|", "bar" },
		{ QEMU "-nographic|-name|bar|", "bar" },
		{ QEMU "-S|-name|bar|-append|-name|", "bar" },
		{ "kvm|-name|foo|", "foo" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(name_of(cases[i].cmdline), cases[i].name);
}

static void test_names_others_take(void **state)
{
	static const struct {
		const char *cmdline, *name;
	} cases[] = {
		{ "/usr/bin/firecracker|--api-sock|/run/a.sock|--id|web1|", "web1" },
		{ "firecracker|--id=web1|", "web1" },
		{ "cloud-hypervisor|--api-socket|/run/web1.sock|", "web1" },
		{ "cloud-hypervisor|--api-socket|path=/run/web1.sock|--cpus|boot=1|", "web1" },
		{ "cloud-hypervisor|--api-socket=web1|", "web1" },
		{ "cloud-hypervisor|--api-socket|fd=3|", "comm" },
		{ "/usr/bin/crosvm|run|--name|web1|--cpus|2|", "web1" },
		{ "stratovirt|-machine|none|-name|guest=web1|", "web1" },
		{ "stratovirt|-name|web1|", "web1" },
		{ "/usr/lib/virtualbox/VirtualBoxVM|--comment|web 1|--startvm|0815|", "web 1" },
		{ "VBoxHeadless|--comment|web1|", "web1" },
		{ "lkvm|run|-n|web1|", "web1" },
		{ "lkvm|run|--name|web1|", "web1" },
		{ "lkvm-static|run|", "comm" },
		{ "firecracker|--id|", "comm" },
		{ "other|--id|web1|--name|web2|-name|web3|", "comm" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(name_of(cases[i].cmdline), cases[i].name);
}

/* A name that is too long ends with a whole character. */
static void test_long_name_ends_at_a_character(void **state)
{
	char cmdline[400] = QEMU "-name|";
	const char *name;
	size_t len;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(cmdline, "\xe2\x82\xac");
	strcat(cmdline, "|");
	name = name_of(cmdline);
	len = strlen(name);
	assert_int_equal(len, (VM_NAME_LEN - 1) / 3 * 3);
	assert_string_equal(name + len - 3, "\xe2\x82\xac");
}

static void test_no_name_falls_back_to_comm(void **state)
{
	static const char *const cmdlines[] = {
		"",
		"|",
		"||||",
		QEMU,
		QEMU "-m|1G|",
		QEMU "-name|",			/* at the end, without a value */
		QEMU "-name||",			/* empty */
		QEMU "-name|guest=|",		/* empty as well */
		QEMU "-name|debug-threads=on|", /* only other settings */
		QEMU "-name|,|",
		QEMU "-names|foo|",
		QEMU "-name=foo|",
		QEMU "name|foo|",
		"/usr/bin/firecracker|-name|foo|", /* not QEMU: its own meaning of -name */
		"/qemu/bin/other|-name|foo|",
		QEMU "-name|foo", /* not terminated */
		"qemu-system-x86_64",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cmdlines); i++)
		assert_string_equal(name_of(cmdlines[i]), "comm");
}

static void test_hostile_bytes(void **state)
{
	static const struct {
		const char *cmdline, *name;
	} cases[] = {
		{ QEMU "-name|\x1b[2J\x1b]0;owned\x07|", "?[2J?]0;owned?" },
		{ QEMU "-name|a\nb\rc\td|", "a?b?c?d" },
		{ QEMU "-name|a\x7f"
		       "b|",
		  "a?b" },
		{ QEMU "-name|\xff\xfe"
		       "a|",
		  "??a" },
		{ QEMU "-name|\xc3|", "?" },	       /* cut off */
		{ QEMU "-name|a\xe2\x82|", "a??" },    /* cut off */
		{ QEMU "-name|\xc0\xaf|", "??" },      /* overlong '/' */
		{ QEMU "-name|\xed\xa0\x80|", "???" }, /* a surrogate */
		{ QEMU "-name|\xc2\x9b"
		       "2J|",
		  "??2J" },				    /* CSI in one character */
		{ QEMU "-name|\xf5\x80\x80\x80|", "????" }, /* beyond Unicode */
		/* What is not seen: right to left, no width, a tag, a mark. */
		{ QEMU "-name|a\xe2\x80\xae"
		       "b|",
		  "a???b" },
		{ QEMU "-name|a\xe2\x80\x8b"
		       "b|",
		  "a???b" },
		{ QEMU "-name|a\xf3\xa0\x81\xa1"
		       "b|",
		  "a????b" },
		{ QEMU "-name|\xef\xbb\xbf"
		       "b|",
		  "???b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(name_of(cases[i].cmdline), cases[i].name);
}

static void test_hostile_comm(void **state)
{
	char name[VM_NAME_LEN];

	(void)state;
	vm_name_of_cmdline(name, "", 0, "\x1b[31mred\xff");
	assert_string_equal(name, "?[31mred?");
}

static void check_long_name(const char *before, const char *fill)
{
	size_t size = 100000, len = strlen(before);
	char *cmdline = malloc(size), name[VM_NAME_LEN];

	assert_non_null(cmdline);
	for (size_t i = len; i < size; i++)
		cmdline[i] = fill[(i - len) % strlen(fill)];
	memcpy(cmdline, before, len);
	for (size_t i = 0; i < len; i++)
		if (cmdline[i] == '|')
			cmdline[i] = '\0';
	cmdline[size - 1] = '\0';
	vm_name_of_cmdline(name, cmdline, size, "comm");
	assert_in_range(strlen(name), VM_NAME_LEN - 10, VM_NAME_LEN - 1);
	for (const char *p = name; *p; p++)
		assert_true(strchr(fill, *p) || *p == '?');
	free(cmdline);
}

static void test_very_long_names_are_cut(void **state)
{
	(void)state;
	check_long_name(QEMU "-name|", "x");
	check_long_name(QEMU "-name|guest=", "x");
	check_long_name(QEMU "-name|", "\xe2\x82\xac");
	check_long_name(QEMU "-name|a", "\xe2\x82\xac"
					"a");
}

static void test_any_bytes_at_all(void **state)
{
	uint64_t random = 3;
	char text[64] = QEMU "-name|", name[VM_NAME_LEN];
	size_t start = strlen(text);

	(void)state;
	for (char *p = text; *p; p++)
		if (*p == '|')
			*p = '\0';
	for (int round = 0; round < 20000; round++) {
		size_t len = start + next_random(&random) % (sizeof(text) - start);

		for (size_t i = start; i < len; i++)
			text[i] = (char)next_random(&random);
		text[len] = '\0';
		vm_name_of_cmdline(name, text, len + 1, "comm");
		for (const char *p = name; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
		assert_true(mbstowcs(NULL, name, 0) != (size_t)-1);
	}
}

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static void test_uuids(void **state)
{
	static const struct {
		const char *cmdline, *uuid;
	} cases[] = {
		{ QEMU "-uuid|" UUID "|", UUID },
		{ QEMU "-name|web1|--uuid|" UUID "|-m|1G|", UUID },
		{ QEMU "-uuid|C7A5FDBD-EDAF-9455-926A-D65C16DB1809|", UUID },
		/* The last one counts, and what is the value of an option is none itself. */
		{ QEMU "-uuid|00000000-edaf-9455-926a-d65c16db1809|-uuid|" UUID "|", UUID },
		{ QEMU "-append|-uuid|" UUID "|", "" },
		{ "stratovirt|-uuid|" UUID "|", UUID },
		{ QEMU, "" },
		{ QEMU "-uuid|", "" },
		{ QEMU "-uuid||", "" },
		{ QEMU "-uuid|" UUID, "" }, /* not terminated */
		{ QEMU "-uuid|c7a5fdbd-edaf-9455-926a-d65c16db180|", "" },
		{ QEMU "-uuid|" UUID "0|", "" },
		{ QEMU "-uuid|c7a5fdbdxedaf-9455-926a-d65c16db1809|", "" },
		{ QEMU "-uuid|c7a5fdbd-edaf-9455-926a-d65c16db180g|", "" },
		{ QEMU "-uuid|c7a5fdbd-edaf-9455-926a-d65c16db18\xff\xfe|", "" },
		{ QEMU "-uuid|" UUID "|-uuid|none|", "" },
		{ "firecracker|-uuid|" UUID "|", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char uuid[VM_UUID_LEN];
		size_t len;
		char *cmdline = cmdline_of(cases[i].cmdline, &len);

		memset(uuid, 'z', sizeof(uuid));
		vm_uuid_of_cmdline(uuid, cmdline, len);
		free(cmdline);
		assert_string_equal(uuid, cases[i].uuid);
	}
}

static void test_uuid_of_a_process(void **state)
{
	char uuid[VM_UUID_LEN];
	pid_t pid = start_fake_qemu("web1");

	(void)state;
	vm_uuid(uuid, (uint32_t)pid);
	assert_string_equal(uuid, "");
	end_fake_qemu(pid);
	vm_uuid(uuid, (uint32_t)pid);
	assert_string_equal(uuid, "");
}

static void test_running_process(void **state)
{
	pid_t pid = start_fake_qemu("debug-threads=on,guest=web1");
	char name[VM_NAME_LEN];

	(void)state;
	vm_name(name, (uint32_t)pid, "comm");
	assert_string_equal(name, "web1");
	end_fake_qemu(pid);
	vm_name(name, (uint32_t)pid, "comm");
	assert_string_equal(name, "comm");
}

static void test_process_with_a_huge_command_line(void **state)
{
	char *huge = malloc(100001), name[VM_NAME_LEN];
	pid_t pid;

	(void)state;
	assert_non_null(huge);
	memset(huge, 'h', 100000);
	huge[100000] = '\0';
	pid = start_fake_qemu(huge);
	vm_name(name, (uint32_t)pid, "comm");
	assert_int_equal(strlen(name), VM_NAME_LEN - 1);
	assert_int_equal(strspn(name, "h"), VM_NAME_LEN - 1);
	end_fake_qemu(pid);
	free(huge);
}

UNIT_TESTS(vmname)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_qemu_takes),
		cmocka_unit_test(test_names_others_take),
		cmocka_unit_test(test_long_name_ends_at_a_character),
		cmocka_unit_test(test_no_name_falls_back_to_comm),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_hostile_comm),
		cmocka_unit_test(test_very_long_names_are_cut),
		cmocka_unit_test(test_any_bytes_at_all),
		cmocka_unit_test(test_uuids),
		cmocka_unit_test(test_uuid_of_a_process),
		cmocka_unit_test(test_running_process),
		cmocka_unit_test(test_process_with_a_huge_command_line),
	};

	RUN_GROUP(tally, "vmname", tests);
}

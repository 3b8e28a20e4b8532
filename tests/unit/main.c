// SPDX-License-Identifier: GPL-2.0-only
/* Run it in the top directory; it needs neither root nor KVM. */
#include <locale.h>
#include <stdio.h>

#include "unit.h"

void tally_add(struct tally *tally, size_t ntests, int failed)
{
	tally->failed += failed;
	tally->passed += (int)ntests - failed;
}

int main(void)
{
	static void (*const groups[])(struct tally *) = {
		run_bucket_tests,	  run_stats_tests,
		run_snapshot_tests,	  run_view_tests,
		run_number_tests,	  run_reasons_tests,
		run_vmname_tests,	  run_options_tests,
		run_export_tests,	  run_outfile_tests,
		run_host_tests,		  run_tracepoint_format_tests,
		run_render_tests,	  run_child_tests,
		run_guest_leaves_tests,	  run_guest_reading_tests,
		run_guest_output_tests,	  run_seal_tests,
		run_series_tests,	  run_judge_tests,
		run_import_tests,	  run_compare_tests,
		run_compare_random_tests, run_compare_text_tests,
		run_answercheck_tests,	  run_command_tests,
		run_array_tests,	  run_table_tests,
		run_loop_tests,		  run_distribution_tests,
		run_audit_tests,	  run_compare_mutations_tests,
		run_roundtrip_tests,	  run_choose_vm_tests,
	};
	struct tally tally = { 0 };

	/* As exitstat-bpf's main() does. */
	setlocale(LC_CTYPE, "C.UTF-8");
	for (size_t i = 0; i < COUNT(groups); i++)
		groups[i](&tally);
	printf("%d passed, %d failed\n", tally.passed, tally.failed);
	/* A failed test has leaked, and the leak checker ends us without this. */
	fflush(stdout);
	return tally.failed ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* The commands. */
#include <stdlib.h>
#include <string.h>

#include "leaves.h"

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	unsigned int n = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	const char *failed;

	failed = vmm_open();
	if (failed)
		err(3, "%s", failed);

	if (!strcmp(command, "check"))
		command_check(n);
	else if (!strcmp(command, "cost"))
		command_cost(n, argc > 3 ? strtoul(argv[3], NULL, 0) : 0, false);
	else if (!strcmp(command, "unreal"))
		command_cost(n, argc > 3 ? strtoul(argv[3], NULL, 0) : 0, true);
	else if (!strcmp(command, "many"))
		command_many(n);
	else if (!strcmp(command, "dump"))
		command_dump();
	else if (!strcmp(command, "idle"))
		command_idle(n);
	else if (!strcmp(command, "churn"))
		command_churn(n);
	else if (!strcmp(command, "inputs"))
		command_inputs(n, argc > 3 ? strtoul(argv[3], NULL, 0) : 0);
	else if (!strcmp(command, "race"))
		command_race();
	else if (!strcmp(command, "nested"))
		command_nested(n);
	else if (!strcmp(command, "capability"))
		command_capability();
	else if (!strcmp(command, "nested-asks"))
		command_nested_asks();
	else if (!strcmp(command, "kinds"))
		command_kinds(n);
	else
		errx(2, "usage: leaves check RANDOM | inputs RANDOM LEAF | race | capability |"
			" nested EXITS | nested-asks | kinds TIMES | cost EXITS LEAF |"
			" unreal EXITS LEAF | many VCPUS | dump | churn VMS | idle TIMES");
	if (failures)
		errx(1, "%d failures", failures);
	return 0;
}

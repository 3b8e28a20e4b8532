// SPDX-License-Identifier: GPL-2.0-only
/* Which leaf is which, which codes there are: what kernel-patch/README.md says. */
#include <string.h>

#include "leaves.h"

int layout, isa;

const char *const leaf_names[] = { "total away", "away of",	  "who",	"handled of",
				   "count of",	 "total handled", "total count" };

uint32_t leaf_of(int what)
{
	return what >= HANDLED_OF && layout == 2022 ? 0x4fffffffu - (what - HANDLED_OF)
						    : 0x4ffffff9u + what;
}

uint64_t value(int what, const struct regs *r)
{
	bool count = what == COUNT_OF || what == TOTAL_COUNT;

	return (uint64_t)r->ebx << 32 | (count ? r->eax : r->ecx);
}

uint64_t read_leaf(struct vcpu *vcpu, int what, uint32_t ecx)
{
	struct regs r = ask(vcpu, leaf_of(what), ecx);

	return value(what, &r);
}

uint32_t cpuid_code(void)
{
	return isa == 2 ? 0x72 : 10;
}

/* The manuals' tables once more, in another form than the patch has them. */
bool defined(uint32_t code)
{
	static const uint8_t vmx_undefined[] = { 35, 38, 42, 65, 71 };

	if (isa == 2)
		return code < 0xa5 || code >> 2 == 0x100 || code > 0xfffffffdu;
	return code < 76 && !memchr(vmx_undefined, code, sizeof(vmx_undefined));
}

int all_codes(uint32_t *codes)
{
	uint32_t cpuid = cpuid_code(), code;
	int n = 0;

	for (code = 0; code < 0x404; code++) {
		if (defined(code) && code != cpuid)
			codes[n++] = code;
	}
	if (isa == 2) {
		codes[n++] = -2u;
		codes[n++] = -1u;
	}
	codes[n++] = cpuid;
	return n;
}

static bool identify(struct vcpu *vcpu)
{
	struct regs r = ask(vcpu, 0x4ffffffb, 0);

	if (memcmp(&r.ebx, "KVMExitStats", 12))
		return false;
	if (r.eax >> 16 != 1)
		errx(1, "ABI version %u", r.eax >> 16);
	layout = r.eax & 0xffff;
	r = ask(vcpu, 0x4ffffffb, 1);
	isa = r.eax;
	return true;
}

void vm_create_counted(struct vm *vm, int nr)
{
	vm_create(vm, nr);
	if (!identify(&vm->vcpus[0]))
		errx(3, "nobody answers: load kvm with exitstat=1");
}

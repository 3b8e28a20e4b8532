// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <gelf.h>

#include "doc/elf_symbols.h"

/* As of a text: more than any kernel has. */
#define MOST_SYMBOLS (1u << 22)

static bool is_code(Elf *elf, const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);
	Elf_Scn *section = elf_getscn(elf, symbol->st_shndx);
	GElf_Shdr header;

	if ((type != STT_FUNC && type != STT_NOTYPE) || symbol->st_shndx == SHN_UNDEF ||
	    symbol->st_shndx >= SHN_LORESERVE || !section || !gelf_getshdr(section, &header))
		return false;
	return header.sh_flags & SHF_EXECINSTR;
}

/* What is no code, or has a name that no compiler gives, is left out. 0 or -ENOMEM. */
static int add_symbol(struct symbols *symbols, Elf *elf, const GElf_Shdr *table,
		      const GElf_Sym *symbol)
{
	const char *name = elf_strptr(elf, table->sh_link, symbol->st_name);

	if (!name || !symbol_name_is_good(name) || !is_code(elf, symbol))
		return 0;
	return symbols_add(symbols, symbol->st_value, symbol->st_size, true, name);
}

static int read_table(struct symbols *symbols, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;
	int err = 0;

	for (int i = 0; !err && data && symbols->n < MOST_SYMBOLS; i++) {
		if (!gelf_getsym(data, i, &symbol))
			break;
		err = add_symbol(symbols, elf, header, &symbol);
	}
	return err;
}

static int read_tables(struct symbols *symbols, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	int err = 0;

	while (!err && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			err = read_table(symbols, elf, section, &header);
	return err;
}

int elf_symbols_read(struct symbols *symbols, int fd, const char *name, struct error *err)
{
	Elf *elf;
	int ret;

	*symbols = (struct symbols){ 0 };
	elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		return fail(err, STATUS_FAILED, "%s is damaged: %s", name,
			    elf ? "it is no ELF file" : elf_errmsg(-1));
	}
	ret = read_tables(symbols, elf);
	elf_end(elf);
	if (ret)
		return fail(err, STATUS_FAILED, "out of memory for %s", name);
	if (!symbols->n)
		return fail(err, STATUS_FAILED,
			    "%s has no symbols of code: take the guest's vmlinux before it is "
			    "stripped, or a copy of its /proc/kallsyms",
			    name);
	symbols_finish(symbols);
	return 0;
}

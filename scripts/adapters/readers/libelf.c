/*
 * elfutils' libelf as a reader: a header on stdin, its program headers as JSON
 * on stdout.
 *
 *     cc -std=c99 -o libelf-reader scripts/adapters/readers/libelf.c -lelf
 */
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int refuse(void)
{
	fprintf(stderr, "%s\n", elf_errmsg(-1));
	return 1;
}

int main(void)
{
	static char data[64 << 20];
	size_t size = fread(data, 1, sizeof(data), stdin), count, i;
	GElf_Ehdr ehdr;
	GElf_Phdr p;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(data, size);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr) ||
	    elf_getphdrnum(elf, &count))
		return refuse();
	/* All are read first: what is printed cannot be taken back. */
	for (i = 0; i < count; i++)
		if (!gelf_getphdr(elf, i, &p))
			return refuse();
	printf("{\"e_machine\": %u, \"e_phnum\": %zu, \"phdrs\": [", ehdr.e_machine, count);
	for (i = 0; i < count; i++) {
		gelf_getphdr(elf, i, &p);
		printf("%s{\"p_type\": %" PRIu32 ", \"p_flags\": %" PRIu32, i ? "," : "",
		       p.p_type, p.p_flags);
		printf(", \"p_offset\": \"%#" PRIx64 "\", \"p_vaddr\": \"%#" PRIx64 "\"",
		       p.p_offset, p.p_vaddr);
		printf(", \"p_paddr\": \"%#" PRIx64 "\", \"p_filesz\": \"%#" PRIx64 "\"",
		       p.p_paddr, p.p_filesz);
		printf(", \"p_memsz\": \"%#" PRIx64 "\", \"p_align\": \"%#" PRIx64 "\"}",
		       p.p_memsz, p.p_align);
	}
	printf("]}\n");
	return 0;
}

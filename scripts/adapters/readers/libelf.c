/*
 * elfutils' libelf as a reader: an ELF file on stdin, its program headers as JSON
 * on stdout, with --notes its notes.
 *
 *     cc -std=c99 -o libelf-reader scripts/adapters/readers/libelf.c -lelf
 */
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(void)
{
	fprintf(stderr, "%s\n", elf_errmsg(-1));
	return 1;
}

/* Names are printed as they are: those of the suite need no escapes. */
static int notes(Elf *elf, size_t count)
{
	const char *comma = "";
	size_t i;

	printf("{\"notes\": [");
	for (i = 0; i < count; i++) {
		size_t at = 0, next, name, desc;
		Elf_Data *data;
		GElf_Nhdr n;
		GElf_Phdr p;

		if (!gelf_getphdr(elf, i, &p) || p.p_type != PT_NOTE)
			continue;
		data = elf_getdata_rawchunk(elf, p.p_offset, p.p_filesz,
					    p.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
		if (!data)
			return refuse();
		while ((next = gelf_getnote(data, at, &n, &name, &desc)) > 0) {
			printf("%s{\"offset\": %" PRIu64 ", \"name\": \"%.*s\", \"type\": %u, \"size\": %u}",
			       comma, p.p_offset + at, (int)n.n_namesz, (char *)data->d_buf + name,
			       n.n_type, n.n_descsz);
			comma = ", ";
			at = next;
		}
	}
	printf("]}\n");
	return 0;
}

int main(int argc, char **argv)
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
	if (argc > 1 && !strcmp(argv[1], "--notes"))
		return notes(elf, count);
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

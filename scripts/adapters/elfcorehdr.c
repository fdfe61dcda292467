/*
 * An elfcorehdr writer in C99, written from spec/rules.yaml. It reads a request
 * of the `lines` protocol from stdin and writes the bytes to stdout.
 *
 *     cc -std=c99 -O2 -o elfcorehdr scripts/adapters/elfcorehdr.c
 *     deno task conform --protocol lines -- ./elfcorehdr
 *
 * Exit 0: here are the bytes. 1: I refuse this input. 3: I do not support it.
 * Copy it, and replace write_header() by a call of your own code.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct note { uint64_t paddr, size; };
struct range { uint64_t start, end; };

static struct {
	char arch[16], op[8];
	unsigned e_machine, page_size, nr_possible, nr_notes, nr_ranges;
	int has_kernel, has_backup;
	struct note *notes, vmcoreinfo;
	struct range *ranges;
	uint64_t kernel_paddr, kernel_vaddr, kernel_size;
	uint64_t page_offset, phys_offset, backup;
} req;

static void stop(int code, const char *reason)
{
	fprintf(stderr, "%s\n", reason);
	exit(code);
}

static void scan(int wanted, int got)
{
	if (got != wanted)
		stop(2, "a line of the request cannot be read");
}

/* calloc() of nothing may be NULL, which is no failure. */
static void *list_of(unsigned count, size_t size)
{
	void *list = calloc(count + 1, size);

	if (!list)
		stop(2, "out of memory");
	return list;
}

static void read_request(void)
{
	unsigned version, note = 0, range = 0;
	char key[32];

	while (scanf("%31s", key) == 1 && strcmp(key, "end")) {
		if (!strcmp(key, "version")) {
			scan(1, scanf("%u", &version));
			if (version != 1 && version != 2)
				stop(3, "only versions 1 and 2 of the request are known");
		} else if (!strcmp(key, "arch")) {
			scan(1, scanf("%15s", req.arch));
		} else if (!strcmp(key, "e_machine")) {
			scan(1, scanf("%u", &req.e_machine));
		} else if (!strcmp(key, "page_size")) {
			scan(1, scanf("%u", &req.page_size));
		} else if (!strcmp(key, "nr_possible")) {
			scan(1, scanf("%u", &req.nr_possible));
		} else if (!strcmp(key, "notes")) {
			scan(1, scanf("%u", &req.nr_notes));
			req.notes = list_of(req.nr_notes, sizeof(*req.notes));
		} else if (!strcmp(key, "note") && note < req.nr_notes) {
			struct note *n = &req.notes[note++];
			scan(2, scanf("%*u %" SCNx64 " %" SCNx64, &n->paddr, &n->size));
		} else if (!strcmp(key, "vmcoreinfo")) {
			scan(2, scanf("%" SCNx64 " %" SCNx64,
				      &req.vmcoreinfo.paddr, &req.vmcoreinfo.size));
		} else if (!strcmp(key, "kernel")) {
			req.has_kernel = 1;
			scan(3, scanf("%" SCNx64 " %" SCNx64 " %" SCNx64,
				      &req.kernel_paddr, &req.kernel_vaddr, &req.kernel_size));
		} else if (!strcmp(key, "va")) {
			scan(3, scanf("%7s %" SCNx64 " %" SCNx64,
				      req.op, &req.page_offset, &req.phys_offset));
		} else if (!strcmp(key, "backup")) {
			req.has_backup = 1;
			scan(1, scanf("%" SCNx64, &req.backup));
		} else if (!strcmp(key, "ranges")) {
			scan(1, scanf("%u", &req.nr_ranges));
			req.ranges = list_of(req.nr_ranges, sizeof(*req.ranges));
		} else if (!strcmp(key, "range") && range < req.nr_ranges) {
			struct range *r = &req.ranges[range++];
			scan(2, scanf("%" SCNx64 " %" SCNx64, &r->start, &r->end));
		} else {
			/* id, release, policy, and the inputs that all this was resolved from */
			scan(0, scanf("%*[^\n]"));
		}
	}
}

/* Rules R38 and R44. */
static void check_request(void)
{
	int ppc = !strcmp(req.arch, "ppc64le");
	int any_page = !strcmp(req.arch, "arm64") || !strcmp(req.arch, "loongarch64");
	int right_page = req.page_size == 4096 || (any_page && req.page_size == 16384) ||
			 ((any_page || ppc) && req.page_size == 65536);
	unsigned i;

	if (req.nr_notes + 1 + req.has_kernel + req.nr_ranges > 0xffff)
		stop(1, "too many program headers");
	if (!req.nr_possible || req.nr_notes > req.nr_possible)
		stop(1, "more notes than possible CPUs, or no CPU at all");
	if (!right_page)
		stop(1, "a page size that the architecture does not have");
	if (req.has_kernel == ppc || req.has_backup != ppc)
		stop(1, "a part that the architecture does not have, or lacks");
	if (req.has_kernel && req.kernel_size - 1 > UINT64_MAX - req.kernel_vaddr)
		stop(1, "a kernel that ends before it starts");
	/* R70: what a block that goes leaves comes last, and may end below its start */
	for (i = 0; i + ppc < req.nr_ranges; i++)
		if (req.ranges[i].end < req.ranges[i].start)
			stop(1, "a range that ends before it starts");
}

/* Little-endian, whatever this machine is. */
static void put(unsigned char *to, int bytes, uint64_t value)
{
	for (; bytes--; value >>= 8)
		*to++ = value & 0xff;
}

static unsigned char *put_phdr(unsigned char *p, int type, uint64_t paddr,
			       uint64_t vaddr, uint64_t size)
{
	put(p, 4, type);
	put(p + 4, 4, type == 1 ? 7 : 0); /* a PT_LOAD is RWX */
	put(p + 8, 8, paddr);             /* p_offset */
	put(p + 16, 8, vaddr);
	put(p + 24, 8, paddr);
	put(p + 32, 8, size);             /* p_filesz */
	put(p + 40, 8, size);             /* p_memsz; p_align stays 0 */
	return p + 56;
}

static void write_header(void)
{
	enum { PT_LOAD = 1, PT_NOTE = 4 };
	/* R28 to R30: a slot for each possible CPU, vmcoreinfo, the kernel, each range */
	size_t slots = (size_t)req.nr_possible + 2 + req.nr_ranges;
	size_t size = (64 + 56 * slots + 4095) / 4096 * 4096, i;
	unsigned char *out = list_of(size, 1), *p = out + 64;
	static const unsigned char zero[8];

	for (i = 0; i < req.nr_notes; i++)
		p = put_phdr(p, PT_NOTE, req.notes[i].paddr, 0, req.notes[i].size);
	p = put_phdr(p, PT_NOTE, req.vmcoreinfo.paddr, 0, req.vmcoreinfo.size);
	if (req.has_kernel)
		p = put_phdr(p, PT_LOAD, req.kernel_paddr, req.kernel_vaddr, req.kernel_size);
	for (i = 0; i < req.nr_ranges; i++) {
		uint64_t start = req.ranges[i].start, linear = start - req.phys_offset;
		uint64_t vaddr = strcmp(req.op, "add") ? linear | req.page_offset
						       : linear + req.page_offset;

		p = put_phdr(p, PT_LOAD, start, vaddr, req.ranges[i].end - start + 1);
	}

	memcpy(out, "\177ELF\2\1\1", 7);
	put(out + 16, 2, 4);                  /* ET_CORE */
	put(out + 18, 2, req.e_machine);
	put(out + 20, 4, 1);                  /* e_version */
	put(out + 32, 8, 64);                 /* e_phoff */
	put(out + 52, 2, 64);                 /* e_ehsize */
	put(out + 54, 2, 56);                 /* e_phentsize */
	put(out + 56, 2, (p - out - 64) / 56); /* e_phnum */

	/* R36, R40: the first program header at physical address 0, whatever it is */
	for (unsigned char *q = out + 64; req.has_backup && q < p; q += 56)
		if (!memcmp(q + 24, zero, 8)) {
			put(q + 8, 8, req.backup);
			break;
		}

	if (fwrite(out, 1, size, stdout) != size || fflush(stdout))
		stop(2, "the header cannot be written");
}

int main(void)
{
	read_request();
	check_request();
	write_header();
	return 0;
}

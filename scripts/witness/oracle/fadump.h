/*
 * Firmware-assisted dump: what the first kernel does at registration and at the
 * crash, what firmware leaves, and what the second kernel does when it boots.
 */
struct fadump_request {
	u64 first_page_size, second_page_size, page_offset, vmcoreinfo, notes;
	u64 cpu_state_size, hpte_size, boot_size, reserved_start, reserved_size;
	u64 nr_regions, nr_registered, nr_at_dump, nr_mask, has_crashing, nr_saved;
};
struct saved_cpu {
	u64 id;
	struct pt_regs regs;
};

/* The addresses that the two kernels reach through the linear map. */
static struct {
	u64 paddr;
	void *at;
} mapped[3];
u64 fadump_notes;

void *fadump_va(u64 paddr)
{
	static struct fadump_crash_info_header nothing;

	for (size_t i = 0; i < 3; i++)
		if (mapped[i].at && mapped[i].paddr == paddr)
			return mapped[i].at;
	return &nothing;
}

static u64 *put_entry(u64 *at, const char *name, u64 value)
{
	*at++ = be64_to_cpu(fadump_str_to_u64(name));
	*at++ = be64_to_cpu(value);
	return at;
}

/* The register save area, as firmware leaves it. */
static void *save_area(const struct saved_cpu *saved, u64 count)
{
	u8 *area = new_block(20 + count * 42 * 16, 0);
	u64 *at = (u64 *)(area + 20);

	*(u64 *)area = be64_to_cpu(fadump_str_to_u64("REGSAVE"));
	*(u32 *)(area + 12) = be32_to_cpu(16);
	*(u32 *)(area + 16) = be32_to_cpu((u32)count);
	for (u64 i = 0; i < count; i++) {
		const struct pt_regs *regs = &saved[i].regs;
		char name[8];

		at = put_entry(at, "CPUSTRT", saved[i].id);
		for (int n = 0; n < 32; n++) {
			snprintf(name, sizeof(name), "GPR%02d", n);
			at = put_entry(at, name, regs->gpr[n]);
		}
		at = put_entry(at, "NIA", regs->nip);
		at = put_entry(at, "MSR", regs->msr);
		at = put_entry(at, "CTR", regs->ctr);
		at = put_entry(at, "LR", regs->link);
		at = put_entry(at, "XER", regs->xer);
		at = put_entry(at, "CR", regs->ccr);
		at = put_entry(at, "DAR", regs->dar);
		at = put_entry(at, "DSISR", regs->dsisr);
		at = put_entry(at, "CPUEND", saved[i].id);
	}
	return area;
}

/* Fills memblock with regions that stay apart: neighbours are of different nodes. */
static void boot_regions(const struct span *ram, u64 count)
{
	struct hardware *items = new_block(count * sizeof(*items), 0);
	struct block **before = blocks;

	for (u64 i = 0; i < count; i++)
		items[i] = (struct hardware) { ram[i].start, ram[i].end, RAM, i & 1 };
	free_blocks(&of_memory);
	blocks = &of_memory;
	boot_memory(items, count);
	blocks = before;
}

/* Boots a kernel of a page size on this memory. */
static void boot(const struct fadump_request *r, u64 page_size, struct span *ram, u64 count)
{
	machine.page_size = page_size;
	machine.page_offset = r->page_offset;
	machine.vmcoreinfo = r->vmcoreinfo;
	boot_regions(ram, count);
	memset(&fw_dump, 0, sizeof(fw_dump));
	fw_dump.cpu_state_data_size = r->cpu_state_size;
	fw_dump.hpte_region_size = r->hpte_size;
}

/* Registers: returns the fadump header, and the header where this kernel writes one. */
static struct fadump_crash_info_header *register_dump(const struct fadump_request *r,
						      const struct span *regions, void *header)
{
	struct fadump_crash_info_header *fdh = new_block(sizeof(*fdh), 0);

	fw_dump.reserve_dump_area_start = r->reserved_start;
	fw_dump.reserve_dump_area_size = r->reserved_size;
	fw_dump.boot_memory_size = r->boot_size;
	fw_dump.boot_mem_regs_cnt = r->nr_regions;
	for (u64 i = 0; i < r->nr_regions; i++) {
		fw_dump.boot_mem_addr[i] = regions[i].start;
		fw_dump.boot_mem_sz[i] = regions[i].end;
		fw_dump.boot_mem_top = regions[i].start + regions[i].end;
	}
	rtas_fadump_init_mem_struct(&fw_dump);
	fdh->magic_number = FADUMP_CRASH_INFO_MAGIC;
	fdh->crashing_cpu = FADUMP_CPU_UNKNOWN;
	mapped[0].paddr = fw_dump.fadumphdr_addr;
	mapped[0].at = fdh;
#ifdef HAVE_fadump_setup_crash_memory_ranges
	fadump_free_mem_ranges(&crash_mrange_info);
	fadump_setup_crash_memory_ranges();
	fadump_create_elfcore_headers(header);
	fdh->elfcorehdr_addr = fw_dump.fadumphdr_addr + sizeof(*fdh);
	mapped[1].paddr = fdh->elfcorehdr_addr;
	mapped[1].at = header;
#else
	fdh->vmcoreinfo_raddr = fadump_relocate(paddr_vmcoreinfo_note());
	fdh->vmcoreinfo_size = VMCOREINFO_NOTE_SIZE;
	fdh->pt_regs_sz = sizeof(struct pt_regs);
	fdh->cpu_mask_sz = sizeof(struct cpumask);
#endif
	return fdh;
}

/* Runs the second kernel's part. */
static int process_dump(void *header)
{
	static struct fadump_ops ops;
	static struct rtas_fadump_mem_struct active;
	struct fadump_crash_info_header *fdh;

	active = fdm;
	fdm_active = &active;
	fw_dump.ops = &ops;
	rtas_fadump_get_config(&fw_dump, &active);
	fdh = fadump_va(fw_dump.fadumphdr_addr);
#ifdef HAVE_is_fadump_header_compatible
	if (!is_fadump_header_compatible(fdh))
		return -EINVAL;
	fw_dump.elfcorehdr_addr = (u64)header;
	fadump_populate_elfcorehdr(fdh);
#else
	if (fdh->magic_number != FADUMP_CRASH_INFO_MAGIC)
		return -EINVAL;
#endif
	return rtas_fadump_build_cpu_notes(&fw_dump);
}

/* Answers with header and notes, and where the copies of boot memory begin. */
static void op_fadump(void)
{
	struct fadump_request r;
	struct fadump_crash_info_header *fdh;
	struct span *regions, *registered, *at_dump;
	struct saved_cpu *saved;
	u64 *mask, room, size, notes = 0;
	void *header;
	u8 *whole;
	int error;

	read_bytes(&r, sizeof(r));
	regions = read_list(r.nr_regions, sizeof(*regions));
	registered = read_list(r.nr_registered, sizeof(*registered));
	at_dump = read_list(r.nr_at_dump, sizeof(*at_dump));
	mask = read_list(r.nr_mask, sizeof(*mask));
	saved = read_list(r.nr_saved + r.has_crashing, sizeof(*saved));
	room = 4 + r.nr_regions + r.nr_registered + r.nr_at_dump;
	header = new_block(64 + 56 * room, 0);
	memset(mapped, 0, sizeof(mapped));
	fadump_notes = r.notes;
	boot(&r, r.first_page_size, registered, r.nr_registered);
	fdh = register_dump(&r, regions, header);
	for (u64 i = 0; i < r.nr_mask; i++)
		fdh->cpu_mask.bits[mask[i] / 64] |= 1UL << mask[i] % 64;
	if (r.has_crashing) {
		fdh->crashing_cpu = saved[r.nr_saved].id;
		fdh->regs = saved[r.nr_saved].regs;
	}
	mapped[2].paddr = r.reserved_start & PAGE_MASK;
	mapped[2].at = save_area(saved, r.nr_saved);
	boot(&r, r.second_page_size, at_dump, r.nr_at_dump);
	error = process_dump(header);
	if (error) {
		answer(-error, NULL, 0, 0, 0, 0);
		return;
	}
	size = 64 + 56 * ((struct elfhdr *)header)->e_phnum;
	while (*(u32 *)(fw_dump.cpu_notes_buf_vaddr + notes))
		notes += sizeof(note_buf_t) - sizeof(struct elf_note);
	notes += sizeof(struct elf_note);
	whole = new_block(size + notes, 0);
	memcpy(whole, header, size);
	memcpy(whole + size, (void *)fw_dump.cpu_notes_buf_vaddr, notes);
	answer(0, whole, size + notes, fw_dump.boot_mem_dest_addr, fw_dump.fadumphdr_addr, 0);
}

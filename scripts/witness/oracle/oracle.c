/*
 * The kernel's writer and its reader of headers as a program: requests on
 * stdin, answers on stdout, both as 64-bit words of this machine's order.
 *
 * A request is its operation and the words that kernel.ts lists for it; an
 * answer is five words (errno, bytes, and three numbers that depend on the
 * operation) and the bytes, padded to a word.
 */
#include "kernel.h"
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>
#include "limits.h"
#include "memory.h"

enum operation { WRITE = 1, LOAD, LOADED_BY_UTILITY, EVENT, VMCORE, CONSTANTS, FADUMP };
/* Changes of memory; the answers to the first three come with the next question. */
enum memory_operation { BOOT = 16, ADD_MEMORY, REMOVE_MEMORY, SHOW_MEMORY };

/* A fault of the kernel's code, where a kernel would oops. */
#define OOPS 999

struct machine machine;
struct resource crashk_res, crashk_low_res;
struct kimage *kexec_crash_image;
struct kernel_mapping kernel_map;
u8 segment_bytes[SEGMENT_MAX];
unsigned long long elfcorehdr_addr;
static struct kimage image;
static unsigned long writes;

/* Blocks of memory, with room behind each for what the kernel writes out of bounds. */
#define SLACK 64
/* A larger block is fresh pages, zero until they are written: a PT_NOTE has up to 512 MiB. */
#define GIANT (64 << 20)
struct block {
	struct block *next;
	size_t size;
};
static struct block *of_request, *of_memory;
/* Blocks of the memory of a machine stay until the next machine boots. */
static struct block **blocks = &of_request;
static size_t last_pages;
/* Failure for the next answer, where nothing could be answered before. */
static int failure;

static void *new_block(size_t size, int fill)
{
	size_t whole = sizeof(struct block) + size + SLACK;
	struct block *block = size > GIANT ? calloc(1, whole) : malloc(whole);

	block->next = *blocks;
	block->size = size;
	*blocks = block;
	return size > GIANT ? block + 1 : memset(block + 1, fill, size + SLACK);
}

/* KMALLOC_MAX_SIZE, by the Kconfig of the kernel, bounds it; 0 bytes are a pointer to nothing. */
void *allocate(size_t size, bool zeroed)
{
	if (size == 0)
		return (void *)16;
	return size > PAGE_SIZE << MAX_PAGE_ORDER ? NULL : new_block(size, zeroed ? 0 : 0xa5);
}

void *allocate_pages(size_t size)
{
	last_pages = size;
	return size == 0 ? NULL : new_block(size, 0);
}

/* The old block stays, as freed memory that nobody took would. */
void *reallocate(void *old, size_t size)
{
	void *new = allocate(size, false);

	if (old && new) {
		size_t before = ((struct block *)old)[-1].size;

		memcpy(new, old, before < size ? before : size);
	}
	return new;
}

static void free_blocks(struct block **list)
{
	while (*list) {
		struct block *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

struct device_node *of_find_node_by_path(const char *path)
{
	static struct device_node rtas = { &machine.rtas }, opal = { &machine.opal };

	if (strcmp(path, "/rtas") == 0)
		return machine.has_rtas ? &rtas : NULL;
	return machine.has_opal ? &opal : NULL;
}

u64 of_property(const struct device_node *node, const char *name)
{
	const struct span *region = node->region;

	return strstr(name, "base") ? region->start : region->end - region->start + 1;
}

int kexec_add_buffer(struct kexec_buf *buffer)
{
	buffer->mem = SZ_1M;
	image.segment[0].bufsz = buffer->bufsz;
	image.segment[0].buf = buffer->buffer;
	image.segment[0].memsz = ALIGN(buffer->memsz, PAGE_SIZE);
	image.nr_segments = 1;
	return 0;
}

/* x86 makes an update visible by exchanging a pointer twice. */
unsigned long count_write(void *to, void *from)
{
	writes++;
	*(void **)to = from;
	return 0;
}

/* Words in, words out. */
static void read_bytes(void *to, size_t size)
{
	if (fread(to, 1, size, stdin) != size)
		exit(0);
}

static u64 read_word(void)
{
	u64 word;

	read_bytes(&word, sizeof(word));
	return word;
}

static void *read_list(size_t count, size_t size)
{
	void *list = new_block(count * size, 0);

	read_bytes(list, count * size);
	return list;
}

static void answer(long error, const void *bytes, u64 size, u64 a, u64 b, u64 c)
{
	static const char padding[8];

	error = failure ? failure : error;
	u64 head[] = { error, error ? 0 : size, a, b, c };

	fwrite(head, sizeof(head), 1, stdout);
	if (error)
		return;
	fwrite(bytes, 1, size, stdout);
	fwrite(padding, 1, -size & 7, stdout);
}

static void read_machine(void)
{
	read_bytes(&machine, offsetof(struct machine, cpus));
	machine.cpus = read_list(machine.nr_cpus, sizeof(*machine.cpus));
	machine.ranges = read_list(machine.nr_ranges, sizeof(*machine.ranges));
	machine.cma = read_list(machine.nr_cma, sizeof(*machine.cma));
	crashk_res.start = machine.crashkernel.start;
	crashk_res.end = machine.crashkernel.end;
	crashk_low_res.start = machine.crashkernel_low.start;
	crashk_low_res.end = machine.crashkernel_low.end;
	kernel_map.va_pa_offset = machine.page_offset - machine.phys_offset;
#ifdef HAVE_crashk_cma_cnt
	crashk_cma_cnt = machine.nr_cma;
	for (u64 i = 0; i < machine.nr_cma; i++)
		crashk_cma_ranges[i] = (struct range){ machine.cma[i].start, machine.cma[i].end };
#endif
}

/* Ranges that no rule of the architecture touches: the writer itself. */
static int write_final(void)
{
	struct crash_mem *mem = allocate_pages(struct_size(mem, ranges, machine.nr_ranges));
	unsigned long size = 0;
	void *bytes = NULL;
	int error;

	if (!mem)
		mem = new_block(sizeof(*mem), 0);
	mem->max_nr_ranges = mem->nr_ranges = machine.nr_ranges;
	for (u64 i = 0; i < machine.nr_ranges; i++) {
		mem->ranges[i].start = machine.ranges[i].start;
		mem->ranges[i].end = machine.ranges[i].end;
	}
#if defined(HAVE_sync_backup_region_phdr) || defined(HAVE_update_backup_region_phdr)
	error = crash_prepare_elf64_headers(mem, false, &bytes, &size);
#else
	error = crash_prepare_elf64_headers(mem, true, &bytes, &size);
#endif
	if (error)
		return error;
#ifdef HAVE_sync_backup_region_phdr
	sync_backup_region_phdr(&image, bytes, false);
#elif defined(HAVE_update_backup_region_phdr)
	update_backup_region_phdr(&image, bytes);
#endif
	image.segment[0].buf = bytes;
	image.segment[0].bufsz = size;
	image.segment[0].memsz = ALIGN(size, PAGE_SIZE);
	return 0;
}

static int write_header(void)
{
	if (machine.final)
		return write_final();
#if defined(HAVE_load_elfcorehdr_segment)
	struct kexec_buf buffer = { .image = &image };

	return load_elfcorehdr_segment(&image, &buffer);
#elif defined(HAVE_crash_load_segments)
	return crash_load_segments(&image);
#else
	unsigned long size = 0;
	void *bytes = NULL;
#ifdef HAVE_prepare_elf_headers
	int error = prepare_elf_headers(&bytes, &size);
#else
	int error = crash_prepare_headers(true, &bytes, &size, NULL);
#endif
	image.segment[0].buf = bytes;
	image.segment[0].bufsz = size;
	image.segment[0].memsz = ALIGN(size, PAGE_SIZE);
	return error;
#endif
}

static void new_image(bool file_mode)
{
	memset(&image, 0, sizeof(image));
	image.file_mode = file_mode;
	image.arch.backup_start = file_mode ? machine.backup : 0;
	image.elfcorehdr_index = -1;
	image.segment[0].mem = SZ_1M;
	kexec_crash_image = &image;
}

/* How far the segment is shown; behind that it is never written here. */
static u64 shown(void)
{
	u64 memsz = image.segment[0].memsz;

	return memsz < 1 << 16 ? memsz : 1 << 16;
}

/* Answers with the header, its room, and the length that the command line tells. */
static void op_write(void)
{
	int error;

	read_machine();
	new_image(true);
	error = write_header();
	answer(-error, image.segment[0].buf, image.segment[0].bufsz, image.segment[0].memsz,
	       image.elf_headers_sz, 0);
}

/* Bytes of the segment that a header has reached since it was cleared. */
static size_t reached;

/* Empties the segment, into which a header of so many bytes comes. */
static void clear_segment(size_t size)
{
	memset(segment_bytes, 0, reached < sizeof(segment_bytes) ? reached : sizeof(segment_bytes));
	reached = size;
}

static void allow_updates(unsigned long flags)
{
#ifdef HAVE_arch_crash_hotplug_support
	image.hotplug_support = arch_crash_hotplug_support(&image, flags);
#else
	(void)flags;
#endif
}

/* Answers with the segment, its room and the size of the header. */
static void op_load(void)
{
	int error;

	read_machine();
	new_image(true);
	error = write_header();
	allow_updates(0);
	clear_segment(image.segment[0].bufsz);
	if (!error && image.segment[0].bufsz <= sizeof(segment_bytes))
		memcpy(segment_bytes, image.segment[0].buf, image.segment[0].bufsz);
	answer(-error, segment_bytes, shown(), image.segment[0].memsz, image.segment[0].bufsz, 1);
}

static void op_loaded_by_utility(void)
{
	u64 memsz, flags, size;

	read_machine();
	memsz = read_word();
	flags = read_word();
	size = read_word();
	new_image(false);
	image.nr_segments = 1;
	image.segment[0].memsz = memsz;
	image.update_elfcorehdr = flags & KEXEC_UPDATE_ELFCOREHDR;
	allow_updates(flags);
	clear_segment(size);
	read_bytes(segment_bytes, size);
#ifdef HAVE_sync_backup_region_phdr
	sync_backup_region_phdr(&image, (void *)segment_bytes, true);
#endif
	answer(0, segment_bytes, shown(), memsz, size, 1);
}

/* Answers with the segment, its room, the size of the header made, and how often it was written. */
static void op_event(void)
{
	unsigned int action;
	struct memory_notify notify;

	read_machine();
	action = read_word();
	notify.start_pfn = read_word() / PAGE_SIZE;
	notify.nr_pages = read_word() / PAGE_SIZE;
	writes = 0;
	last_pages = 0;
#ifdef HAVE_crash_handle_hotplug_event
	/* Before 6.10 it has no third parameter, and does not look where that would be. */
	if (action)
		((void (*)(unsigned int, unsigned int, void *))crash_handle_hotplug_event)(action, 0,
											    &notify);
#else
	(void)action;
#endif
	if (last_pages > reached)
		reached = last_pages;
	answer(0, segment_bytes, shown(), image.segment[0].memsz, last_pages, writes / 2);
}

/* The old kernel's memory: pieces, zeroes between them. */
struct piece {
	u64 paddr, size;
	u8 *bytes;
};
static struct piece *pieces;
static u64 nr_pieces;

static ssize_t read_pieces(char *to, size_t count, u64 *at)
{
	if (count <= GIANT)
		memset(to, 0, count);
	for (u64 i = 0; i < nr_pieces; i++) {
		for (u64 k = 0; k < pieces[i].size; k++) {
			u64 place = pieces[i].paddr + k - *at;

			if (place < count)
				to[place] = pieces[i].bytes[k];
		}
	}
	*at += count;
	return count;
}

ssize_t elfcorehdr_read(char *to, size_t count, u64 *at)
{
	return read_pieces(to, count, at);
}

ssize_t elfcorehdr_read_notes(char *to, size_t count, u64 *at)
{
	return count ? read_pieces(to, count, at) : 0;
}

static u8 *read_padded(u64 size)
{
	return read_list((size + 7) / 8, 8);
}

/* A device dump of a driver, and the start of its note. */
struct device_dump {
	struct vmcoredd_data data; /* first: all that the callback gets */
	u64 size;
	u8 *bytes, *note;
};

static int collect(struct vmcoredd_data *data, void *buf)
{
	struct device_dump *dump = (struct device_dump *)data;

	memcpy(buf, dump->bytes, dump->size);
	dump->note = (u8 *)buf - sizeof(struct vmcoredd_header);
	return 0;
}

/* Answers with header and notes, the size of the file, and that of all notes. */
static void op_vmcore(void)
{
	static struct proc_dir_entry entry;
	struct device_dump *dumps;
	u64 first = 0, nr_dumps, at;
	int error;
	u8 *head;

	memset(&machine, 0, sizeof(machine));
	machine.page_size = read_word();
	elfcorehdr_addr = read_word();
	nr_pieces = read_word();
	pieces = new_block(nr_pieces * sizeof(*pieces), 0);
	for (u64 i = 0; i < nr_pieces; i++) {
		pieces[i].paddr = read_word();
		pieces[i].size = read_word();
		pieces[i].bytes = read_padded(pieces[i].size);
	}
	nr_dumps = read_word();
	dumps = new_block(nr_dumps * sizeof(*dumps), 0);
	for (u64 i = 0; i < nr_dumps; i++) {
		memcpy(dumps[i].data.dump_name, read_padded(VMCOREDD_MAX_NAME_BYTES),
		       VMCOREDD_MAX_NAME_BYTES);
		dumps[i].data.size = dumps[i].size = read_word();
		dumps[i].data.vmcoredd_callback = collect;
		dumps[i].bytes = read_padded(dumps[i].size);
	}
	vmcore_list.next = vmcore_list.prev = &vmcore_list;
	vmcoredd_list.next = vmcoredd_list.prev = &vmcoredd_list;
	vmcoredd_orig_sz = first;
	proc_vmcore = &entry;
	elfcorebuf_sz = elfnotes_sz = elfnotes_orig_sz = first;
	elfcorebuf = elfnotes_buf = NULL;
	error = parse_crash_elf_headers();
	if (error) {
		answer(-error, NULL, 0, 0, 0, 0);
		return;
	}
	for (u64 i = 0; i < nr_dumps; i++) {
		error = vmcore_add_device_dump(&dumps[i].data);
		if (error) {
			answer(-error, NULL, 0, 0, 0, 0);
			return;
		}
	}
	/* As read_vmcore() has it: device dumps, then the other notes. */
	head = new_block(elfcorebuf_sz + elfnotes_sz, 0);
	memcpy(head, elfcorebuf, elfcorebuf_sz);
	at = elfcorebuf_sz;
	for (u64 i = 0; i < nr_dumps; i++) {
		u64 size = roundup(sizeof(struct vmcoredd_header) + dumps[i].size, PAGE_SIZE);

		memcpy(head + at, dumps[i].note, size);
		at += size;
	}
	memcpy(head + at, elfnotes_buf, elfnotes_sz - vmcoredd_orig_sz);
	answer(0, head, elfcorebuf_sz + elfnotes_sz, vmcore_size,
	       elfnotes_orig_sz + vmcoredd_orig_sz, 0);
}

/* Answers with sizes: of the notes of a CPU, of what sysfs tells, and of a range. */
static void op_constants(void)
{
	u64 size = 0;

	read_machine();
#ifdef HAVE_arch_crash_get_elfcorehdr_size
	size = arch_crash_get_elfcorehdr_size();
#endif
	answer(0, NULL, 0, sizeof(note_buf_t), size, VMCOREINFO_NOTE_SIZE);
}

#ifdef HAVE_rtas_fadump_get_config
#include "fadump.h"
#endif
/* The machine's memory as it is at the load. */
static void op_boot(void)
{
	u64 count;
	struct hardware *items;

	machine.page_size = read_word();
	count = read_word();
	items = read_list(count, sizeof(*items));
	failure = 0;
	free_blocks(&of_memory);
	blocks = &of_memory;
	boot_memory(items, count);
}

static void op_add_memory(void)
{
	u64 start = read_word(), size = read_word(), node = read_word(), adder = read_word();
	int error;

	blocks = &of_memory;
	error = add_memory(start, size, node, adder);
	if (error)
		failure = -error;
}

static void op_remove_memory(void)
{
	u64 start = read_word(), size = read_word();

	blocks = &of_memory;
	remove_memory(start, size);
}

/* Answers with the text of /proc/iomem, or of memblock/memory in debugfs. */
static void op_show_memory(void)
{
	const char *text = show_memory(read_word());

	answer(0, text, strlen(text), 0, 0, 0);
}

static sigjmp_buf before;

static void fault(int number)
{
	siglongjmp(before, number);
}

int main(void)
{
	static void (*const operations[])(void) = {
		[WRITE] = op_write,
		[LOAD] = op_load,
		[LOADED_BY_UTILITY] = op_loaded_by_utility,
		[EVENT] = op_event,
		[VMCORE] = op_vmcore,
		[CONSTANTS] = op_constants,
#ifdef HAVE_rtas_fadump_get_config
		[FADUMP] = op_fadump,
#endif
		[BOOT] = op_boot,
		[ADD_MEMORY] = op_add_memory,
		[REMOVE_MEMORY] = op_remove_memory,
		[SHOW_MEMORY] = op_show_memory,
	};
	struct sigaction action = { .sa_handler = fault, .sa_flags = SA_NODEFER };

	setvbuf(stdin, NULL, _IOFBF, 1 << 20);
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGABRT, &action, NULL);
	for (;;) {
		u64 operation = read_word();

		if (operation == 0) {
			fflush(stdout);
			continue;
		}
		if (!sigsetjmp(before, 0))
			operations[operation]();
		else if (blocks == &of_memory)
			failure = OOPS;
		else
			answer(OOPS, NULL, 0, 0, 0, 0);
		blocks = &of_request;
		free_blocks(blocks);
	}
}

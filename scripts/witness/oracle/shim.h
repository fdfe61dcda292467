/*
 * The environment of the kernel's functions in user space. Each name here
 * is not cut out of the kernel; see README.md for what that leaves unsaid.
 */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint8_t __u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint64_t __be64;
typedef u64 phys_addr_t;
typedef u64 resource_size_t;
typedef unsigned int gfp_t;
typedef int (*cmp_func_t)(const void *, const void *);
typedef int (*cmp_r_func_t)(const void *, const void *, const void *);
typedef void (*swap_func_t)(void *, void *, int);
typedef void (*swap_r_func_t)(void *, void *, int, const void *);

#define __init
#define __percpu
#define __user
#define __weak __attribute__((weak))
#define __counted_by(member)
#define __attribute_const__
#define __init_memblock
#define __initdata_memblock
#define __refdata
#define __must_check
#define __always_inline inline __attribute__((always_inline))
#define likely(x) (x)
#define unlikely(x) (x)
#define cond_resched() do { } while (0)
#define BUG_ON(x) do { if (x) abort(); } while (0)
#define VM_BUG_ON(x) do { } while (0)
#define WARN_ON(x) (!!(x))
#define WARN_ON_ONCE(x) (!!(x))
#define WARN_ONCE(x, ...) (!!(x))
#define panic(...) abort()
#define VIRTUAL_WARN_ON(x) do { } while (0)
#define pr_debug(...) do { } while (0)
#define pr_info(...) do { } while (0)
#define pr_warn(...) do { } while (0)
#define pr_warn_once(...) do { } while (0)
#define pr_err_once pr_warn_once
#define pr_err(...) do { } while (0)
#define kexec_dprintk(...) do { } while (0)

#define ALIGN(x, a) (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define roundup(x, y) ({ __typeof__(y) y_ = (y); (((x) + (y_ - 1)) / y_) * y_; })
#define rounddown(x, y) ({ __typeof__(x) x_ = (x); x_ - (x_ % (y)); })
#define max(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define min(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define SZ_1M 0x100000
#define PAGE_SIZE (machine.page_size)
#define PAGE_SHIFT (__builtin_ctzl(machine.page_size))
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x) ALIGN(x, PAGE_SIZE)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define DIV_ROUND_UP(x, y) (((x) + (y) - 1) / (y))
#define be16_to_cpu(x) __builtin_bswap16(x)
#define be32_to_cpu(x) __builtin_bswap32(x)
#define be64_to_cpu(x) __builtin_bswap64(x)
#define cpu_to_be16 be16_to_cpu
#define cpu_to_be32 be32_to_cpu
#define cpu_to_be64 be64_to_cpu
#define swab64 be64_to_cpu

/* The only option that a request may switch. */
#define IS_ENABLED(option) (strcmp(#option, "CONFIG_MEMORY_HOTPLUG") || machine.memory_hotplug)
#define CONFIG_MEMORY_HOTPLUG 1
#define CONFIG_HOTPLUG_CPU 1
#define CONFIG_KEXEC_FILE 1
#define CONFIG_NR_CPUS_DEFAULT (machine.nr_cpus_default)
#define CONFIG_CRASH_MAX_MEMORY_RANGES (machine.max_memory_ranges)

/* Note headers, as the kernel names their struct. */
typedef unsigned long elf_greg_t;
typedef elf_greg_t elf_greg_t64;
struct __kernel_old_timeval {
	long tv_sec, tv_usec;
};
struct elf64_note {
	u32 n_namesz, n_descsz, n_type;
};
#define elf_note elf64_note
#define elfhdr elf64_hdr
#define elf64_hdr Elf64_Ehdr_
struct Elf64_Ehdr_ {
	unsigned char e_ident[EI_NIDENT];
	u16 e_type, e_machine;
	u32 e_version;
	u64 e_entry, e_phoff, e_shoff;
	u32 e_flags;
	u16 e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
};
#define elf_phdr elf64_phdr
struct elf64_phdr {
	u32 p_type, p_flags;
	u64 p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
};
#define Elf_Word u32
#define NN_PRSTATUS "CORE"
#define ELF_OSABI ELFOSABI_NONE
#define ELF_CLASS ELFCLASS64
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* The machine of a request. */
struct span {
	u64 start, end;
};
struct cpu {
	u64 id, present, notes;
};
struct machine {
	u64 page_size, text, end, text_paddr, page_offset, phys_offset;
	u64 vmcoreinfo, backup, nr_cpus_default, max_memory_ranges, memory_hotplug;
	struct span crashkernel, crashkernel_low;
	u64 has_rtas;
	struct span rtas;
	u64 has_opal;
	struct span opal;
	u64 final, nr_cpus, nr_ranges, nr_cma;
	struct cpu *cpus;
	struct span *ranges, *cma;
};
extern struct machine machine;

/* Memory; all of a request is given back when it is answered. */
void *allocate(size_t size, bool zeroed);
void *allocate_pages(size_t size);
void *reallocate(void *block, size_t size);
#define GFP_KERNEL 0
#define GFP_ATOMIC 0
#define __GFP_NOFAIL 0
#define __GFP_ZERO 0
#define kmalloc(size, flags) allocate(size, false)
#define kzalloc(size, flags) allocate(size, true)
#define krealloc(block, size, flags) reallocate(block, size)
#define vzalloc(size) allocate_pages(size)
#define vmalloc_user(size) allocate_pages(size)
#define kfree(block) do { } while (0)
#define vfree(block) do { } while (0)
#define kvfree(block) do { } while (0)
#define get_order(size) (size)
#define __get_free_pages(flags, size) ((unsigned long)allocate_pages((size) + PAGE_SIZE))
#define free_pages(address, order) do { } while (0)
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof(*(p)->member) * (n))
#define kvzalloc_flex(object, member, n) \
	((__typeof__(&(object)))allocate(sizeof(object) + sizeof(*(object).member) * (n), true))
#define kmalloc_flex(object, member, n) kvzalloc_flex(object, member, n)
#define kzalloc_obj(object, ...) ((__typeof__(object) *)allocate(sizeof(object), true))

/* Masks and per-CPU notes: a pointer to a CPU's notes is its place in the list. */
#define num_possible_cpus() ((unsigned int)machine.nr_cpus)
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < machine.nr_cpus; (cpu)++)
#define for_each_present_cpu(cpu) for_each_possible_cpu(cpu) if (machine.cpus[cpu].present)
#define crash_notes ((void *)0)
#define per_cpu_ptr(pointer, cpu) ((void *)(uintptr_t)(cpu))
#define per_cpu_ptr_to_phys(pointer) (machine.cpus[(uintptr_t)(pointer)].notes)
#define paddr_vmcoreinfo_note() (machine.vmcoreinfo)

/* Symbols and the linear map. */
#define _text ((char *)machine.text)
#define _end ((char *)machine.end)
#define __pa_symbol(symbol) (machine.text_paddr)
#define PAGE_OFFSET (machine.page_offset)
#define memstart_addr ((s64)machine.phys_offset)
extern struct kernel_mapping {
	unsigned long va_pa_offset;
} kernel_map;
#define _UL(number) number##UL

/* Around iomem and memblock, which are the kernel's; see memory.c for who fills them. */
struct resource;
extern struct resource crashk_res;
extern struct resource crashk_low_res;
#define CONFIG_NODES_SHIFT 10
#define MAX_NUMNODES (1 << CONFIG_NODES_SHIFT)
#define NUMA_NO_NODE (-1)
#define PHYS_ADDR_MAX (~(phys_addr_t)0)
#define movable_node_is_enabled() false
#define slab_is_available() true
#define memblock_find_in_range(...) 0
#define memblock_free(address, size) do { } while (0)
#define memblock_reserve(address, size) 0
#define memblock_reserve_kern(address, size) 0
#define accept_memory(address, size) do { } while (0)
#define PAGE_ALIGN(address) ALIGN(address, PAGE_SIZE)
#define __pa(address) ((phys_addr_t)(uintptr_t)(address))
#define virt_to_head_page(address) (address)
#define PageSlab(page) false
#define DEFINE_RWLOCK(name) int name
#define read_lock(lock) do { } while (0)
#define read_unlock(lock) do { } while (0)
#define write_lock(lock) do { } while (0)
#define write_unlock(lock) do { } while (0)
#define DECLARE_WAITQUEUE(name, task) int name
#define DECLARE_WAIT_QUEUE_HEAD(name) int name
#define add_wait_queue(head, entry) do { } while (0)
#define remove_wait_queue(head, entry) do { } while (0)
#define set_current_state(state) do { } while (0)
#define schedule() abort()

/* Output of /proc and debugfs. */
struct seq_file {
	void *private, *file;
};
#define pde_data(inode) (&iomem_resource)
#define file_inode(file) (file)
#define file_ns_capable(file, namespace, capability) true
#define ilog2(number) (__builtin_ctz(number))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
void seq_printf(struct seq_file *file, const char *format, ...);
#define seq_putc(file, character) seq_printf(file, "%c", character)
#define seq_puts(file, text) seq_printf(file, "%s", text)

/* The device tree. */
struct device_node {
	const struct span *region;
};
struct device_node *of_find_node_by_path(const char *path);
u64 of_property(const struct device_node *node, const char *name);
#define of_property_read_u32(node, name, value) (*(value) = (u32)of_property(node, name), 0)
#define of_property_read_u64(node, name, value) (*(value) = of_property(node, name), 0)
#define of_node_put(node) do { } while (0)

/* The crash image: one segment, the header's. */
#define SEGMENT_MAX (8 << 20)
#define KEXEC_UPDATE_ELFCOREHDR 4
#define KEXEC_CRASH_HOTPLUG_SUPPORT 8
#define KEXEC_BUF_MEM_UNKNOWN 0
struct kexec_segment {
	unsigned long bufsz, mem, memsz;
	void *buf;
};
struct kimage {
	unsigned long elf_load_addr, elf_headers_sz;
	void *elf_headers;
	int nr_segments, elfcorehdr_index, hotplug_support;
	unsigned int hp_action;
	bool file_mode, elfcorehdr_updated, update_elfcorehdr;
	struct kexec_segment segment[1];
	struct {
		unsigned long backup_start, elf_load_addr, elf_headers_sz;
		void *elf_headers;
	} arch;
};
struct kexec_buf {
	struct kimage *image;
	void *buffer;
	unsigned long bufsz, mem, memsz, buf_align, buf_min, buf_max;
	bool top_down;
};
struct memory_notify {
	unsigned long start_pfn, nr_pages;
};
extern struct kimage *kexec_crash_image;
extern u8 segment_bytes[SEGMENT_MAX];
int kexec_add_buffer(struct kexec_buf *buffer);
unsigned long count_write(void *to, void *from);
#define xchg(to, from) count_write(to, from)
#define crash_hotplug_lock() do { } while (0)
#define crash_hotplug_unlock() do { } while (0)
#define kexec_trylock() 1
#define kexec_unlock() do { } while (0)
#define kexec_in_progress 0
#define pfn_to_page(pfn) (pfn)
#define kmap_local_page(page) ((void *)segment_bytes)
#define kunmap_local(address) do { } while (0)
#define memcpy_flushcache memcpy
#define arch_kexec_protect_crashkres() do { } while (0)
#define arch_kexec_unprotect_crashkres() do { } while (0)
#define update_crash_fdt(image) do { } while (0)
#define get_fdt_index(image) (-1)

/* Firmware-assisted dump of ppc64le: registers, masks, pages, a map of some addresses. */
struct pt_regs {
	unsigned long gpr[32], nip, msr, orig_gpr3, ctr, link, xer, ccr, softe, trap, dar, dsisr, result;
	unsigned long pad[4];
};
#define elf_core_copy_regs(to, from) memcpy(to, from, sizeof(*(from)))
struct cpumask {
	unsigned long bits[2048 / 64];
};
#define cpumask_test_cpu(cpu, mask) ((cpu) < 2048u && (mask)->bits[(cpu) / 64] >> ((cpu) % 64) & 1)
struct page {
	int unused;
};
#define alloc_pages_exact(size, flags) allocate_pages(PAGE_ALIGN(size))
#define free_pages_exact(address, size) do { } while (0)
#define free_reserved_area(from, to, poison, name) do { } while (0)
#define virt_to_page(address) ((struct page *)0)
#define mark_page_reserved(page) do { } while (0)
#define COMMAND_LINE_SIZE 2048
static inline int kstrtoint(const char *text, unsigned int base, int *number)
{
	char *end;

	*number = (int)strtol(text, &end, base);
	return *end || end == text ? -EINVAL : 0;
}
void *fadump_va(u64 paddr);
extern u64 fadump_notes;

/* The old kernel's memory, and what of fs/proc/vmcore.c is not asked. */
extern unsigned long long elfcorehdr_addr;
ssize_t elfcorehdr_read(char *to, size_t count, u64 *at);
ssize_t elfcorehdr_read_notes(char *to, size_t count, u64 *at);
#define parse_crash_elf32_headers() (-ENOTSUP)

struct proc_dir_entry {
	u64 size;
};
#define vmcore_alloc_buf(size) allocate_pages(size)
#define DEFINE_MUTEX(name) int name
#define mutex_lock(mutex) do { } while (0)
#define mutex_unlock(mutex) do { } while (0)
#define scoped_guard(kind, lock) if (1)
#define strscpy_pad(to, from) strncpy((char *)(to), from, sizeof(to))

struct list_head {
	struct list_head *next, *prev;
};
#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}
#define list_entry(member_at, type, member) \
	((type *)((char *)(member_at) - offsetof(type, member)))
#define list_for_each_entry(at, head, member) \
	for (at = list_entry((head)->next, __typeof__(*at), member); &at->member != (head); \
	     at = list_entry(at->member.next, __typeof__(*at), member))

/*
 * A machine's memory as its kernel keeps it. The tree and the list are the
 * kernel's, and so is every function that changes them; what calls these, and
 * in which order, is ours: see provided.ts.
 */
#include "kernel.h"
#include <stdarg.h>
#include "memory.h"

/* The kernel's name and flags of each kind. */
static const struct {
	const char *name;
	unsigned long flags, desc;
	bool in_memblock;
	int memblock_flags;
} kinds[] = {
	[RAM] = { "System RAM", IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0, true, 0 },
	[HOTPLUGGABLE] = { "System RAM", IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0, true,
			   MEMBLOCK_HOTPLUG },
	[KMEM] = { "System RAM (kmem)",
		   IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY | IORESOURCE_SYSRAM_DRIVER_MANAGED, 0, true,
		   MEMBLOCK_DRIVER_MANAGED },
	[VIRTIO_MEM] = { "System RAM (virtio_mem)",
			 IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY | IORESOURCE_SYSRAM_DRIVER_MANAGED, 0,
			 true, MEMBLOCK_DRIVER_MANAGED },
	[NOMAP] = { "Reserved", IORESOURCE_MEM, 0, true, MEMBLOCK_NOMAP },
	[RESERVED] = { "Reserved", IORESOURCE_MEM, IORES_DESC_RESERVED },
	[ACPI_TABLES] = { "ACPI Tables", IORESOURCE_MEM, IORES_DESC_ACPI_TABLES },
	[CXL_WINDOW] = { "CXL Window 0", IORESOURCE_MEM, IORES_DESC_CXL },
	[PERSISTENT] = { "Persistent Memory", IORESOURCE_MEM, IORES_DESC_PERSISTENT_MEMORY },
	[SOFT_RESERVED] = { "Soft Reserved", IORESOURCE_MEM, IORES_DESC_SOFT_RESERVED },
	[DEVICE] = { "0000:00:02.0", IORESOURCE_MEM | IORESOURCE_BUSY, 0 },
	[KERNEL_CODE] = { "Kernel code", IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0 },
	[CRASH_KERNEL] = { "Crash kernel", IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
			   IORES_DESC_CRASH_KERNEL },
};

/* As before the first region came. */
static void forget_memory(void)
{
	static struct memblock at_boot;

	if (!at_boot.memory.max)
		at_boot = memblock;
	memblock = at_boot;
	memset(memblock.memory.regions, 0, memblock.memory.max * sizeof(*memblock.memory.regions));
	memblock_allow_resize();
	iomem_resource.child = NULL;
}

void boot_memory(const struct hardware *items, u64 count)
{
	forget_memory();
	for (const struct hardware *item = items; item < items + count; item++) {
		__typeof__(&kinds[0]) kind = &kinds[item->kind];
		struct resource *resource = allocate(sizeof(*resource), true);
		u64 size = item->end - item->start + 1;

		resource->name = kind->name;
		resource->start = item->start;
		resource->end = item->end;
		resource->flags = kind->flags;
		resource->desc = kind->desc;
		insert_resource(&iomem_resource, resource);
		if (!kind->in_memblock)
			continue;
		memblock_add_node(item->start, size, item->node,
				  kind->memblock_flags & MEMBLOCK_DRIVER_MANAGED);
		if (kind->memblock_flags & MEMBLOCK_NOMAP)
			memblock_mark_nomap(item->start, size);
		if (kind->memblock_flags & MEMBLOCK_HOTPLUG)
			memblock_mark_hotplug(item->start, size);
	}
}

/* In the order of register_memory_resource() and add_memory_resource(). */
int add_memory(u64 start, u64 size, u64 node, enum adder adder)
{
	unsigned long flags = kinds[adder == DRIVER ? VIRTIO_MEM : RAM].flags;
	const char *name = kinds[adder == DRIVER ? VIRTIO_MEM : RAM].name;
	struct resource *resource = __request_region(&iomem_resource, start, size, name, flags);
	int error;

	if (!resource)
		return -EEXIST;
	error = memblock_add_node(start, size, node,
				  adder == DRIVER ? MEMBLOCK_DRIVER_MANAGED : MEMBLOCK_NONE);
	if (error)
		return error;
	if (adder == DRIVER)
		merge_system_ram_resource(resource);
	return 0;
}

/* In the order of try_remove_memory(). */
void remove_memory(u64 start, u64 size)
{
	memblock_remove(start, size);
	release_mem_region_adjustable(start, size);
}

/* A file of /proc or debugfs, as far as it was printed. */
static char shown[1 << 16];
static size_t shown_size;

/* Knows what printf() does, and %pa, behind which the kernel has an address's address. */
void seq_printf(struct seq_file *file, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	if (strncmp(format, "%pa..%pa", 8) == 0) {
		u64 start = *va_arg(values, phys_addr_t *), end = *va_arg(values, phys_addr_t *);

		shown_size += snprintf(shown + shown_size, sizeof(shown) - shown_size,
				       "0x%016lx..0x%016lx%s", start, end, format + 8);
	} else {
		shown_size += vsnprintf(shown + shown_size, sizeof(shown) - shown_size, format, values);
	}
	va_end(values);
	if (shown_size >= sizeof(shown))
		abort();
}

static void show_resources(struct seq_file *file, struct resource *parent)
{
	for (struct resource *child = parent->child; child; child = child->sibling) {
		r_show(file, child);
		show_resources(file, child);
	}
}

/* Regions without a map, as request_standard_resources() of arm64 names them in iomem. */
static void show_nomap(struct seq_file *file)
{
	for (unsigned long i = 0; i < memblock.memory.cnt; i++) {
		struct memblock_region *region = &memblock.memory.regions[i];

		if (region->flags & MEMBLOCK_NOMAP)
			seq_printf(file, "%08llx-%08llx : reserved\n", region->base,
				   region->base + region->size - 1);
	}
}

const char *show_memory(bool memblocks)
{
	struct seq_file file = { .private = &memblock.memory };

	shown_size = 0;
	shown[0] = '\0';
	if (memblocks) {
		memblock_debug_show(&file, NULL);
		show_nomap(&file);
	} else
		show_resources(&file, &iomem_resource);
	return shown;
}

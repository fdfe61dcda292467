/* The memory of a machine: the kernel's tree of resources and its memblock. */

/* Kinds of memory, by the numbers of hardware.ts. */
enum hardware_kind {
	RAM, HOTPLUGGABLE, KMEM, VIRTIO_MEM, NOMAP, RESERVED, ACPI_TABLES, CXL_WINDOW,
	PERSISTENT, SOFT_RESERVED, DEVICE, KERNEL_CODE, CRASH_KERNEL,
};

struct hardware {
	u64 start, end, kind, node;
};

/* How memory is added: by firmware, or by a driver that merges and calls it its own. */
enum adder { FIRMWARE, DRIVER };

void boot_memory(const struct hardware *items, u64 count);
int add_memory(u64 start, u64 size, u64 node, enum adder adder);
void remove_memory(u64 start, u64 size);
/* Prints /proc/iomem, or where a list is asked for, memblock/memory of debugfs. */
const char *show_memory(bool memblocks);

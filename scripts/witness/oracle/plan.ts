/**
 * The places of the functions that write and read a header, in any release: files
 * that are missing in one are passed over, functions that are missing in all
 * of them are an error.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";

/** Parts that are cut for one architecture. */
export interface Plan {
  /** Options of its configuration, and macros of its compiler. */
  readonly configured: readonly string[];
  /** Files whose functions are taken, and all that they call in these files. */
  readonly units: readonly string[];
  /** Files whose types, macros and inline functions are taken where a unit needs them. */
  readonly headers: readonly string[];
  /** Functions and variables that the oracle itself names; of each list, one has to be there. */
  readonly roots: readonly (readonly string[])[];
  /** The same, but not every release has them. */
  readonly perhaps: readonly string[];
}

const CONFIGURED = [
  "CONFIG_64BIT",
  "CONFIG_SMP",
  "CONFIG_MMU",
  "CONFIG_KEXEC",
  "CONFIG_KEXEC_CORE",
  "CONFIG_KEXEC_FILE",
  "CONFIG_CRASH_CORE",
  "CONFIG_CRASH_DUMP",
  "CONFIG_CRASH_RESERVE",
  "CONFIG_CRASH_HOTPLUG",
  "CONFIG_CMA",
  "CRASHKERNEL_CMA",
  "CONFIG_VMCORE_INFO",
  "CONFIG_PROC_VMCORE",
  "CONFIG_PROC_VMCORE_DEVICE_DUMP",
  "CONFIG_HOTPLUG_CPU",
  "CONFIG_MEMORY_HOTPLUG",
  "CONFIG_MEMORY_HOTREMOVE",
  "CONFIG_ARCH_KEEP_MEMBLOCK",
  "CONFIG_NUMA",
  "CONFIG_PROC_FS",
  "CONFIG_DEBUG_FS",
  "CONFIG_ARCH_HAS_GENERIC_CRASHKERNEL_RESERVATION",
  "CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS",
  "CONFIG_CPU_LITTLE_ENDIAN",
  "__KERNEL__",
  "__LP64__",
];

/** Targets of the linear map in some units, as macros of shim_after.h. */
export const MAPPED: Readonly<Record<string, string>> = {
  "arch/powerpc/kexec/crash.c": "SEGMENT_IS_MAPPED",
  "arch/powerpc/kernel/fadump.c": "NOTES_ARE_MAPPED",
  "arch/powerpc/platforms/pseries/rtas-fadump.c": "MEMORY_IS_MAPPED",
};

/** The writer itself, /proc/vmcore and the lists of memory are the same everywhere. */
const UNITS = [
  "kernel/crash_core.c",
  "kernel/vmcore_info.c",
  "kernel/crash_reserve.c",
  "kernel/kexec_file.c",
  "fs/proc/vmcore.c",
  "lib/sort.c",
  "kernel/resource.c",
  "mm/memblock.c",
];
const HEADERS = [
  "include/linux/vmcore_info.h",
  "include/linux/crash_core.h",
  "include/linux/crash_reserve.h",
  "include/linux/kexec.h",
  "include/linux/range.h",
  "include/linux/elfcore.h",
  "include/linux/crash_dump.h",
  "include/uapi/linux/vmcore.h",
  "include/linux/kcore.h",
  "include/linux/ioport.h",
  "include/linux/memblock.h",
  "include/linux/numa.h",
];
const ROOTS = [
  ["crash_prepare_elf64_headers"],
  ["crash_exclude_mem_range"],
  ["parse_crash_elf_headers"],
  ["elfcorebuf"],
  ["elfcorebuf_sz"],
  ["elfnotes_buf"],
  ["elfnotes_sz"],
  ["elfnotes_orig_sz"],
  ["vmcore_size"],
  ["vmcore_list"],
  ["vmcore_add_device_dump"],
  ["vmcoredd_list"],
  ["vmcoredd_orig_sz"],
  ["proc_vmcore"],
  ["note_buf_t"],
  ...[
    "iomem_resource",
    "walk_system_ram_res",
    "insert_resource",
    "__request_region",
    "merge_system_ram_resource",
    "release_mem_region_adjustable",
    "r_show",
    "memblock",
    "memblock_allow_resize",
    "memblock_add_node",
    "memblock_mark_nomap",
    "memblock_mark_hotplug",
    "memblock_remove",
    "memblock_debug_show",
    "for_each_mem_range",
    "IORESOURCE_SYSRAM_DRIVER_MANAGED",
    "IORES_DESC_CRASH_KERNEL",
    "IORES_DESC_ACPI_TABLES",
    "IORES_DESC_PERSISTENT_MEMORY",
    "IORES_DESC_RESERVED",
    "IORES_DESC_SOFT_RESERVED",
    "IORES_DESC_CXL",
  ].map((name) => [name]),
];
const HOTPLUG = [
  "crash_handle_hotplug_event",
  "arch_crash_handle_hotplug_event",
  "arch_crash_hotplug_support",
  "arch_crash_get_elfcorehdr_size",
];

/** Firmware-assisted dump, of all releases and of those on one side of 6.10. */
const FADUMP = [
  "FADUMP_CRASH_INFO_MAGIC",
  "FADUMP_CPU_UNKNOWN",
  "fw_dump",
  "fdm",
  "fdm_active",
  "rtas_fadump_init_mem_struct",
  "rtas_fadump_get_config",
  "rtas_fadump_build_cpu_notes",
];
const FADUMP_OF_ONE_AGE = [
  "fadump_setup_crash_memory_ranges",
  "fadump_free_mem_ranges",
  "crash_mrange_info",
  "fadump_relocate",
  "is_fadump_header_compatible",
];

function plan(
  folder: string,
  configured: readonly string[],
  units: readonly string[],
  headers: readonly string[],
  roots: readonly (readonly string[])[],
  perhaps: readonly string[],
): Plan {
  const below = (file: string) => `arch/${folder}/${file}`;
  return {
    configured: [...CONFIGURED, ...configured],
    units: [...units.map(below), ...UNITS],
    headers: [
      ...headers.map((file) => below(`include/${file}`)),
      ...HEADERS,
    ],
    roots: [...ROOTS, ...roots],
    perhaps: ["crashk_cma_cnt", "crashk_cma_ranges", ...perhaps],
  };
}

/** The caller of arm64 and its descendants. */
const PREPARE = [["prepare_elf_headers", "crash_prepare_headers"]];

/** The table. */
export const PLANS: Readonly<Record<ArchName, Plan>> = {
  x86_64: plan(
    "x86",
    ["CONFIG_X86_64", "CONFIG_X86", "__x86_64__"],
    ["kernel/crash.c"],
    ["asm/elf.h", "asm/user_64.h", "asm/page.h"],
    [["crash_load_segments"]],
    HOTPLUG,
  ),
  arm64: plan(
    "arm64",
    ["CONFIG_ARM64", "__aarch64__"],
    ["kernel/machine_kexec_file.c"],
    ["asm/elf.h", "asm/memory.h", "uapi/asm/ptrace.h"],
    PREPARE,
    [],
  ),
  ppc64le: plan(
    "powerpc",
    ["CONFIG_PPC64", "CONFIG_PPC_BOOK3S_64", "__powerpc64__"],
    [
      "kexec/crash.c",
      "kexec/ranges.c",
      "kexec/file_load_64.c",
      "kernel/fadump.c",
      "platforms/pseries/rtas-fadump.c",
    ],
    [
      "asm/elf.h",
      "asm/page.h",
      "asm/crashdump-ppc64.h",
      "asm/kexec_ranges.h",
      "uapi/asm/elf.h",
      "asm/fadump-internal.h",
      "../platforms/pseries/rtas-fadump.h",
    ],
    [
      ["load_elfcorehdr_segment"],
      ["sync_backup_region_phdr", "update_backup_region_phdr"],
      ...FADUMP.map((name) => [name]),
      ["fadump_create_elfcore_headers", "fadump_populate_elfcorehdr"],
    ],
    [...HOTPLUG, ...FADUMP_OF_ONE_AGE],
  ),
  riscv64: plan(
    "riscv",
    ["CONFIG_RISCV", "__riscv"],
    ["kernel/machine_kexec_file.c", "kernel/elf_kexec.c"],
    ["asm/elf.h", "asm/page.h", "uapi/asm/elf.h", "uapi/asm/ptrace.h"],
    PREPARE,
    [],
  ),
  loongarch64: plan(
    "loongarch",
    ["CONFIG_LOONGARCH", "__loongarch__", "__loongarch64"],
    ["kernel/machine_kexec_file.c", "kernel/elf.c"],
    ["asm/elf.h", "asm/page.h", "asm/io.h", "asm/addrspace.h"],
    PREPARE,
    [],
  ),
};

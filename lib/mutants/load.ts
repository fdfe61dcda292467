/**
 * Mistakes about what a PT_LOAD says, that of the kernel text too.
 *
 * @module
 */

import {
  any,
  input,
  kernel,
  load,
  type Mistake,
  order,
  phdr,
  ram,
} from "./kinds.ts";

const page = 4096n;

/** Those of PT_LOADs. */
export const LOAD_MISTAKES: readonly Mistake[] = [
  phdr(
    "va-add",
    "p_vaddr is made by addition where it is an OR",
    ram,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      p_paddr - phys_offset + page_offset,
  ),
  phdr(
    "va-or",
    "p_vaddr is made by OR where it is an addition",
    ram,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      BigInt.asUintN(64, p_paddr - phys_offset) | page_offset,
  ),
  phdr(
    "va-no-phys-offset",
    "PHYS_OFFSET is not subtracted",
    ram,
    "p_vaddr",
    ({ p_paddr }, { arch, page_offset }) =>
      arch.va === "or" ? p_paddr | page_offset : p_paddr + page_offset,
  ),
  phdr(
    "va-phys-offset-unsigned",
    "a negative PHYS_OFFSET is taken as 0",
    ram,
    "p_vaddr",
    ({ p_paddr, p_vaddr }, { page_offset, phys_offset }) =>
      phys_offset >> 63n ? p_paddr | page_offset : p_vaddr,
  ),
  phdr(
    "va-default-base",
    "page_offset_base is taken as 0xffff888000000000, KASLR or not",
    ram,
    "p_vaddr",
    (
      { p_paddr, p_vaddr },
      { arch },
    ) => arch.name === "x86_64" ? p_paddr + 0xffff888000000000n : p_vaddr,
  ),
  phdr("va-zero", "RAM has no virtual addresses", ram, "p_vaddr", () => 0n),
  phdr(
    "va-clamped",
    "p_vaddr is clamped to 2^63 - 1 by signed arithmetic",
    load,
    "p_vaddr",
    ({ p_vaddr }) => p_vaddr >> 63n ? (1n << 63n) - 1n : p_vaddr,
  ),
  phdr(
    "ram-flags-rw",
    "RAM is not executable (p_flags 6)",
    ram,
    "p_flags",
    () => 6n,
  ),
  phdr("ram-filesz-zero", "p_filesz of RAM is 0", ram, "p_filesz", () => 0n),
  phdr("ram-paddr-zero", "p_paddr of RAM is 0", ram, "p_paddr", () => 0n),
  phdr(
    "ram-offset-in-file",
    "p_offset of RAM counts from the end of the header, as in a file",
    ram,
    "p_offset",
    ({ p_paddr }) => p_paddr + page,
  ),
  phdr(
    "load-align-page",
    "p_align of PT_LOADs is a page",
    load,
    "p_align",
    () => page,
  ),
  phdr("load-align-1", "p_align of PT_LOADs is 1", load, "p_align", () => 1n),
  phdr(
    "offset-32-bit",
    "p_offset is cut to 32 bits",
    any,
    "p_offset",
    ({ p_offset }) => BigInt.asUintN(32, p_offset),
  ),
  phdr(
    "paddr-32-bit",
    "p_paddr is cut to 32 bits",
    any,
    "p_paddr",
    ({ p_paddr }) => BigInt.asUintN(32, p_paddr),
  ),
  phdr(
    "memsz-32-bit",
    "p_memsz is cut to 32 bits",
    any,
    "p_memsz",
    ({ p_memsz }) => BigInt.asUintN(32, p_memsz),
  ),
  phdr(
    "filesz-32-bit",
    "p_filesz is cut to 32 bits",
    any,
    "p_filesz",
    ({ p_filesz }) => BigInt.asUintN(32, p_filesz),
  ),
  phdr(
    "memsz-signed-32-bit",
    "p_memsz is sign-extended from 32 bits",
    any,
    "p_memsz",
    ({ p_memsz }) => BigInt.asIntN(32, p_memsz),
  ),
  phdr(
    "paddr-double",
    "p_paddr went through a double",
    any,
    "p_paddr",
    ({ p_paddr }) => BigInt(Number(p_paddr)),
  ),
  phdr(
    "offset-double",
    "p_offset went through a double",
    any,
    "p_offset",
    ({ p_offset }) => BigInt(Number(p_offset)),
  ),
  phdr(
    "vaddr-double",
    "p_vaddr went through a double",
    any,
    "p_vaddr",
    ({ p_vaddr }) => BigInt(Number(p_vaddr)),
  ),
  phdr(
    "paddr-52-bit",
    "p_paddr is masked to 52 bits",
    any,
    "p_paddr",
    ({ p_paddr }) => BigInt.asUintN(52, p_paddr),
  ),

  // The kernel text.
  order(
    "kernel-missing",
    "the kernel text has no PT_LOAD",
    (slots, { cpus, kernel }) =>
      kernel ? slots.toSpliced(cpus.length + 1, 1) : slots,
  ),
  input(
    "kernel-on-ppc64le",
    "the kernel text has a PT_LOAD on ppc64le",
    ({ kernel, page_offset }) => ({
      kernel: kernel ?? { paddr: 0n, vaddr: page_offset, size: 0x8a0000n },
    }),
  ),
  order(
    "kernel-last",
    "the kernel text comes behind RAM",
    (slots, { cpus, kernel }) =>
      kernel
        ? [...slots.toSpliced(cpus.length + 1, 1), slots[cpus.length + 1]]
        : slots,
  ),
  phdr(
    "kernel-linear",
    "the kernel text has its linear address",
    kernel,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      p_paddr - phys_offset + page_offset,
  ),
  input(
    "kernel-paddr-from-vaddr",
    "the kernel text has its virtual address as its physical one",
    ({ kernel }) => ({
      kernel: kernel && { ...kernel, paddr: kernel.vaddr },
    }),
  ),
  phdr(
    "kernel-rounded-2m",
    "p_vaddr of the kernel is rounded down to 32 MiB",
    kernel,
    "p_vaddr",
    ({ p_vaddr }) => p_vaddr & -0x2000000n,
  ),
  phdr(
    "kernel-offset-zero",
    "p_offset of the kernel text is 0",
    kernel,
    "p_offset",
    () => 0n,
  ),
  phdr(
    "kernel-end-inclusive",
    "_end is taken as inclusive: p_memsz of the kernel is a byte long",
    kernel,
    "p_memsz",
    ({ p_memsz }) => p_memsz + 1n,
  ),
  phdr(
    "kernel-filesz-zero",
    "p_filesz of the kernel text is 0",
    kernel,
    "p_filesz",
    () => 0n,
  ),
  phdr(
    "kernel-flags-rx",
    "the kernel text is not writable (p_flags 5)",
    kernel,
    "p_flags",
    () => 5n,
  ),
];

/**
 * The rules that each known mistake breaks, by the subject of the mistake.
 *
 * A mistake of one rule may show in a field of another: a note too few shows in
 * e_phnum first. So the rules are named here, and not found by the field.
 *
 * @module
 */

/** Subjects whose mistakes break rules, as the kill matrix names them. */
export type Subject =
  | "writer"
  | "kexec-tools"
  | "fadump"
  | "scenario"
  | "vmcore";

/** Names of mistakes by rule, a space between two. */
const BROKEN: Readonly<Record<Subject, Readonly<Record<string, string>>>> = {
  writer: {
    R01: "ident-osabi-linux ident-big-endian ident-32-bit ident-version-zero",
    R02: "type-none type-rel type-exec type-dyn version-zero",
    R03: "machine-x86-64 machine-ppc",
    R04: "flags-elfv2 shentsize-64 shoff-set shnum-1 shstrndx-1 entry-text",
    R05:
      "phentsize-64 ehsize-52 ehsize-zero phentsize-32 phentsize-zero phoff-page phoff-zero phdr-flags-last phdr-flags-aligned big-endian",
    R06:
      "phnum-counts-slots phnum-no-kernel phnum-no-vmcoreinfo hole-takes-slot first-twice",
    R07:
      "vmcoreinfo-first vmcoreinfo-last vmcoreinfo-after-kernel loads-first kernel-last",
    R08:
      "notes-descending notes-online-first notes-by-address notes-to-first-hole notes-of-nth-possible notes-of-first-n",
    R09:
      "notes-of-present notes-last-missing notes-boot-cpu-missing notes-64-cpus notes-below-count notes-below-possible-count notes-to-highest notes-merged",
    R10: "notes-of-possible",
    R11: "notes-of-online notes-online-first",
    R12: "notes-by-stride notes-by-number note-offset-zero note-paddr-zero",
    R13:
      "note-size-x86-64 note-size-arm64 note-size-ppc64le note-size-riscv64 note-size-loongarch64 note-size-1024 note-size-512 note-size-prstatus note-memsz-zero note-filesz-zero note-filesz-short",
    R14: "vmcoreinfo-missing",
    R15:
      "vmcoreinfo-memsz-page vmcoreinfo-a-page vmcoreinfo-of-4k-pages vmcoreinfo-no-null-note vmcoreinfo-as-cpu-note",
    R16: "note-vaddr-linear note-flags-read note-flags-rwx note-type-load",
    R17: "note-align-4 load-align-page load-align-1",
    R18: "ram-flags-rw kernel-flags-rx",
    R19:
      "kernel-missing kernel-linear kernel-paddr-from-vaddr kernel-rounded-2m kernel-offset-zero kernel-end-inclusive kernel-filesz-zero",
    R20: "kernel-on-ppc64le",
    R21: "kernel-cut-from-ram",
    R22:
      "ranges-sorted ranges-merged ranges-merged-and-sorted ranges-reversed ranges-first-missing ranges-last-missing ranges-unique ranges-small-dropped ranges-zero-skipped ranges-128",
    R23:
      "ends-exclusive ends-short ends-long ranges-rounded-out ranges-rounded-in ram-filesz-zero memsz-32-bit filesz-32-bit memsz-signed-32-bit",
    R24:
      "ram-paddr-zero ram-offset-in-file offset-32-bit paddr-32-bit paddr-double offset-double paddr-52-bit",
    R25: "va-or va-default-base va-zero va-clamped vaddr-double",
    R26: "va-no-phys-offset va-phys-offset-unsigned",
    R27: "va-add",
    R28:
      "size-no-vmcoreinfo size-no-ehdr size-one-slot-more size-one-page align-none align-1024 align-page-size align-adds-page",
    R29: "size-by-noted size-by-highest-cpu",
    R30: "size-no-kernel-slot",
    R31:
      "padding-garbage padding-ff padding-20 padding-aa padding-cc padding-last-byte padding-stale-phdr",
    R32: "low-mib-kept low-mib-cut-everywhere low-640k-cut low-mib-end",
    R33:
      "crashkernel-kept crashkernel-end cut-split-tail-lost cut-split-tail-last cut-whole-leaves-empty",
    R35:
      "backup-first-load backup-not-split backup-only-with-ram backup-as-large-as-ram",
    R36: "backup-never backup-by-paddr backup-in-paddr",
    R37:
      "rtas-dropped opal-dropped firmware-last firmware-merged firmware-not-widening",
    R38: "phnum-signed phnum-escape",
    R40: "backup-everywhere backup-loads-only",
    R41: "removed-right",
    R42: "memblocks-merged memblocks-never-merged",
    R65: "va-zero va-phys-offset-unsigned",
    R67: "cut-first-hit-only",
    R68: "crashkernel-low-kept",
    R69: "crashkernel-cma-kept",
    R70: "ranges-empty-dropped",
    R71: "removed-kept",
  },
  "kexec-tools": {
    R51: "notes-of-possible align-4096 by-kernel skipped-not-counted",
    R53: "notes-not-lost counts-directories counts-possible",
    R78:
      "room-for-16-ranges room-for-32-ranges room-for-64-ranges room-for-1024-ranges ends-exclusive ranges-sorted size-7-digits",
    R79:
      "base-of-before-4.20 stext-for-text bss-left-out kernel-end-short backup-never",
    R80: "backup-at-zero-alone",
    R81: "vaddr-without-limit",
    R82: "linear-map-of-kernel riscv64-fixed",
    R83: "reserved-kept",
    R84: "riscv64-fixed",
    R85: "notes-of-kernel-size vmcoreinfo-at-zero",
    R86: "vmcoreinfo-when-it-comes-back",
    R89: "text-not-found",
    R90: "nested-ram-once",
  },
  fadump: {
    R101: "written-at-second-boot",
    R102: "written-at-registration",
    R103: "ram-of-the-other-boot",
    R104: "ram-of-the-other-boot",
    R105:
      "segment-per-cpu notes-of-first-page notes-not-rounded notes-sized-by-mask",
    R106:
      "vmcoreinfo-not-relocated vmcoreinfo-always-relocated vmcoreinfo-of-second-page",
    R107:
      "copy-offset-not-accumulated copies-with-holes boot-memory-at-its-source",
    R108: "boot-memory-in-one",
    R109: "neighbours-apart",
    R110: "neighbours-joined",
    R111: "crash-info-of-664-bytes reserved-kept",
    R112: "reserved-end-aligned crash-info-of-664-bytes reserved-kept",
    R113: "null-phdr-dropped",
    R115: "mask-ignored notes-by-number crashing-from-save-area",
    R116: "e-flags-0",
    R117: "ids-by-place",
  },
  scenario: {
    R41: "removal-is-offlining",
    R45: "updates-always",
    R46: "cpu-events-write",
    R47:
      "updates-never memory-events-write-once blocks-of-512m adding-is-onlining rewrite-present",
    R48: "load-not-counted reload-is-nothing",
    R49: "tail-zeroed tail-all-kept",
    R50: "kexec-load-always-updates kexec-load-never-updates present-is-online",
    R52: "segment-ample too-large-truncated segment-as-large-as-header",
    R36: "rewrite-forgets-backup",
    R75: "kexec-load-by-kernel",
    R28: "size-as-segment",
    R06: "phnum-at-load",
  },
  vmcore: {
    R54: "no-cpu-refused",
    R55: "notes-stop-at-zero notes-need-terminator",
    R56:
      "removal-none phnum-unchanged phnum-off-by-one notes-reversed notes-of-64-cpus vmcoreinfo-lost flags-kept unknown-types-placed",
    R57: "removal-by-type removal-one-short late-note-as-it-was",
    R58:
      "page-always-4k page-always-64k size-rounded size-one-short header-as-large-as-before",
    R59:
      "load-from-paddr load-from-vaddr load-not-in-page load-not-rounded load-size-rounded load-behind-header load-by-filesz equal-offsets-joined empty-load-takes-a-page",
    R60:
      "notes-whole-buffers notes-with-terminator notes-first-only notes-overrun-kept notes-overrun-drops-all long-names-end-the-walk type-0-ends-the-walk note-by-filesz note-at-paddr notes-at-paddr",
    R61:
      "magic-unchecked class-unchecked ident-version-unchecked type-unchecked machine-unchecked version-unchecked ehsize-unchecked phentsize-unchecked truncation-unchecked data-checked osabi-checked phoff-followed",
    R62: "no-notes-accepted",
    R72: "align-always-4 align-always-0",
    R77:
      "notes-without-bound notes-below-bound notes-of-4-mib notes-of-1024-pages",
    R87: "dumps-left-out dumps-behind dumps-unpadded",
    R88: "dumps-not-counted",
  },
};

/** Finds the rules that a mistake breaks; none of a subject without rules. */
export function brokenRules(subject: string, name: string): string[] {
  return Object.entries(BROKEN[subject as Subject] ?? {})
    .filter(([, names]) => names.split(" ").includes(name))
    .map(([rule]) => rule);
}

/** All names that the table has of a subject. */
export function namedIn(subject: Subject): string[] {
  return Object.values(BROKEN[subject]).flatMap((names) => names.split(" "));
}

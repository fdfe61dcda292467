/**
 * A made-up machine as a tree of files, for collect.sh: /proc/kcore is a sparse
 * ELF file whose program headers map the addresses of a kernel.
 */

import { NHDR, notePadded, SIZEOF_NHDR } from "../../lib/elf/notes.ts";
import { SIZEOF_EHDR, SIZEOF_PHDR } from "../../lib/elf/elf64.ts";

/** Place of the kernel in a boot; every other address follows from it. */
export interface Layout {
  /** Virtual address of `_text`. */
  readonly text: bigint;
  /** Virtual address of physical address 0. */
  readonly linear: bigint;
  /** Physical address of the reserved memory's first byte. */
  readonly crash: bigint;
}

/** Two boots. In the second each sum and difference of an address carries. */
export const LAYOUTS: readonly Layout[] = [
  {
    text: 0xffffffff89400000n,
    linear: 0xff2c5ba740000000n,
    crash: 0x24000000n,
  },
  {
    text: 0xfffffffffc400000n,
    linear: 0xffff8880fff00000n,
    crash: 0x1fff00000n,
  },
];

/** Bytes of the reserved memory. */
export const CRASH_SIZE = 0x400000n;
/** Offset of the header from the first byte of the reserved memory. */
export const HEADER_AT = 0x100000n;
/** Contents of another segment, which has keys in it. */
export const SECRET_AT = 0x102000n;
export const SECRET = "a key that no bundle may have";
export const VMCOREINFO = "OSRELEASE=6.12.118\nPAGESIZE=4096\nKERNELOFFSET=1\n";

/** Files of a tree, and the contents that its bundle must have. */
export interface Machine {
  readonly root: string;
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** File offset in kcore of a physical or virtual address. */
  readonly at: (address: bigint) => number;
}

const hex = (n: bigint) => n.toString(16).padStart(16, "0");
const TEXT_SIZE = 0x2c30000n;
const KIMAGE = 0x1e28a00n;

interface Row {
  readonly vaddr: bigint;
  readonly paddr: bigint;
  readonly size: bigint;
}

/** Lays a machine that has loaded a header of 8 KiB. */
export function layMachine(
  root: string,
  layout: Layout,
  cpus: number,
  header: Uint8Array,
): Machine {
  const { text, linear, crash } = layout;
  const rows: Row[] = [
    { vaddr: text, paddr: 0x30400000n, size: TEXT_SIZE },
    { vaddr: 0xff70198740000000n, paddr: 2n ** 64n - 1n, size: 0x3f000000n },
    { vaddr: linear + 0x1000n, paddr: 0x1000n, size: 0x9e000n },
    { vaddr: linear + 0x100000n, paddr: 0x100000n, size: 0x3fee0000n },
    { vaddr: linear + (1n << 32n), paddr: 1n << 32n, size: 1n << 33n },
  ];
  // A terabyte apart, and such that low halves carry.
  const offset = (i: number) => BigInt(i) * 2n ** 40n + 0xfff04000n;
  const at = (address: bigint) => {
    const i = rows.findIndex(({ vaddr, paddr, size }) =>
      [vaddr, paddr].some((base) => address >= base && address < base + size)
    );
    const { vaddr, paddr } = rows[i];
    const base = address >= vaddr ? vaddr : paddr;
    return Number(offset(i) + address - base);
  };
  const segments = [
    [0xff2c5ba741dda000n, 29n, crash + SECRET_AT, 0x1000n],
    [0xff7019874004d000n, 0x1000n, crash + HEADER_AT, 0x2000n],
  ];
  const symbols = {
    _text: text,
    __per_cpu_offset: text + 0x1575e20n,
    kexec_crash_image: text + 0x2766b38n,
    crash_notes: text + 0x2766b58n,
  };
  const offsets = Array.from(
    { length: cpus },
    (_, cpu) => linear + 0x3d000000n + 0x80000n * BigInt(cpu),
  );
  const kimage = words([4n, linear, linear, 0x2fffb160n, 9n, 0n, 8n], [
    BigInt(segments.length),
    ...segments.flat(),
  ], 1024);
  const whole = new Uint8Array(0x2000);
  whole.set(header);
  const head = kcoreHead(rows, offset);
  const files = new Map<string, string | Uint8Array>([
    ...plainFiles(layout, cpus),
    [
      "proc/kallsyms",
      Object.entries(symbols).map(([name, address]) =>
        `${hex(address)} D ${name}\n`
      ).join(""),
    ],
    ["kcore.head", head],
    ["vmcoreinfo.txt", VMCOREINFO],
    [
      "percpu",
      `crash_notes ${hex(0x3d800n)}\n` +
      offsets.map((offset, cpu) => `${cpu} ${hex(offset)}\n`).join(""),
    ],
    ["kimage", kimage],
    [
      "segments",
      segments.map((row) => `${row.map(hex).join(" ")}\n`).join(""),
    ],
    ["elfcorehdr", whole],
    ["elfcorehdr.paddr", `${hex(crash + HEADER_AT)}\n`],
  ]);
  for (const [path, content] of files) {
    if (/^(?:proc|sys|etc)\//.test(path)) lay(`${root}/${path}`, content);
  }
  lay(
    `${root}/proc/kallsyms`,
    `${hex(text)} t crash_notes_memory\n${files.get("proc/kallsyms")}${
      hex(text)
    } d crash_notes\t[module]\n`,
  );
  layPieces(`${root}/proc/kcore`, [
    [0, head],
    [head.length, kcoreNotes()],
    [at(symbols.kexec_crash_image), words([linear + KIMAGE])],
    [at(symbols.crash_notes), words([0x3d800n])],
    [at(symbols.__per_cpu_offset), words(offsets)],
    [at(linear + KIMAGE), kimage],
    [at(crash + HEADER_AT), whole],
    [at(crash + SECRET_AT), new TextEncoder().encode(SECRET)],
  ]);
  return { root, files, at };
}

/** Text files that a bundle has as they are. */
function plainFiles(
  { crash }: Layout,
  cpus: number,
): [string, string][] {
  const end = (crash + CRASH_SIZE - 1n).toString(16);
  const cpu = "sys/devices/system/cpu";
  return [
    ["proc/sys/kernel/arch", "x86_64\n"],
    ["proc/sys/kernel/osrelease", "6.12.118\n"],
    ["proc/version", "Linux version 6.12.118 (builder) #1 SMP\n"],
    [
      "proc/iomem",
      `00100000-3ffdffff : System RAM\n  30400000-313fffff : Kernel code\n100000000-2ffffffff : System RAM\n  ${
        crash.toString(16)
      }-${end} : Crash kernel\n`,
    ],
    ["etc/os-release", 'ID=made-up\nPRETTY_NAME="back\\slash"\n'],
    ["sys/kernel/vmcoreinfo", "0x00000000018c8000 1024\n"],
    ["sys/kernel/kexec_crash_loaded", "1\n"],
    [`${cpu}/possible`, `0-${cpus - 1}\n`],
    [`${cpu}/present`, `0-${cpus - 1}\n`],
    [`${cpu}/online`, `0-${cpus - 1}\n`],
    ...Array.from({ length: cpus }, (_, n): [string, string][] => [
      [`${cpu}/cpu${n}/crash_notes`, `${(0x3d03d800 + n).toString(16)}\n`],
      [`${cpu}/cpu${n}/crash_notes_size`, "376\n"],
    ]).flat(),
  ];
}

/** ELF header, one PT_NOTE and the rows. */
function kcoreHead(
  rows: readonly Row[],
  offset: (i: number) => bigint,
): Uint8Array {
  const phnum = BigInt(rows.length + 1);
  const size = BigInt(SIZEOF_EHDR) + phnum * BigInt(SIZEOF_PHDR);
  return words(
    [0x10102464c457fn, 0n, 0x1003e0004n, 0n, 64n, 0n],
    [0x38004000000000n, phnum],
    [4n, size, 0n, 0n, BigInt(kcoreNotes().length), 0n, 4n],
    ...rows.map(({ vaddr, paddr, size }, i) => [
      0x700000001n,
      offset(i),
      vaddr,
      paddr,
      size,
      size,
      0x1000n,
    ]),
  );
}

function kcoreNotes(): Uint8Array {
  return Uint8Array.from([
    ...note("CORE\0", `${SECRET} of a task`),
    ...note("VMCOREINFO\0", VMCOREINFO),
  ]);
}

function note(name: string, desc: string): Uint8Array {
  const at = SIZEOF_NHDR + notePadded(name.length);
  const bytes = new Uint8Array(at + notePadded(desc.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(NHDR.n_namesz, name.length, true);
  view.setUint32(NHDR.n_descsz, desc.length, true);
  bytes.set(new TextEncoder().encode(name), SIZEOF_NHDR);
  bytes.set(new TextEncoder().encode(desc), at);
  return bytes;
}

/** Words of eight bytes one behind the other; a number at the end is the size. */
function words(...lists: (readonly bigint[] | number)[]): Uint8Array {
  const size = lists.find((list) => typeof list === "number");
  const all = lists.filter((list) => typeof list !== "number").flat();
  const bytes = new Uint8Array(size ?? 8 * all.length);
  const view = new DataView(bytes.buffer);
  all.forEach((word, i) => view.setBigUint64(8 * i, word, true));
  return bytes;
}

/** Writes a file, with the folders that it is in. */
export function lay(path: string, content: string | Uint8Array): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
}

/** Writes pieces at their offsets; holes stay holes. */
export function layPieces(
  path: string,
  pieces: readonly (readonly [at: number, bytes: Uint8Array])[],
): void {
  using file = Deno.openSync(path, { create: true, write: true });
  for (const [at, bytes] of pieces) {
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(bytes);
  }
}

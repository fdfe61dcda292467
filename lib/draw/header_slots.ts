/**
 * The bytes of a header as slots: the part that is used, slot by slot, and
 * below it the whole, to scale.
 *
 * @module
 */

import { describeElfcorehdr, type PhdrRow } from "../compare/describe.ts";
import { phdrOffset, SIZEOF_EHDR, SIZEOF_PHDR } from "../elf/elf64.ts";
import type { Case } from "../spec/case.ts";
import { legend, percent } from "./markup.ts";

/** Free slots beyond which they are one box. */
const MOST_FREE = 120;

/** Draws the slots of a header. */
export function headerSlots(golden: Uint8Array, spec?: Case): string {
  const { ehdr, rows, size } = describeElfcorehdr(golden, spec);
  const used = phdrOffset(ehdr.e_phnum);
  const room = spec ? roomOf(spec, rows, used, size) : used;
  const free = Math.floor((room - used) / SIZEOF_PHDR);
  return `<figure class="slots"><svg width="100%" height="68" role="img" aria-label="${size} bytes: the ELF header, ${ehdr.e_phnum} program headers, ${free} free slots, zeroes">
${slot("ehdr", 0, SIZEOF_EHDR, room, "E")}
${
    rows.map(({ part, at, first, last }) =>
      slot(
        part,
        at,
        phdrOffset(last + 1),
        room,
        first === last ? `${first}` : `${first}–${last}`,
      )
    ).join("")
  }
${freeSlots(used, room, free)}
<path d="M0 32V52"/><line x1="100%" y1="32" x2="${
    percent(room, size)
  }" y2="52"/>
<rect class="s-used" x="0" y="52" width="${percent(used, size)}" height="12"/>
<rect class="s-rest" x="${percent(used, size)}" y="52" width="${
    percent(size - used, size)
  }" height="12"/></svg>
<p class="ends"><span>0</span><span>${size} bytes</span></p>
${legend(legendOf(rows, free))}
<figcaption>${used} of ${size} bytes are in use${
    used < size ? "; the rest is zero" : ""
  }.</figcaption></figure>`;
}

/** The kernel reserves a slot for each possible CPU, vmcoreinfo and the kernel. */
function roomOf(
  { cpus }: Case,
  rows: readonly PhdrRow[],
  used: number,
  size: number,
): number {
  const ram = rows.filter(({ part }) => part === "ram")
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const reserved = phdrOffset(cpus.possible.length + 2 + ram);
  return Math.max(used, Math.min(size, reserved));
}

function slot(
  part: string,
  from: number,
  to: number,
  room: number,
  label = "",
): string {
  const wide = (to - from) / room > 0.024;
  const text = label && wide
    ? `<text x="${percent((from + to) / 2, room)}" y="21">${label}</text>`
    : "";
  return `<rect class="s-${part}" x="${percent(from, room)}" y="2" width="${
    percent(to - from, room)
  }" height="30"/>${text}`;
}

function freeSlots(used: number, room: number, free: number): string {
  if (free > MOST_FREE) return slot("free", used, room, room);
  return Array.from({ length: free }, (_, i) => {
    const from = used + i * SIZEOF_PHDR;
    return slot("free", from, from + SIZEOF_PHDR, room);
  }).join("");
}

function legendOf(rows: readonly PhdrRow[], free: number) {
  const has = (wanted: string) => rows.some(({ part }) => part === wanted);
  return ([
    [true, "s-ehdr", "E: ELF header"],
    [has("crash_notes"), "s-crash_notes", "crash notes"],
    [has("vmcoreinfo"), "s-vmcoreinfo", "vmcoreinfo"],
    [has("kernel"), "s-kernel", "kernel"],
    [has("ram"), "s-ram", "RAM"],
    [free > 0, "s-free", free === 1 ? "1 free slot" : `${free} free slots`],
  ] as const).filter(([there]) => there).map(([, kind, word]) =>
    [kind, word] as const
  );
}

/** Style of slots, by part. */
export const headerSlotsStyle = `
.slots svg { display: block; overflow: visible; } .slots line, .slots path { stroke: var(--dim); fill: none; }
.slots text { font: 11px var(--mono); fill: var(--ink); text-anchor: middle; }
.s-ehdr { fill: var(--ehdr-tint); stroke: var(--dim); background: var(--ehdr-tint); border-color: var(--dim); }
.s-crash_notes { fill: var(--notes-tint); stroke: var(--notes); background: var(--notes-tint); border-color: var(--notes); }
.s-vmcoreinfo { fill: var(--info-tint); stroke: var(--info); background: var(--info-tint); border-color: var(--info); }
.s-kernel { fill: var(--kernel-tint); stroke: var(--kernel); background: var(--kernel-tint); border-color: var(--kernel); }
.s-ram { fill: var(--ram-tint); stroke: var(--ram); background: var(--ram-tint); border-color: var(--ram); }
.s-free { fill: none; stroke: var(--dim); stroke-dasharray: 3 3; border: 1px dashed var(--dim); }
.s-used { fill: var(--dim); stroke: var(--dim); } .s-rest { fill: none; stroke: var(--dim); }
@media (forced-colors: active) { .slots rect { forced-color-adjust: none; } }
`;

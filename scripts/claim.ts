/**
 * Draws the claim of the change as a picture, from the captured panics of one
 * machine before and after it: `deno task claim > spec/v6.6.svg`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS, VMCORES } from "../golden/mod.ts";
import { decodeElfcorehdr } from "../lib/kernel/read_header.ts";
import { attributeByPosition, viewDump } from "../lib/model/dump.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
  survivors,
} from "../lib/model/old_memory.ts";
import { makeVmcore } from "../lib/model/vmcore.ts";
import { parseVmcoreCase } from "../lib/spec/vmcore.ts";
import { headerNamed } from "../lib/suite/corpus.ts";
import { refuseArgument, runCommand } from "./command.ts";

const PANELS = [
  ["before 6.6: present CPUs", "vmcore/x86_64-6.1-crash-readded-cpu2"],
  ["since 6.6: possible CPUs", "vmcore/x86_64-6.12-crash-readded-cpu2"],
] as const;

const GREEN = "#1a7f4b";
const RED = "#c3352b";
const DIM = "#9aa0a8";

const USAGE = "Usage: deno task claim > spec/v6.6.svg";

await runCommand((argv) => {
  const { help } = parseArgs(argv, {
    boolean: ["help"],
    unknown: refuseArgument(USAGE),
  });
  console.log(help ? USAGE : draw());
  return 0;
});

function draw(): string {
  const panels = PANELS.map(([title, id], i) => panel(title, id, 30 + i * 470));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 430" font-family="system-ui, sans-serif" font-size="14">
<rect width="960" height="430" fill="#fff"/>
<text x="30" y="36" font-size="19" font-weight="600" fill="#1c1f23">CPUs 0, 1 and 3 at the load, CPU 2 added, then a panic on four CPUs</text>
${panels.join("\n")}
</svg>`;
}

function panel(title: string, id: string, left: number): string {
  const spec = parseVmcoreCase(VMCORES.find((test) => test.id === id)!.yaml);
  const header = headerNamed(CORPUS, spec.header);
  const pieces = piecesOf(spec, header);
  const vmcore = makeVmcore(
    header,
    readPieces(pieces),
    captureKernel(spec, header),
  );
  const { dumped, lost } = survivors(spec, pieces, vmcore);
  const notes =
    decodeElfcorehdr(header).phdrs.filter(({ p_type }) => p_type === 4).length -
    1;
  const taken = attributeByPosition(dumped, spec.online);
  const { nr_cpus } = viewDump(vmcore.head);
  const row = (y: number, label: string, cells: string[]) =>
    `<text x="${left}" y="${y}" fill="#6a7078">${label}</text>${
      cells.join("")
    }`;
  const box = (i: number, y: number, text: string, color: string) =>
    `<rect x="${left + i * 52}" y="${
      y + 10
    }" width="46" height="34" rx="5" fill="${color}"/><text x="${
      left + i * 52 + 23
    }" y="${y + 32}" text-anchor="middle" fill="#fff">${text}</text>`;
  const verdict = (cpu: number, taken_for: number | undefined) =>
    cpu === taken_for ? GREEN : RED;
  return [
    `<text x="${left}" y="72" font-size="16" font-weight="600" fill="#1c1f23">${title}</text>`,
    row(
      104,
      "stopped, registers saved in memory",
      spec.online.map((cpu, i) =>
        box(i, 104, `${cpu}`, lost.includes(cpu) ? RED : GREEN)
      ),
    ),
    row(
      178,
      `PT_NOTEs in the header: ${notes}`,
      Array.from({ length: notes }, (_, i) =>
        box(
          i,
          178,
          i < dumped.length ? `${dumped[i]}` : "",
          i < dumped.length ? GREEN : DIM,
        )),
    ),
    row(
      252,
      `notes in the dump; makedumpfile counts ${nr_cpus} CPUs`,
      dumped.map((cpu, i) => box(i, 252, `${cpu}`, GREEN)),
    ),
    row(
      326,
      "taken by position for CPU",
      taken.map(({ cpu, taken_for }, i) =>
        box(i, 326, `${taken_for}`, verdict(cpu, taken_for))
      ),
    ),
    `<text x="${left}" y="402" fill="${
      lost.length > 0 ? RED : GREEN
    }" font-weight="600">${
      lost.length > 0
        ? `lost: CPU ${lost.join(", ")}; CPU 3's registers are shown as CPU 2's`
        : "nothing is lost, nothing mistaken"
    }</text>`,
  ].join("\n");
}

/**
 * The masks of a machine: a box a CPU with its number, and below it the index
 * of its PT_NOTE.
 *
 * @module
 */

import { type Cpumask, formatCpulist } from "../kernel/cpumask.ts";
import type { Case } from "../spec/case.ts";
import { holds, notedMask } from "../spec/rules.ts";
import { escapeMarkup, ruleLink, type RuleUrl } from "./markup.ts";

type CpuState = "online" | "offline" | "absent" | "hole";

const WORDS: Readonly<Record<CpuState, string>> = {
  online: "present, online",
  offline: "present, offline",
  absent: "possible, absent",
  hole: "hole: not possible",
};

/** Neighbours in one state; `note` is the index of the first one's PT_NOTE. */
interface Run {
  readonly first: number;
  readonly last: number;
  readonly state: CpuState;
  readonly note?: number;
}

/** Boxes beyond which the rest is a count. */
const MOST_BOXES = 96;

/** Draws the masks of a machine. */
export function maskStrip(spec: Case, url: RuleUrl): string {
  const runs = runsOf(spec);
  const { possible, present, online } = spec.cpus;
  const noted = notedMask(spec);
  const rule = holds("R09", spec.release, spec.arch) ? "R09" : "R10";
  const states = (Object.keys(WORDS) as CpuState[]).filter((state) =>
    runs.some((run) => run.state === state)
  );
  return `<figure class="masks"><div><dl>
<dt>possible</dt><dd>${cpulist(possible)}</dd>
<dt>present</dt><dd>${cpulist(present)}</dd>
<dt>online</dt><dd>${cpulist(online)}</dd>
<dt>PT_NOTE</dt><dd>${cpulist(noted)}, ${ruleLink(rule, url)}</dd></dl>
<div class="strip" aria-hidden="true"><p><span>CPU</span><span>note</span></p>
<ol>${boxes(runs, possible.at(-1) ?? 0)}</ol></div></div>
<figcaption>${
    states.map((state) =>
      `<span class="key"><b class="cpu ${state}"></b>${WORDS[state]}</span>`
    ).join(" ")
  }</figcaption></figure>`;
}

/** State of each CPU up to the last possible one, neighbours joined. */
function runsOf(spec: Case): Run[] {
  const { possible, present, online } = spec.cpus;
  const [can, is, runs] = [possible, present, online].map((mask) =>
    new Set(mask)
  );
  const notes = new Map([...notedMask(spec)].map((cpu, note) => [cpu, note]));
  const found: Run[] = [];
  for (let cpu = 0; cpu <= (possible.at(-1) ?? -1); cpu++) {
    const state = runs.has(cpu)
      ? "online"
      : is.has(cpu)
      ? "offline"
      : can.has(cpu)
      ? "absent"
      : "hole";
    const note = notes.get(cpu);
    const before = found.at(-1);
    if (
      before?.state === state &&
      (before.note === undefined) === (note === undefined)
    ) found[found.length - 1] = { ...before, last: cpu };
    else found.push({ first: cpu, last: cpu, state, note });
  }
  return found;
}

/** A box for each CPU of a short run, one for a long run. */
function boxes(runs: readonly Run[], highest: number): string {
  const most = highest > 63 ? 4 : 16;
  const all = runs.flatMap((run) => {
    const count = run.last - run.first + 1;
    return count > most ? [run] : Array.from({ length: count }, (_, i) => ({
      ...run,
      first: run.first + i,
      last: run.first + i,
      note: run.note === undefined ? undefined : run.note + i,
    }));
  });
  const shown = all.slice(0, MOST_BOXES);
  const rest = all.length - shown.length;
  return shown.map(({ first, last, state, note }) => {
    const end = note === undefined ? undefined : note + last - first;
    return `<li><b class="cpu ${state}">${span(first, last)}</b><i>${
      note === undefined ? "–" : span(note, end!)
    }</i></li>`;
  }).join("") + (rest > 0 ? `<li>and ${rest} more</li>` : "");
}

function span(first: number, last: number): string {
  return first === last ? `${first}` : `${first}–${last}`;
}

function cpulist(mask: Cpumask): string {
  if (mask.length === 0) return "none";
  const list = escapeMarkup(formatCpulist(mask)).replaceAll(",", ",<wbr>");
  return `<code>${list}</code> <span class="dim">${
    mask.length === 1 ? "1 CPU" : `${mask.length} CPUs`
  }</span>`;
}

/** Style of the mask strip. */
export const maskStripStyle = `
.masks > div { display: flex; flex-wrap: wrap; gap: .25rem 3rem; align-items: start; }
.masks dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 1rem; margin: .35rem 0; font-size: .875rem; }
.masks dt { color: var(--dim); } .masks dd { margin: 0; overflow-wrap: anywhere; }
.strip { display: flex; gap: .5rem; flex: 1 1 20rem; min-width: 0; }
.strip p { margin: .35rem 0; font-size: .75rem; color: var(--dim); } .strip p span { display: block; line-height: 1.5rem; }
.strip ol { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem 3px; margin: .35rem 0; padding: 0; min-width: 0; }
.strip li { display: flex; flex-direction: column; align-items: center; font: 12px/1.5rem var(--mono); min-width: 1.75rem; }
.strip i { font-style: normal; color: var(--dim); }
.cpu { display: block; min-width: 1.75rem; height: 1.5rem; padding: 0 .3rem; text-align: center; font-weight: 400; border: 1px solid var(--notes); }
.cpu.online { border-width: 2px; background: var(--notes-tint); line-height: 1.35rem; }
.cpu.absent { border: 1px dashed var(--absent); color: var(--absent); }
.cpu.hole { color: var(--dim); border-color: transparent; border-bottom-color: var(--dim); }
.key .cpu { display: inline-block; min-width: 1rem; height: 1rem; padding: 0; vertical-align: -.15rem; margin-right: .4rem; }
`;

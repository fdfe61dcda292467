/**
 * The first page: one drawing from masks to /proc/vmcore, questions that lead
 * to answers, and the change of v6.6 on one machine.
 *
 * @module
 */

import { maskStrip } from "../../lib/draw/mask_strip.ts";
import { ruleLink } from "../../lib/draw/markup.ts";
import { witnessLine } from "../../lib/draw/witness_line.ts";
import { RULES } from "../../lib/spec/rules.ts";
import { framePage, itemLink, ruleUrl, type SiteFile } from "./page.ts";
import { panicFlow } from "./panic_page.ts";
import { sideBySide } from "./side_by_side.ts";
import type { World } from "./world.ts";

/** A captured machine with absent CPUs, and its panic. */
const MACHINE = "x86_64/6.12-shown-2of4";
const PANIC = "vmcore/x86_64-6.12-shown-2of4";
/** One machine on both sides of v6.6. */
const BEFORE = "x86_64/6.1-smp2of8-hotadd";
const AFTER = "x86_64/6.12-smp2of8-hotadd";

/** Questions by who asks them, each with its answer. */
const QUESTIONS = [
  ["Kernel", "What changed between 6.6 and 6.12?", "release/x86_64.html#6.8"],
  [
    "Kernel",
    "Does 6.18.1 on ppc64le write the offset of the backup?",
    "release/ppc64le.html#6.18",
  ],
  [
    "Kernel",
    "Which case has a hole in the possible mask, and who wrote its bytes?",
    "cases.html#hole-possible",
  ],
  [
    "kexec-tools",
    "Which headers of 2.0.32 contain a defect, and in which bytes?",
    "program/kexec-tools.html",
  ],
  [
    "VMM",
    "Which bytes do I write for four CPUs, one of them online?",
    "x86_64/6.12-maxcpus1-of4.html",
  ],
  [
    "Reader",
    "What does Go’s debug/elf get wrong, and with which image?",
    "program/debug_elf.html",
  ],
  [
    "Administration",
    "What does crashkernel=,cma do to the list of RAM?",
    "x86_64/7.3-cma.html",
  ],
  [
    "Administration",
    "Is the header that is loaded on my machine still right?",
    "machine.html",
  ],
] as const;

/** Makes the first page. */
export function startPage(world: World): SiteFile {
  const { byId, machines, items } = world;
  const [machine, panic, before, after] = [MACHINE, PANIC, BEFORE, AFTER]
    .map((id) => byId.get(id)!);
  const captured =
    items.filter(({ origin }) => origin.golden_from === "captured").length;
  const body = `<h1>Every byte of an elfcorehdr, with its source</h1>
<p class="lead">When Linux loads a crash kernel, it gives it an ELF core header: the crash notes of every CPU, vmcoreinfo, the kernel text and all RAM. ${RULES.length} rules say what each byte is, and ${items.length} cases show it, ${captured} of them captured from running kernels.</p>
<h2>From the masks to /proc/vmcore</h2>
${maskStrip(machines.get(MACHINE)!, ruleUrl)}
${panicFlow(panic, world)}
<p>Real bytes: the header of ${itemLink(machine)} and its panic, ${
    itemLink(panic)
  }. CPUs 2 and 3 are possible but absent: since v6.6 they have a PT_NOTE, and as they never ran, it adds nothing to the dump.</p>
<h2>Questions</h2>
<ul class="questions">${
    QUESTIONS.map(([who, question, to]) =>
      `<li><b>${who}</b><a href="~/${to}">${question}</a></li>`
    ).join("\n")
  }</ul>
<h2>The change of v6.6 on one machine</h2>
<p>Two of eight possible CPUs are present. Before v6.6 the header names the CPUs that are present at the load (${
    ruleLink("R10", ruleUrl)
  }); a CPU that is added later has no note, and a dump lacks its registers. Since v6.6 it names every possible CPU (${
    ruleLink("R09", ruleUrl)
  }).</p>
${maskStrip(machines.get(AFTER)!, ruleUrl)}
${
    sideBySide(
      [before, after].map((item) => ({
        title: `Linux ${item.release}<br>${itemLink(item)}`,
        bytes: item.golden!,
        spec: machines.get(item.id),
      })),
      "Before and after v6.6",
    )
  }
${witnessLine(before.origin)}
${witnessLine(after.origin)}`;
  return framePage({
    path: "index",
    title: "What each byte is",
    section: "Start",
    body,
  });
}

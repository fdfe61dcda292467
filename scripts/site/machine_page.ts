/**
 * The page for whoever has a machine: what collect and judge do.
 *
 * @module
 */

import { table } from "../../lib/draw/markup.ts";
import { type HostVerdict, VERDICTS } from "../host/judge.ts";
import { EXIT_CODES } from "../host/report.ts";
import { framePage, type SiteFile } from "./page.ts";

/** Meanings of the verdicts. */
const MEANINGS: Readonly<Record<HostVerdict, string>> = {
  RIGHT:
    "byte for byte what the kernel or kexec-tools writes for this machine now",
  COMPLETE: "nothing is lost; the bytes are unknown or were not compared",
  STALE: "CPUs or memory changed since the load; the losses are listed",
  INCOMPLETE: "the program that loads the image loses CPUs every time",
  WRONG: "a dump would be unreadable or overwritten",
  "NOT LOADED": "no crash kernel is loaded, so there would be no dump",
  "NOT SEEN":
    "the header cannot be read; the answer says why and what would help",
};

/** Makes the page. */
export function machinePage(): SiteFile {
  const body = `<h1>Will a panic on your machine give a usable dump?</h1>
<p class="lead">A crash kernel may have been loaded months ago. Its elfcorehdr lists the CPUs and the memory of that time. Two commands find out whether it is still complete.</p>
<h2>1. Collect, on the machine</h2>
<p>As root, with a POSIX shell. It takes seconds and changes nothing outside its own folder.</p>
<pre tabindex="0">sh scripts/host/collect.sh bundle</pre>
<p>The bundle has a few KB: the masks of the CPUs, /proc/iomem, the addresses of the crash notes, and the header that is loaded, where it can be read. It contains no memory of programs. It reveals where the kernel is in memory (KASLR): do not publish it while that boot runs.</p>
<h2>2. Judge, anywhere</h2>
<pre tabindex="0">npx -y deno@2 task judge bundle.tar.gz</pre>
<p>The suite makes the header that the kernel or kexec-tools would write for this machine now, and compares. The first line of the answer is the verdict; then come the losses, known defects of the loader or the kernel, and the next step.</p>
${
    table(
      "data cards",
      "Verdicts",
      ["verdict", "meaning", "exit code"],
      VERDICTS.map((verdict) =>
        `<td><b>${verdict}</b></td><td>${MEANINGS[verdict]}</td><td class="n">${
          EXIT_CODES[verdict]
        }</td>`
      ),
    )
  }
<p>On kernels of RHEL, SUSE and Ubuntu the version does not decide the bytes, since changes are backported. There only losses are reported.</p>
<h2>After a panic</h2>
<pre tabindex="0">npx -y deno@2 task judge bundle.tar.gz /var/crash/…/vmcore</pre>
<p>It says whether the dump is of the boot in the bundle, and which CPUs and how much memory it lacks. It reads /proc/vmcore, ELF dumps and compressed kdump files.</p>
<h2>Which rules apply?</h2>
<p>What the kernel writes depends on its release: see <a href="~/release/x86_64.html">what holds on which release</a>. What the utility writes, and its defects, are on the page of <a href="~/program/kexec-tools.html">kexec-tools</a>.</p>`;
  return framePage({
    path: "machine",
    title: "Your machine",
    section: "Your machine",
    body,
  });
}

/**
 * The pages of real programs: how many cases each passes, and each failure by
 * its cause, with what the program must do and an image to try.
 *
 * @module
 */

import { kernelsOf } from "../../lib/draw/witness_line.ts";
import { escapeMarkup, table } from "../../lib/draw/markup.ts";
import { parseImage } from "../../lib/spec/image.ts";
import type { FailureKind, KnownFailure } from "../../lib/suite/results.ts";
import { MOST_BYTES } from "./downloads.ts";
import { MUST } from "./image_page.ts";
import { itemNamed } from "./items.ts";
import { count, framePage, itemLink, type SiteFile } from "./page.ts";
import type { Asked, Program } from "./programs.ts";
import type { World } from "./world.ts";

const READERS = "scripts/adapters/readers";
const PYTHON = `/usr/bin/python3 ${READERS}`;
const CARGO = `cargo run --manifest-path ${READERS}/rust/Cargo.toml --bin`;

/** Commands that run a program on `image.bin`, by its key; `--notes` follows for notes. */
const COMMANDS: Readonly<Record<string, string>> = {
  "readelf": `${PYTHON}/readelf.py readelf`,
  "eu-readelf": `${PYTHON}/readelf.py eu-readelf`,
  "llvm-readelf": `${PYTHON}/readelf.py llvm-readelf`,
  "libelf": `cc -o libelf ${READERS}/libelf.c -lelf && ./libelf`,
  "pyelftools": `${PYTHON}/pyelftools_reader.py`,
  "debug_elf": `go run ${READERS}/debug_elf.go`,
  "object": `${CARGO} object --`,
  "goblin": `${CARGO} goblin --`,
  "kdumpfile": `${PYTHON}/kdumpfile_reader.py`,
  "makedumpfile": `${PYTHON}/makedumpfile_reader.py`,
};

/** Kinds of failures, in words. */
const KINDS: Readonly<Record<FailureKind, string>> = {
  accepted: "reads it",
  refused: "refuses it",
  broken: "crashes or times out",
  differs: "reads it wrong",
  missing: "gives no answer",
};

/** Questions of a profile, in words. */
const PROFILES: Readonly<Record<string, string>> = {
  reader: "program headers",
  notes: "notes",
  "nr-cpus": "count of CPUs",
  memory: "memory",
};

/** Makes the page of a program. */
export function programPage(program: Program, world: World): SiteFile {
  const { key, name, version, profiles } = program;
  const body = `<h1>${escapeMarkup(name)} ${version}</h1>
<p class="lead">${
    profiles.map((asked) =>
      `${capitalized(PROFILES[asked.profile])}: ${resultOf(asked)}`
    ).join(". ")
  }.</p>
<p>Each failure says what a reader must do and why. It may still be the suite that is wrong.</p>
${profiles.map((asked) => profileSection(program, asked, world)).join("\n")}`;
  return framePage({
    path: `program/${key}`,
    title: name,
    section: "Programs",
    body,
  });
}

/** `11 cases fail`, and that some are not supported. */
function resultOf({ known, partly }: Asked): string {
  const failed = known.length === 0
    ? "no case fails"
    : known.length === 1
    ? "1 case fails"
    : `${known.length} cases fail`;
  return partly ? `${failed}, some are not supported` : failed;
}

/** A profile: counts, a command, then failures by cause, the most frequent first. */
function profileSection(
  { key }: Program,
  asked: Asked,
  world: World,
): string {
  const { profile, known } = asked;
  const causes = [...Map.groupBy(known, ({ reason }) => reason)]
    .sort((a, b) => b[1].length - a[1].length);
  const command = COMMANDS[key];
  const notes = profile === "notes" ? " --notes" : "";
  return `<section id="${profile}"><h2>${
    capitalized(PROFILES[profile])
  } <span class="dim">profile ${profile}</span></h2>
<p>${capitalized(resultOf(asked))}${
    known.length === 0 ? "." : `; ${count(causes.length, "cause")}.`
  }</p>
${
    command && known.length > 0
      ? `<p>To try an image, save it as <code>image.bin</code>:</p><pre tabindex="0">${command}${notes} &lt;image.bin</pre>`
      : ""
  }
${
    causes.map(([reason, failures]) =>
      causeSection(reason, profile, failures, world)
    )
      .join("\n")
  }</section>`;
}

function causeSection(
  reason: string,
  profile: string,
  failures: readonly KnownFailure[],
  world: World,
): string {
  const { link } = failures[0];
  return `<h3>${escapeMarkup(reason)} <span class="dim">${
    count(failures.length, "case")
  }</span></h3>
${
    /^https:/.test(link)
      ? `<p class="dim"><a href="${
        escapeMarkup(link)
      }">where it is in the source</a></p>`
      : ""
  }
${
    table(
      "data cards",
      `${profile}: ${reason}`,
      ["case", "a reader must", "the program", "why", "download"],
      failures.map((
        failure,
      ) => failureRow(failure, world)),
    )
  }`;
}

function failureRow(
  { case: id, kind, field }: KnownFailure,
  { byId }: World,
): string {
  const item = itemNamed(byId, id);
  const must = item?.list === "images"
    ? MUST[parseImage(item.yaml, id).expect]
    : MUST[kind === "accepted" ? "refuse" : "read"];
  const file = item?.golden && item.golden.length <= MOST_BYTES
    ? `<a href="~/${id}.bin" download>${
      item.list === "images" ? "image" : "bytes"
    }</a>`
    : item?.golden
    ? `<code>deno task -q inspect --raw ${escapeMarkup(id)}</code>`
    : "";
  return `<td>${
    item ? itemLink(item) : escapeMarkup(id)
  }</td><td data-label="must">${must}</td><td data-label="the program">${
    KINDS[kind]
  }${
    field ? `, first at <code>${escapeMarkup(field)}</code>` : ""
  }</td><td class="dim">${escapeMarkup(item?.why ?? "")}</td><td>${file}</td>`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Makes the table of all programs. */
export function programsPage(world: World, defects: number): SiteFile {
  const { programs, corpus, items } = world;
  const profiles = [
    ...new Set(
      programs.flatMap((program) =>
        program.profiles.map(({ profile }) => profile)
      ),
    ),
  ];
  const captured = (list: string) =>
    items.filter((item) =>
      item.list === list && item.origin.golden_from === "captured"
    ).length;
  const body = `<h1>Programs</h1>
<p class="lead">Real readers and writers, each asked every case of its profile. Failures are counted, since nearly everything passes.</p>
<h2>Readers</h2>
${
    table(
      "data cards",
      "Readers",
      [
        "program",
        "version",
        ...profiles.map((profile) => PROFILES[profile] ?? profile),
      ],
      programs.map((program) =>
        `<td><a href="~/program/${program.key}.html">${
          escapeMarkup(program.name)
        }</a></td><td class="n">${program.version}</td>${
          profiles.map((profile) => askedCell(program, profile)).join("")
        }`
      ),
    )
  }
<h2>Writers</h2>
${
    table(
      "data cards",
      "Writers",
      ["program", "what it wrote of the goldens"],
      [
        `<td>Linux, running</td><td>${captured("cases")} headers, ${
          captured("scenarios")
        } lives and ${captured("vmcores")} panics</td>`,
        `<td>Linux, compiled in user space</td><td>it confirmed ${
          items.filter(({ origin }) => kernelsOf(origin).length > 0).length
        } others</td>`,
        `<td><a href="~/program/kexec-tools.html">kexec-tools</a></td><td>${corpus.kexec_tools.length} headers, ${defects} of them with a defect</td>`,
      ],
    )
  }`;
  return framePage({
    path: "programs",
    title: "Programs",
    section: "Programs",
    body,
  });
}

function askedCell({ key, profiles }: Program, profile: string): string {
  const asked = profiles.find((asked) => asked.profile === profile);
  if (asked === undefined) return '<td class="dim">not asked</td>';
  const label = `data-label="${PROFILES[profile] ?? profile}"`;
  // The rest is not supported.
  const failed = asked.known.length;
  return failed === 0
    ? `<td ${label}>none fails${
      asked.partly ? ", some are not supported" : ""
    }</td>`
    : `<td ${label}><a href="~/program/${key}.html#${profile}"><b>${failed}</b> fail</a></td>`;
}

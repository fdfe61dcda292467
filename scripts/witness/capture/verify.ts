/**
 * A case that keeps its recipe, and what comes of repeating it: addresses may
 * move, by KASLR and by what else a boot puts first; all else must be as it
 * was.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { parse } from "@std/yaml";
import type { Captured } from "../../../lib/spec/head.ts";
import { CommandError } from "../../command.ts";
import type { SpecFile, Words } from "./case_files.ts";
import { type Recipe, stepNames } from "./recipe.ts";
import { isThere } from "../debian/tool.ts";

const ROOT = `${import.meta.dirname}/../../..`;

/** A captured spec file of any kind. */
export interface Kept {
  /** Its id. */
  readonly id: string;
  /** Its text. */
  readonly yaml: string;
  /** Its words. */
  readonly words: Omit<Words, "name">;
  /** How it is done again. */
  readonly recipe: string;
}

/** Reads a spec file that keeps a recipe. */
export function readKept(id: string): Kept {
  const path = `${ROOT}/spec/${id}.yaml`;
  if (!isThere(path)) {
    throw new CommandError(
      `Cannot verify: --verify must name a case: there is no spec/${id}.yaml`,
    );
  }
  const yaml = Deno.readTextFileSync(path);
  const { title, why, rules, tags, captured } = parse(yaml, {
    schema: "failsafe",
  }) as Omit<Words, "name"> & { captured?: Captured };
  if (captured?.recipe === undefined) {
    throw new CommandError(
      `Cannot verify ${id}: captured.recipe must be there: this case was not captured by deno task capture`,
    );
  }
  const words = { title, why, rules, ...tags ? { tags } : {} };
  return { id, yaml, words, recipe: captured.recipe };
}

/** The name that all files of a session share: without the architecture, and without a step of its own. */
export function nameOf(
  id: string,
  { arch, after, fadump }: Recipe,
  isKnown: (id: string) => boolean,
): string {
  const name = id.slice(id.indexOf("/") + 1);
  if (fadump) return name;
  const bare = id.startsWith(`${arch}/`) ? name : name.slice(arch.length + 1);
  const step = stepNames(after).find((step) => bare.endsWith(`-${step}`));
  if (step === undefined) return bare;
  const base = bare.slice(0, -step.length - 1);
  return isKnown(`${arch}/${base}`) ? base : bare;
}

/** Compares new captures with the kept ones: lines for the user, and whether they are equal. */
export function compare(
  { id, yaml }: Kept,
  files: readonly SpecFile[],
): { lines: string[]; holds: boolean } {
  const again = files.find((file) => file.id === id);
  if (again === undefined) {
    throw new CommandError(
      `Cannot verify ${id}: its recipe must make it again: it made ${
        files.map((file) => file.id).join(", ")
      }`,
    );
  }
  const { wrong, versions } = compareShown(yaml, again.yaml);
  const lines = [
    ...differences(yaml.replace(SHOWN, ""), again.yaml.replace(SHOWN, "")),
    ...wrong,
  ];
  if (lines.length > 0) {
    return { lines: [...lines, `${id} is not reproduced`], holds: false };
  }
  const same = [...again.goldens].every(([name, bytes]) =>
    equals(Deno.readFileSync(`${ROOT}/golden/${name}.bin`), bytes)
  );
  const how = same
    ? "byte for byte"
    : "addresses moved, and the bytes with them";
  return { lines: [...versions, `${id} is reproduced, ${how}`], holds: true };
}

/** Registers that debuggers showed when they were asked again: they may be newer. */
function compareShown(
  old: string,
  now: string,
): { wrong: string[]; versions: string[] } {
  const before = new Map(shownBy(old).map((row) => [row.name, row]));
  const wrong: string[] = [], versions: string[] = [];
  for (const { name, version, what } of shownBy(now)) {
    const kept = before.get(name);
    if (kept?.what !== what) {
      wrong.push(
        `${name} must show ${
          kept?.what ?? "nothing"
        }: current value is ${what}`,
      );
    } else if (kept.version !== version) {
      versions.push(`${name} ${version} shows what ${kept.version} did`);
    }
  }
  return { wrong, versions };
}

function shownBy(
  yaml: string,
): { name: string; version: string; what: string }[] {
  const rows = yaml.match(SHOWN)?.[0].matchAll(
    /^ {2}- \{ reader: "(\S+) ([^"]+)", (.+) \}$/gm,
  );
  return [...rows ?? []].map((
    [, name, version, what],
  ) => ({ name, version, what }));
}

/**
 * Lines that differ in more than words, places and what a panic left in
 * memory. RAM stays where it is; a region that is reserved in it keeps its
 * length.
 */
function differences(old: string, now: string): string[] {
  const [before, after] = [shapeOf(old), shapeOf(now)];
  const lines = Math.max(before.length, after.length);
  return Array.from({ length: lines }, (_, i) => i)
    .filter((i) => before[i] !== after[i])
    .map((i) =>
      `must be ${before[i] ?? "nothing"}: current value is ${
        after[i] ?? "nothing"
      }`
    );
}

const WORDS =
  /^(?:#|title|why|rules|tags|captured| {2}(?:how|recipe)|machine|header):?|^ {2}kernel: "/;
const SHOWN = /^shown:\n(?: {2}- .*\n)+/m;
const NOTES = /^memory:\n(?: {2}- .*\n| {4}.*\n| {6}.*\n)+/m;

function shapeOf(yaml: string): string[] {
  const text = yaml.replace(
    NOTES,
    (block) => block.includes("vmcoreinfo") ? "" : block,
  );
  let key = "";
  return text.split("\n").filter((line) => !WORDS.test(line)).map((line) => {
    key = /^ *(\w+):/.exec(line)?.[1] ?? key;
    if (/^(?:system_ram|registered|at_dump)$/.test(key)) return line;
    return line.replace(
      /\["(0x[0-9a-f]+)", "(0x[0-9a-f]+)"\]/g,
      (range, start, end) =>
        key.startsWith("crashkernel")
          ? `[${BigInt(end) - BigInt(start) + 1n} bytes]`
          : range,
    ).replace(/0x[0-9a-f]+/g, "0x…")
      .replace(/regs: "[0-9a-f]*"/g, 'regs: "…"')
      // KERNELOFFSET in vmcoreinfo has as many digits as KASLR gives it.
      .replace(/notes_size: \d+/, "notes_size: …")
      // A region that moves may cut RAM into more or fewer ranges, and the
      // rules have judged the bytes.
      .replace(/^(expect: .*e_phnum): \d+/, "$1: …");
  });
}

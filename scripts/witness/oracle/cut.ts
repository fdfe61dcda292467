/**
 * A kernel's source in, the C files of its writer and reader out: the functions
 * that the oracle names, and all that they need, cut out by name.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { type Item, parseSource } from "./c_source.ts";
import type { Plan } from "./plan.ts";

/** C files by name. */
export type Cut = ReadonlyMap<string, string>;

/**
 * Cuts what a plan names out of a source.
 *
 * @param source Its folder.
 * @param provided Names that the shim has, which are not taken from the kernel.
 * @throws {CommandError} If a function is not there, with the files in which it was looked for.
 */
export function cut(
  source: string,
  plan: Plan,
  provided: ReadonlySet<string>,
): Cut {
  const { units, needed, roots } = choose(source, plan, provided);
  const files = new Map([["kernel.h", header(needed, roots)]]);
  for (const unit of units) {
    const text = unitText(unit.filter((item) => needed.has(item)), roots);
    if (text === undefined) continue;
    files.set(unit[0].file.replaceAll("/", "-"), text);
  }
  return files;
}

/** Lists the files of a source that something is cut out of, as `cut()` does. */
export function filesCut(
  source: string,
  plan: Plan,
  provided: ReadonlySet<string>,
): string[] {
  const { needed } = choose(source, plan, provided);
  return [...new Set(needed.ordered.map(({ file }) => file))];
}

/** Finds what a plan names, and all that it needs. */
function choose(
  source: string,
  plan: Plan,
  provided: ReadonlySet<string>,
): { units: Item[][]; needed: Needed; roots: ReadonlySet<string> } {
  const configured = (name: string) => plan.configured.includes(name);
  const read = (file: string) => {
    try {
      const text = Deno.readTextFileSync(`${source}/${file}`);
      return [parseSource(text, file, configured)];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  };
  const units = plan.units.flatMap(read);
  const headers = plan.headers.flatMap(read);
  const needed = new Needed(units.flat(), headers.flat(), provided);
  const roots = new Set<string>();
  for (const names of [...plan.roots, ...plan.perhaps.map((name) => [name])]) {
    const found = names.filter((name) => needed.root(name));
    found.forEach((name) => roots.add(name));
    if (found.length === 0 && plan.roots.includes(names)) {
      throw new CommandError(
        `Cannot cut the kernel: ${names.join(" or ")} must be in one of ${
          [...plan.units, ...plan.headers].join(", ")
        } below ${source}: it is not there`,
      );
    }
  }
  return { units, needed, roots };
}

/** The names that a header of ours has. */
export function namesIn(header: string): Set<string> {
  const items = parseSource(header, "shim.h", () => false);
  const prototypes = header.matchAll(/^\w[\w *]*?\b(\w+)\(/gm);
  const variables = header.matchAll(
    /^(?:extern|\}) [^(]*?\b(\w+)(?:\[.*\])?;/gm,
  );
  return new Set([
    ...items.map(({ name }) => name),
    ...[...prototypes, ...variables].map(([, name]) => name),
  ]);
}

/** Declarations that the roots need, as far as they can be found. */
class Needed {
  readonly #units: Map<string, Item[]>;
  readonly #headers: Map<string, Item[]>;
  readonly #provided: ReadonlySet<string>;
  readonly #items = new Set<Item>();
  /** In an order in which each type comes behind those that it needs. */
  readonly ordered: Item[] = [];

  constructor(
    units: readonly Item[],
    headers: readonly Item[],
    provided: ReadonlySet<string>,
  ) {
    this.#units = Map.groupBy(units, ({ name }) => name);
    this.#headers = Map.groupBy(headers, ({ name }) => name);
    this.#provided = provided;
  }

  has(item: Item): boolean {
    return this.#items.has(item);
  }

  /** Takes a root; returns true if it exists. */
  root(name: string): boolean {
    const found = this.#units.get(name) ?? this.#headers.get(name);
    if (found === undefined) return false;
    found.filter((item) => item === found[0] || isShared(item)).forEach((
      item,
    ) => this.#take(item));
    return true;
  }

  #take(item: Item): void {
    if (this.#items.has(item)) return;
    this.#items.add(item);
    const words = item.text.matchAll(
      /\b((?:struct|union|enum)\s+)?(\w+)(\s*\()?/g,
    );
    for (const [, tag, word, call] of words) {
      const name = tag ? `${tag.trim()} ${word}` : word;
      if (name === item.name || this.#provided.has(name)) continue;
      this.#find(name, item.file, call !== undefined || item.kind === "define")
        .forEach((found) => this.#take(found));
    }
    this.ordered.push(item);
  }

  /**
   * Any name of its own file; of others, what is called and what is shared; of
   * headers also types and constants. A function of a file goes before the
   * stub that a header has for architectures without it; of a weak one the
   * architecture's own is taken as well.
   */
  #find(name: string, file: string, called: boolean): Item[] {
    const units = this.#units.get(name) ?? [];
    const headers = this.#headers.get(name) ?? [];
    const found = units.find((item) => item.file === file) ??
      units.find((item) =>
        isShared(item) &&
        (item.kind === "variable" || called && item.kind === "function")
      ) ??
      headers.find(({ kind }) =>
        kind === "type" || called ||
        kind === "define" && name === name.toUpperCase()
      );
    const strong = found && /\b__weak\b/.test(found.text)
      ? units.filter((item) => item !== found && isShared(item))
      : [];
    return found ? [found, ...strong] : [];
  }
}

/** Declarations that all files see. */
function header(needed: Needed, roots: ReadonlySet<string>): string {
  const { ordered } = needed;
  const inHeader = ordered.filter(({ file }) => file.endsWith(".h"));
  const shared = ordered.filter((item) =>
    !item.file.endsWith(".h") && (isShared(item) || roots.has(item.name))
  );
  const of = (kind: Item["kind"]) =>
    inHeader.filter((item) => item.kind === kind).map(({ text }) => text);
  return [
    '#include "shim.h"\n',
    ...[...roots].map((name) => `#define HAVE_${name} 1\n`),
    ...of("define"),
    ...of("type"),
    ...shared.filter(({ kind }) => kind === "function").map((item) =>
      prototype(item, roots)
    ),
    ...shared.filter(({ kind }) => kind === "variable").map(declaration),
    ...of("function"),
    '#include "shim_after.h"\n',
  ].join("");
}

/** A file of functions, in the order of the kernel's; nothing where none is needed. */
function unitText(
  items: readonly Item[],
  roots: ReadonlySet<string>,
): string | undefined {
  if (items.length === 0) return undefined;
  const of = (kind: Item["kind"]) => items.filter((item) => item.kind === kind);
  return [
    '#include "kernel.h"\n',
    ...of("define").map(({ text }) => text),
    ...of("type").map(({ text }) => text),
    ...of("function").map((item) => prototype(item, roots)),
    ...of("variable").map((item) => visible(item, roots)),
    ...of("function").map((item) => visible(item, roots)),
  ].join("");
}

function isShared({ text }: Item): boolean {
  return !/^\s*static\b/.test(text);
}

/** A root is called from outside, so it cannot be static. */
function visible({ name, text }: Item, roots: ReadonlySet<string>): string {
  return roots.has(name)
    ? text.replace(/\bstatic\b\s*(?:inline\b\s*)?/, "")
    : text;
}

function prototype(item: Item, roots: ReadonlySet<string>): string {
  const text = visible(item, roots);
  return `${text.slice(0, text.indexOf("{")).trim()};\n`;
}

function declaration({ name, text }: Item): string {
  return /LIST_HEAD/.test(text)
    ? `extern struct list_head ${name};\n`
    : `extern ${
      text.trim().replace(/^static\s+/, "").replace(/\s*=[^]*$/, ";")
    }\n`;
}

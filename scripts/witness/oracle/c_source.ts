/**
 * A C file as a list of what stands at its top level, by name; what the
 * configuration leaves out is left out, and comments are.
 *
 * @module
 */

/** Something at the top level of a C file. */
export interface Item {
  /** Description. */
  readonly kind: "function" | "type" | "variable" | "define";
  /** Its name; of a struct, `struct name`. */
  readonly name: string;
  /** Its text. */
  readonly text: string;
  /** The file that it is in, below the root of the source. */
  readonly file: string;
}

/** True if an option of the kernel's configuration, or a macro of the compiler, is set. */
export type Configured = (name: string) => boolean;

/** Declarations that a macro makes: `static LIST_HEAD(vmcore_list);`. */
const DECLARED = /^(?:static\s+)?(?:LIST_HEAD|DEFINE_\w+)\((\w+)\)/;
/** Words that look like a call where a function's name is to be found. */
const ATTRIBUTES =
  /\s__(?:initdata|ro_after_init|read_mostly)\w*|\b__(?:attribute__|printf|must_hold|acquires|releases|section|aligned)\s*\((?:[^()]|\([^()]*\))*\)/g;

/** Lists what stands at the top level of a C file. */
export function parseSource(
  text: string,
  file: string,
  configured: Configured,
): Item[] {
  const items: Item[] = [];
  const add = (kind: Item["kind"], name: string | undefined, text: string) => {
    if (name !== undefined) items.push({ kind, name, text, file });
  };
  let pending = "";
  let depth = 0;
  for (const line of activeLines(withoutComments(text), configured)) {
    if (depth === 0 && pending.trim() === "" && /^\s*#/.test(line)) {
      const define = /^\s*#\s*define\s+(\w+)/.exec(line);
      if (define) add("define", define[1], `${line}\n`);
      continue;
    }
    for (const piece of pieces(line)) {
      pending += piece;
      if (piece.endsWith("{")) depth++;
      if (piece.endsWith("}")) depth--;
      if (depth > 0) continue;
      if (piece.endsWith("}") && isFunction(pending)) {
        add("function", functionName(pending), `${pending}\n`);
        pending = "";
      } else if (piece.endsWith(";")) {
        const [kind, name] = declared(pending.trim());
        add(kind, name, `${pending}\n`);
        for (const [name, value] of enumerators(pending.trim())) {
          add("define", name, `#define ${name} (${value})\n`);
        }
        pending = "";
      }
    }
    pending += "\n";
  }
  return items;
}

const LITERAL = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

/** A line, cut behind each semicolon and brace that is in no literal. */
function* pieces(line: string): Generator<string> {
  const code = line.replace(LITERAL, (found) => "_".repeat(found.length));
  let from = 0;
  for (const { index } of code.matchAll(/[;{}]/g)) {
    yield line.slice(from, index + 1);
    from = index + 1;
  }
  yield line.slice(from);
}

/** A body right behind a parameter list. */
function isFunction(text: string): boolean {
  const head = text.slice(0, text.indexOf("{"));
  return /\)\s*(?:\w+\s*)*$/.test(head.replace(ATTRIBUTES, "")) &&
    !head.includes("=");
}

function functionName(text: string): string | undefined {
  const head = text.slice(0, text.indexOf("{")).replace(ATTRIBUTES, "");
  return /(\w+)\s*\(/.exec(head)?.[1];
}

/** The constants of an enum without a name, which nothing refers to as a whole. */
function* enumerators(text: string): Generator<[string, string]> {
  const body = /^enum\s*\{([^]*)\}\s*;$/.exec(text)?.[1];
  let next = "0";
  for (
    const [, name, value] of body?.matchAll(/(\w+)\s*(?:=([^,]+))?/g) ?? []
  ) {
    const found = value?.trim() ?? next;
    yield [name, found];
    next = `${found} + 1`;
  }
}

/** Name that a declaration declares; a prototype declares nothing of use here. */
function declared(text: string): [Item["kind"], string | undefined] {
  const made = DECLARED.exec(text);
  if (made) return ["variable", made[1]];
  const struct = /^((?:struct|union|enum)\s+\w+)\s*\{/.exec(text);
  if (struct) return ["type", struct[1].replace(/\s+/, " ")];
  if (text.startsWith("typedef")) {
    const name = /\(\s*\*\s*(\w+)\s*\)\s*\(/.exec(text) ??
      /(\w+)\s*(?:\[[^\]]*\])*\s*;$/.exec(text);
    return ["type", name?.[1]];
  }
  const declarator = text.split("=")[0].replace(ATTRIBUTES, "").trimEnd();
  if (/\)\s*;?$/.test(declarator) || text.startsWith("extern")) {
    return ["variable", undefined];
  }
  return [
    "variable",
    /^[\w\s*]*?\b(\w+)\s*(?:\[[^\]]*\])*\s*;?$/.exec(declarator)?.[1],
  ];
}

/** Replaces comments, and not what looks like one inside a string. */
function withoutComments(text: string): string {
  return text.replace(
    new RegExp(`${LITERAL.source}|/\\*[^]*?\\*/|//.*`, "g"),
    (found) =>
      found.startsWith("/") ? " " + found.replace(/[^\n]/g, "") : found,
  );
}

/** Lines that the configuration keeps, continued ones as one; conditions are gone. */
function activeLines(text: string, configured: Configured): string[] {
  const kept: string[] = [];
  // State of each open #if: this branch is kept, or an earlier one was.
  const open: { kept: boolean; done: boolean }[] = [];
  const here = () => open.every(({ kept }) => kept);
  for (const line of text.match(/(?:\\\n|.)*\n?/g)!) {
    const match = /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b([^]*)/.exec(
      line,
    );
    if (!match) {
      if (here()) kept.push(line.replace(/\n$/, ""));
      continue;
    }
    const [, directive, rest] = match;
    const condition = rest.replaceAll("\\\n", " ").trim();
    const top = open.at(-1);
    switch (directive) {
      case "endif":
        open.pop();
        break;
      case "else":
      case "elif": {
        const branch = !top!.done &&
          (directive === "else" || evaluate(condition, configured));
        top!.kept = branch;
        top!.done ||= branch;
        break;
      }
      default: {
        const branch = directive === "if"
          ? evaluate(condition, configured)
          : configured(condition.split(/\s/)[0]) === (directive === "ifdef");
        open.push({ kept: branch, done: branch });
      }
    }
  }
  return kept;
}

/** The value of an #if: names that are not configured are 0, as the preprocessor has them. */
function evaluate(condition: string, configured: Configured): boolean {
  const tokens = condition.match(
    /defined|IS_ENABLED|IS_BUILTIN|&&|\|\||[=!<>]=|[!()<>]|\w+/g,
  ) ?? [];
  let at = 0;
  const primary = (): number => {
    const token = tokens[at++];
    if (token === "!") return primary() ? 0 : 1;
    if (token === "(") {
      const value = either();
      at++;
      return value;
    }
    if (token === "defined" || token?.startsWith("IS_")) {
      const bracketed = tokens[at] === "(";
      if (bracketed) at++;
      const name = tokens[at++];
      if (bracketed) at++;
      return configured(name) ? 1 : 0;
    }
    if (/^\d/.test(token ?? "")) return Number.parseInt(token);
    return token !== undefined && configured(token) ? 1 : 0;
  };
  const compared = (): number => {
    let value = primary();
    while (/^(?:[=!<>]=|[<>])$/.test(tokens[at] ?? "")) {
      const operator = tokens[at++];
      const other = primary();
      value = ({
          "==": value === other,
          "!=": value !== other,
          "<": value < other,
          ">": value > other,
          "<=": value <= other,
          ">=": value >= other,
        })[operator]
        ? 1
        : 0;
    }
    return value;
  };
  const both = (): number => {
    let value = compared();
    while (tokens[at] === "&&") {
      at++;
      const other = compared();
      value = value && other ? 1 : 0;
    }
    return value;
  };
  const either = (): number => {
    let value = both();
    while (tokens[at] === "||") {
      at++;
      const other = both();
      value = value || other ? 1 : 0;
    }
    return value;
  };
  return either() !== 0;
}

/**
 * The answer of an implementation, whatever the protocol.
 *
 * @module
 */

/** An answer, or what came instead of one. */
export type Answer =
  /** Exit 0: these are the bytes. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Exit 1: I refuse this input. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Exit 3: I do not support this case. */
  | { readonly kind: "unsupported"; readonly reason: string }
  /** There is no answer where one was to be. */
  | { readonly kind: "missing"; readonly reason: string }
  /** Anything else, a signal, a time-out, too much output. */
  | { readonly kind: "broken"; readonly reason: string };

/** Characters of foreign text that are kept; the rest says nothing more. */
const KEPT_TEXT = 4096;

/** Foreign text, cut where it is longer than anyone reads. */
export function bounded(text: string): string {
  return text.length <= KEPT_TEXT ? text : `${text.slice(0, KEPT_TEXT)}…`;
}

/** For JSON.parse: a number that JavaScript would round, as the text that was printed. */
export function exactNumber(
  _: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value)
    ? context?.source ?? value
    : value;
}

/**
 * Parses JSON with every number exact. Without a reviver, which a text of short
 * integers does not need, this takes a fifth of the time.
 *
 * @throws {SyntaxError | RangeError} As JSON.parse() does.
 */
export function parseExact(text: string): unknown {
  return MAYBE_ROUNDED_REGEXP.test(text)
    ? JSON.parse(text, exactNumber)
    : JSON.parse(text);
}

/** A number that may be no safe integer; a match inside a string costs time only. */
const MAYBE_ROUNDED_REGEXP =
  /[:,[\s]-?(?:\d{16}|\d+[.eE])|^-?(?:\d{16}|\d+[.eE])/;

/** Says why JSON.parse() failed; it throws a RangeError where nesting exceeds its stack. */
export function noJson(text: string, error: unknown): string {
  return error instanceof RangeError
    ? "JSON nested too deep"
    : `not JSON: ${text.slice(0, 60)}`;
}

/** Keys of a line that say which kind of answer it is. */
const KINDS: readonly string[] = ["bytes", "refused", "unsupported"];

/**
 * Reads one answer of the jsonl protocol.
 *
 * @param id The case that was asked.
 * @param line A line; a malformed one gives `broken`, never an exception.
 */
export function frameAnswer(id: string, line: string): Answer {
  let frame: Record<string, unknown>;
  let exact: Record<string, unknown>;
  try {
    frame = Object(JSON.parse(line));
    exact = Object(parseExact(line));
  } catch (error) {
    return { kind: "broken", reason: `a line that is ${noJson(line, error)}` };
  }
  if (frame.id !== id) {
    return {
      kind: "broken",
      reason: `an answer to ${bounded(JSON.stringify(frame.id) ?? "nothing")}`,
    };
  }
  const { bytes, refused, unsupported } = frame;
  if (KINDS.filter((key) => typeof frame[key] === "string").length > 1) {
    return {
      kind: "broken",
      reason: "more than one of bytes, refused and unsupported",
    };
  }
  if (typeof refused === "string") {
    return { kind: "refused", reason: bounded(refused) };
  }
  if (typeof unsupported === "string") {
    return { kind: "unsupported", reason: bounded(unsupported) };
  }
  // The id is of the protocol: a judge that knows all keys would call it a stranger.
  const { id: _, ...printed } = exact;
  const isPrinted = Object.keys(printed).some((key) => !KINDS.includes(key));
  if (bytes === undefined && isPrinted) {
    const json = JSON.stringify(printed.headers ?? printed);
    return { kind: "bytes", bytes: new TextEncoder().encode(json) };
  }
  if (typeof bytes === "string") {
    try {
      return { kind: "bytes", bytes: Uint8Array.fromBase64(bytes) };
    } catch { /* no base64 */ }
  }
  return {
    kind: "broken",
    reason: "neither bytes in base64, nor refused, nor unsupported",
  };
}

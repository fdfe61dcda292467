/**
 * One process: its input in, its output out, and whatever it does, an end.
 *
 * @module
 */

/** What a process left. */
export interface Exit {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  /** The signal, if one ended it. */
  readonly signal: string | null;
  /** Standard output, up to the cap. */
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** The first 4 KiB of standard error. */
  readonly stderr: string;
  /** Why it was ended before its time. */
  readonly ended?: "timeout" | "output";
}

/** How long and how much a process may. */
export interface Limits {
  /** Milliseconds until the process group is killed. */
  readonly timeout: number;
  /** Bytes of standard output until it is killed. */
  readonly output: number;
}

const STDERR_BYTES = 4096;
/** Milliseconds that output may still come in after the process ended, from one that it left behind. */
const LINGER = 100;

const live = new Set<Deno.ChildProcess>();

/** Starts a process in a group of its own. */
export function spawn(
  [program, ...args]: readonly string[],
): Deno.ChildProcess {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: Deno.build.os !== "windows",
  }).spawn();
  live.add(child);
  child.status.finally(() => live.delete(child));
  return child;
}

/** Kills a process and all that it started and that stayed in its group. */
export function killGroup(child: Deno.ChildProcess): void {
  try {
    if (Deno.build.os === "windows") child.kill("SIGKILL");
    else Deno.kill(-child.pid, "SIGKILL");
  } catch { /* it and its group are gone */ }
}

/** Kills every process that still runs. */
export function killAll(): void {
  for (const child of live) killGroup(child);
}

/**
 * Runs a process to its end. A process that exits without reading its input
 * has still answered; so has one that leaves children behind, which are killed.
 */
export async function run(
  command: readonly string[],
  input: Uint8Array,
  limits: Limits,
): Promise<Exit> {
  const child = spawn(command);
  let ended: Exit["ended"];
  const end = (why: Exit["ended"]) => {
    ended ??= why;
    killGroup(child);
  };
  const timer = setTimeout(() => end("timeout"), limits.timeout);
  const stdout = collect(child.stdout, limits.output, () => end("output"));
  const stderr = collect(child.stderr, STDERR_BYTES, () => {});
  const written = feed(child, input);
  const { code, signal } = await child.status;
  clearTimeout(timer);
  const linger = setTimeout(() => killGroup(child), LINGER);
  const exit = {
    code: signal === null ? code : null,
    signal,
    stdout: await stdout,
    stderr: new TextDecoder().decode(await stderr),
    ended,
  };
  clearTimeout(linger);
  killGroup(child);
  await written;
  return exit;
}

async function feed(
  child: Deno.ChildProcess,
  input: Uint8Array,
): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(input);
    await writer.close();
  } catch { /* it does not read on, which is its right */ }
}

/** Reads up to `cap` bytes, then calls `full` and throws the rest away. */
async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  cap: number,
  full: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      if (size === cap) continue;
      chunks.push(chunk.subarray(0, cap - size));
      size += chunks[chunks.length - 1].length;
      if (size === cap) full();
    }
  } catch { /* the pipe broke with the process */ }
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * Runs one child with bounded time and output, and always ends it.
 *
 * @module
 */

/** Result of a process. */
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

/** How long and how much a process may, and what it sees of us. */
export interface Limits {
  /** Milliseconds until the process group is killed. */
  readonly timeout: number;
  /** Bytes of standard output until it is killed. */
  readonly output: number;
  /** Its environment; ours, if left out. */
  readonly environment?: Readonly<Record<string, string>>;
}

const STDERR_BYTES = 4096;
/** Milliseconds that output may still come in after the process ended, from one that it left behind. */
const LINGER = 100;

/**
 * Every process of this run has it in its environment, and so has whatever it
 * starts: that is how what it leaves behind is found. A process group of its
 * own would show as much, but makes Deno fork itself, at ten times the cost of
 * a spawn.
 */
const RUN = `ELFCOREHDR_RUN=${crypto.randomUUID()}`;
let spawned = 0;

/** A process, and the mark by which its descendants are known. */
export interface Child {
  /** The process. */
  readonly process: Deno.ChildProcess;
  /** Part of the environment of all that descends from it. */
  readonly mark: string;
}

/**
 * Starts a process.
 *
 * @param environment Ours, if left out.
 */
export function spawn(
  [program, ...args]: readonly string[],
  environment?: Limits["environment"],
): Child {
  const mark = `${RUN}.${spawned++}.`;
  const [name, value] = mark.split("=");
  const process = new Deno.Command(program, {
    args,
    env: { ...environment, [name]: value },
    clearEnv: environment !== undefined,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return { process, mark };
}

/** Kills a process and all that it started, wherever that went. */
export function killTree({ process, mark }: Child): void {
  try {
    process.kill("SIGKILL");
  } catch { /* it is gone; what it started may not be */ }
  killMarked(mark);
}

/** Kills every process of this run. */
export function killAll(): void {
  if (spawned > 0) killMarked(RUN);
}

/** Has nothing of this run outlive an interruption. */
export function killAllOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    if (signal !== "SIGINT" && Deno.build.os === "windows") continue;
    Deno.addSignalListener(signal, () => {
      killAll();
      printError(
        `\nInterrupted by ${signal}: from you, or from a child that signals its process group`,
      );
      Deno.exit(2);
    });
  }
}

/** Writes to standard error, if that is still there: after a hangup it is not. */
export function printError(message: string): void {
  try {
    console.error(message);
  } catch { /* the exit code says it all the same */ }
}

/** Again until there is none: what is killed may just have forked, or have ended by itself after that. */
function killMarked(mark: string): void {
  for (let tries = 0; tries < 50; tries++) {
    const pids = pidsMarked(mark);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch { /* it ended by itself */ }
    }
  }
}

function pidsMarked(mark: string): number[] {
  if (Deno.build.os === "windows") return [];
  let listing: string;
  try {
    const { stdout } = new Deno.Command("ps", {
      args: ["axeww", "-o", "pid=,stat=,command="],
      stderr: "null",
    }).outputSync();
    listing = new TextDecoder().decode(stdout);
  } catch {
    return []; // a machine without ps; the process itself has been killed
  }
  return listing.split("\n")
    .filter((line) => line.includes(mark) && !/^ *\d+ +Z/.test(line))
    .map((line) => parseInt(line));
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
  const child = spawn(command, limits.environment);
  const { process } = child;
  let ended: Exit["ended"];
  const end = (why: Exit["ended"]) => {
    ended ??= why;
    killTree(child);
  };
  const timer = setTimeout(() => end("timeout"), limits.timeout);
  const stdout = new Output(process.stdout, limits.output, () => end("output"));
  const stderr = new Output(process.stderr, STDERR_BYTES, () => {});
  const writer = process.stdin.getWriter();
  const written = feed(writer, input);
  const { code, signal } = await process.status;
  clearTimeout(timer);
  // Whoever still holds the pipes gets a moment, then is killed, and if it
  // cannot be found, is left with pipes that nobody reads.
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<
    void
  >();
  const linger = setTimeout(() => {
    killTree(child);
    stdout.stop();
    stderr.stop();
    // A write that is under way to a pipe that someone holds ends with nobody.
    writer.abort().catch(() => {});
    setTimeout(abandon, LINGER);
  }, LINGER);
  await Promise.race([
    Promise.all([stdout.end, stderr.end, written]),
    abandoned,
  ]);
  clearTimeout(linger);
  return {
    code: signal === null ? code : null,
    signal,
    stdout: stdout.bytes(),
    stderr: new TextDecoder().decode(stderr.bytes()),
    ended,
  };
}

async function feed(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  input: Uint8Array,
): Promise<void> {
  try {
    await writer.write(input);
    await writer.close();
  } catch { /* it does not read on, which is its right */ }
}

/** Reads a stream: keeps up to `cap` bytes, then calls `full` and throws the rest away. */
class Output {
  /** Resolves when the stream has ended, or was stopped. */
  readonly end: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;

  constructor(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    cap: number,
    full: () => void,
  ) {
    this.#reader = stream.getReader();
    this.end = this.#read(cap, full);
  }

  async #read(cap: number, full: () => void): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return;
        if (this.#size === cap) continue;
        const kept = value.subarray(0, cap - this.#size);
        this.#chunks.push(kept);
        this.#size += kept.length;
        if (this.#size === cap) full();
      }
    } catch { /* the pipe broke with the process */ }
  }

  stop(): void {
    this.#reader.cancel().catch(() => {});
  }

  bytes(): Uint8Array<ArrayBuffer> {
    if (this.#chunks.length === 1) return this.#chunks[0];
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

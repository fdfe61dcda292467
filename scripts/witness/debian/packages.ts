/**
 * Debian packages of any architecture and release, fetched by apt into a cache
 * of our own: no root, nothing installed, signatures checked as always.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { isThere, removeIfThere, runTool } from "./tool.ts";

/** Releases to draw from, the oldest that matters to the newest served. */
const SUITES = [
  "debian bookworm",
  "debian-security bookworm-security",
  "debian bookworm-backports",
  "debian trixie",
  "debian-security trixie-security",
  "debian trixie-backports",
  "debian sid",
];
const MIRROR = "http://deb.debian.org";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Milliseconds for which an index is taken as fresh. */
const FRESH = 24 * 60 * 60 * 1000;

/** The archive as seen by one of Debian's architectures. */
export class Packages {
  readonly #root: string;
  readonly #options: string[];
  /** Parts of the index that apt could not get, a line each, after a line break. */
  complaint = "";

  private constructor(cache: string, architecture: string) {
    this.#root = `${cache}/apt-${architecture}`;
    const settings = {
      "Dir::State": this.#root,
      "Dir::State::Lists": `${this.#root}/lists`,
      "Dir::State::status": `${this.#root}/status`,
      "Dir::Cache": `${this.#root}/cache`,
      "Dir::Etc::SourceList": `${this.#root}/sources.list`,
      "Dir::Etc::SourceParts": "/dev/null",
      "APT::Architecture": architecture,
      "APT::Architectures::": architecture,
      "APT::Sandbox::User": "",
      "Acquire::Languages": "none",
    };
    this.#options = Object.entries(settings).map(([key, value]) =>
      `-o${key}=${value}`
    );
  }

  /** Opens the archive; its index is fetched once a day. */
  static async open(cache: string, architecture: string): Promise<Packages> {
    const packages = new Packages(cache, architecture);
    await packages.#update();
    return packages;
  }

  async #update(): Promise<void> {
    const stamp = `${this.#root}/updated`;
    try {
      const { mtime } = Deno.statSync(stamp);
      if (Date.now() - mtime!.getTime() < FRESH) return;
    } catch { /* never updated */ }
    removeIfThere(`${this.#root}/answers`);
    for (
      const folder of ["lists/partial", "cache/archives/partial"]
    ) {
      Deno.mkdirSync(`${this.#root}/${folder}`, { recursive: true });
    }
    Deno.writeTextFileSync(`${this.#root}/status`, "");
    Deno.writeTextFileSync(
      `${this.#root}/sources.list`,
      SUITES.map((suite) =>
        `deb [signed-by=${KEYRING}] ${MIRROR}/${suite} main\n`
      ).join(""),
    );
    console.error("fetching Debian's package index");
    // A suite that lacks this architecture, or a mirror at work, costs one
    // index; whatever is then not found is said with apt's own words.
    const { stderr } = await runTool(
      ["apt-get", ...this.#options, "update"],
      { timeout: 300, failing: true },
    );
    const complaints = stderr.split("\n").filter((line) =>
      /^[WE]: /.test(line)
    );
    if (complaints.length === 0) Deno.writeTextFileSync(stamp, "");
    this.complaint = complaints.map((line) => `\n  ${line}`).join("");
  }

  /** Names of all packages that match. */
  async names(pattern: RegExp): Promise<string[]> {
    const names = await this.#ask("apt-cache", "pkgnames");
    return names.split("\n").filter((name) => pattern.test(name));
  }

  /** Versions of a package that can be fetched, the newest first. */
  async versions(name: string): Promise<string[]> {
    const rows = await this.#ask("apt-cache", "madison", name);
    const versions = rows.split("\n").filter((line) => line !== "").map((
      line,
    ) => line.split("|")[1].trim());
    return [...new Set(versions)];
  }

  /** Output of apt about the index, which stays the same until the next update; it takes seconds. */
  async #ask(program: string, ...words: readonly string[]): Promise<string> {
    const kept = `${this.#root}/answers/${[program, ...words].join(" ")}`;
    if (isThere(kept)) return Deno.readTextFileSync(kept);
    const { stdout } = await runTool([program, ...this.#options, ...words], {
      timeout: 60,
    });
    Deno.mkdirSync(`${this.#root}/answers`, { recursive: true });
    Deno.writeTextFileSync(kept, stdout);
    return stdout;
  }

  /**
   * Programs' packages and those of all libraries, and the Python, that they
   * need, as `name=version`.
   *
   * @param names Packages, with a space between two.
   * @param version The newest, if left out.
   */
  async withLibraries(names: string, version?: string): Promise<string[]> {
    const installed = await this.#ask(
      "apt-get",
      "--simulate",
      "--no-install-recommends",
      "install",
      ...version === undefined ? names.split(" ") : [`${names}=${version}`],
    );
    const needed = [...installed.matchAll(/^Inst (\S+) \((\S+) /gm)];
    return needed.filter(([, needs]) =>
      names.split(" ").includes(needs) ||
      /^(?:z?lib(?!perl)|python3)/.test(needs)
    )
      .map(([, needs, version]) => `${needs}=${version}`);
  }

  /**
   * Fetches packages and unpacks them into a folder.
   *
   * @param wanted Packages, each as `name=version`.
   */
  async unpack(wanted: readonly string[], folder: string): Promise<void> {
    const download = Deno.makeTempDirSync({ dir: this.#root });
    try {
      for (const name of wanted) {
        console.error(`fetching ${name}`);
        const { code, stderr } = await runTool(
          ["apt-get", ...this.#options, "-q", "download", name],
          { timeout: 1200, cwd: download, failing: true },
        );
        if (code !== 0) {
          throw new CommandError(
            `Cannot fetch ${name}: ${stderr.trim() + this.complaint}`,
          );
        }
      }
      Deno.mkdirSync(folder, { recursive: true });
      for (const { name } of Deno.readDirSync(download)) {
        await runTool(["dpkg-deb", "-x", `${download}/${name}`, folder], {
          timeout: 300,
        });
      }
    } finally {
      Deno.removeSync(download, { recursive: true });
    }
  }

  /**
   * The same where the folder is not there yet; it is whole when it is.
   *
   * @param finish What else makes it whole.
   */
  async unpackOnce(
    wanted: readonly string[],
    folder: string,
    finish: (folder: string) => Promise<void> = async () => {},
  ): Promise<void> {
    if (isThere(folder)) return;
    removeIfThere(`${folder}.new`);
    await this.unpack(wanted, `${folder}.new`);
    await finish(`${folder}.new`);
    Deno.renameSync(`${folder}.new`, folder);
  }
}

/** Orders releases and versions as numbers where they have numbers. */
export const byVersion = new Intl.Collator("en", { numeric: true }).compare;

/** Returns true if a release begins as it was asked for, at a boundary. */
export function matches(release: string, wish: string): boolean {
  return wish === "newest" || release === wish ||
    release.startsWith(wish) && /^[^0-9]/.test(release.slice(wish.length));
}

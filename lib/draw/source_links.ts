/**
 * The source of a rule, with links to its files and commits.
 *
 * @module
 */

import { escapeMarkup } from "./markup.ts";

/** Where the sources of two projects are. */
export interface SourceUrls {
  /** A file of Linux, at a release. */
  readonly linux: (path: string, release: string) => string;
  /** A commit of Linux. */
  readonly commit: (hash: string) => string;
  /** A file of kexec-tools, at a version. */
  readonly utility: (path: string, version: string) => string;
  /** A commit of kexec-tools. */
  readonly utilityCommit: (hash: string) => string;
}

const FOUND_REGEXP =
  /\b(?:arch|drivers|fs|include|kernel|kexec|mm)\/[\w./-]+\.[ch]\b|\b[0-9a-f]{12}\b/g;

/** The release that a source is of, where it names no other. */
const RELEASE = "6.12";

/** Links the files and commits that a source names. */
export function sourceLinks(source: string, urls: SourceUrls): string {
  const utility = /^kexec-tools(?: (\d\S*?))?(?: to (\d\S*?))?,/.exec(source);
  const version = utility?.[2] ?? utility?.[1] ?? "";
  const linked = escapeMarkup(source).replace(FOUND_REGEXP, (found, at) => {
    const isFile = found.includes("/");
    const url = utility
      ? isFile ? urls.utility(found, version) : urls.utilityCommit(found)
      : isFile
      ? urls.linux(found, releaseOf(source, at))
      : urls.commit(found);
    return `<a href="${escapeMarkup(url)}">${found}</a>`;
  });
  return linked;
}

/** `kernel/kexec_file.c, crash_prepare_elf64_headers() in 6.1` is of 6.1. */
function releaseOf(source: string, at: number): string {
  const [part] = source.slice(at).split(";");
  return / in (\d+\.\d+)\b/.exec(part)?.[1] ?? RELEASE;
}

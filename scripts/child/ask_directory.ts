/**
 * Answers that lie in a directory of files.
 *
 * @module
 */

import type { Answer } from "../../lib/suite/answer.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import type { Ask } from "./ask.ts";

/**
 * Files named by case id; `<id>.refused` refuses, the reason in it, and both
 * together are no answer. A link that
 * leads out of the directory is not followed, nor is a file read that is
 * larger than any answer.
 *
 * @param mostOf Bytes that an answer may have.
 * @param partial Whether a file that is missing is only unsupported.
 */
export function askDirectory(
  folder: string,
  ending: string,
  mostOf: (test: Test) => number,
  partial: boolean,
): Ask {
  const root = Deno.realPathSync(folder);
  // Throws where it is no directory.
  Deno.readDirSync(root)[Symbol.iterator]().next();
  return (test) => {
    const { id } = test;
    const most = mostOf(test);
    const [given, refusal] = [`${id}${ending}`, `${id}.refused`];
    const bytes = readAnswer(root, given, most);
    const refused = refusalOf(readAnswer(root, refusal, most));
    const answer: Answer = bytes && refused
      ? { kind: "broken", reason: `there are both ${given} and ${refusal}` }
      : bytes ?? refused ?? {
        kind: partial ? "unsupported" : "missing",
        reason: `there is no ${given}, and no ${refusal}`,
      };
    return Promise.resolve({ answer, stderr: "" });
  };
}

function refusalOf(answer: Answer | undefined): Answer | undefined {
  return answer?.kind === "bytes"
    ? { kind: "refused", reason: new TextDecoder().decode(answer.bytes).trim() }
    : answer;
}

/** Nothing where there is no such file. */
function readAnswer(
  root: string,
  name: string,
  most: number,
): Answer | undefined {
  try {
    const path = Deno.realPathSync(`${root}/${name}`);
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) return { kind: "broken", reason: `${name} is no file` };
    if (!path.startsWith(`${root}/`) && !path.startsWith(`${root}\\`)) {
      return { kind: "broken", reason: `${name} leads out of the directory` };
    }
    if (size > most) {
      return {
        kind: "broken",
        reason: `${name} has ${size} bytes: an answer has at most ${most}`,
      };
    }
    return { kind: "bytes", bytes: Deno.readFileSync(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return { kind: "broken", reason: `${name}: ${(error as Error).message}` };
  }
}

/** Paths of all files below a folder, with slashes; links are not followed. */
export function listFiles(folder: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${path}`)) {
      if (isDirectory) walk(`${path}${name}/`);
      else found.push(path + name);
    }
  };
  walk("");
  return found.sort();
}

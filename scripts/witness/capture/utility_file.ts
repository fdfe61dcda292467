/**
 * The kexec utility's header as a spec file, and what it saw, as spec files
 * have it.
 *
 * @module
 */

import {
  encodeKexecTools,
  kexecToolsInput,
} from "../../../lib/model/kexec_tools.ts";
import type { Captured } from "../../../lib/spec/head.ts";
import {
  formatKexecToolsCase,
  type KexecToolsCase,
} from "../../../lib/spec/kexec_tools.ts";
import {
  type CaseFile,
  counted,
  differing,
  type SpecFile,
  type Words,
} from "./case_files.ts";
import type { Session } from "./session.ts";

/** The utility's header on the machine of a case. */
export function utilityFile(
  { moments: [load], written }: Session,
  words: Words,
  captured: Captured,
  machine: CaseFile,
): SpecFile {
  const { arch } = load.machine;
  const id = `kexec-tools/${arch}-${words.name}`;
  const ours = encodeKexecTools(kexecToolsInput(machine.spec, written!.view));
  const bytes = load.segment.bytes.slice(0, load.segment.bufsz);
  const { name: _, tags: __, ...head } = words;
  const spec: KexecToolsCase = {
    ...head,
    machine: machine.id,
    golden_from: "captured",
    captured,
    ...written!.view,
    expect: counted(bytes),
  };
  return {
    id,
    yaml: formatKexecToolsCase(spec, "Captured by scripts/capture.ts."),
    goldens: new Map([[id, bytes]]),
    wrong: differing(bytes, ours),
  };
}

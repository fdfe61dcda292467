/**
 * The lines of a spec file that name the witnesses of its golden, written by
 * the commands that ask them, and removed when the machine or the bytes change.
 *
 * @module
 */

import { witnessDigest, type Witnessed } from "../lib/suite/witness.ts";

/** The keys, quoted or not, with values of one line or more. */
const WITNESSES =
  /^(["']?)(?:confirmed(?:_source)?|written_by|witnessed)\1[ \t]*:.*\n(?:[ \t\]-].*\n)*/gm;
const DIGEST = /^witnessed: "([0-9a-f]{64})"\n/m;

/** Adds the digest of what was confirmed to a spec file that names witnesses. */
export async function sealWitnesses(
  id: string,
  yaml: string,
  witnessed: Witnessed,
): Promise<string> {
  const bare = yaml.replace(DIGEST, "");
  const last = [...bare.matchAll(WITNESSES)].at(-1);
  if (last === undefined) return bare;
  const digest = await witnessDigest(id, {
    ...witnessed,
    text: (other) => other === id ? bare : witnessed.text(other),
  });
  const at = last.index + last[0].length;
  return `${bare.slice(0, at)}witnessed: "${digest}"\n${bare.slice(at)}`;
}

/**
 * Removes the witnesses of a spec file whose machine or bytes differ from what
 * they confirmed.
 *
 * @returns The text without them; nothing where they are valid or there are none.
 */
export async function dropStaleWitnesses(
  id: string,
  witnessed: Witnessed,
): Promise<string | undefined> {
  const yaml = witnessed.text(id);
  const bare = yaml.replace(WITNESSES, "");
  if (bare === yaml) return undefined;
  const digest = DIGEST.exec(yaml)?.[1];
  return digest === await witnessDigest(id, witnessed) ? undefined : bare;
}

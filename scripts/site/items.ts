/**
 * Every spec file of the corpus as an item of the site, whatever its kind.
 *
 * @module
 */

import { parse } from "@std/yaml";
import { ARCH_NAMES, type ArchName } from "../../lib/kernel/arch.ts";
import type { Origin } from "../../lib/draw/witness_line.ts";
import { imageBytes, parseImage } from "../../lib/spec/image.ts";
import {
  type Corpus,
  headerNamed,
  type SpecFile,
} from "../../lib/suite/corpus.ts";
import { KINDS } from "../../lib/suite/kinds.ts";

/** Keys of every kind of spec file. */
interface Head extends Origin {
  readonly title?: string;
  readonly why?: string;
  readonly tags?: readonly string[];
  readonly arch?: ArchName;
  readonly release?: string;
  readonly machine?: string;
  readonly header?: string;
  readonly base?: string;
  readonly twin?: string;
}

/** A spec file. */
export interface Item extends SpecFile {
  /** Its list in the corpus. */
  readonly list: keyof Corpus;
  /** Description, in one line. */
  readonly title: string;
  /** Why it exists. */
  readonly why: string;
  /** The rules that it cites. */
  readonly rules: readonly string[];
  /** Words to select by. */
  readonly tags: readonly string[];
  /** Architecture of its machine, where it is known. */
  readonly arch?: ArchName;
  /** The kernel whose bytes it has. */
  readonly release?: string;
  /** Origin of its golden. */
  readonly origin: Origin;
  /** Id of the item whose machine or bytes it begins with. */
  readonly from?: string;
  /** Its bytes, where it has one file of them. */
  readonly golden?: Uint8Array;
}

/** Makes the items of a corpus, in its order. */
export function itemsOf(corpus: Corpus): Item[] {
  const all = (Object.keys(corpus) as (keyof Corpus)[]).flatMap((list) =>
    corpus[list].map((file) => itemOf(list, file, corpus))
  );
  const byId = new Map(all.map((item) => [item.id, item]));
  return all.map((item) => ({ ...item, arch: archOf(item, byId) }));
}

function itemOf(list: keyof Corpus, file: SpecFile, corpus: Corpus): Item {
  const { id, yaml } = file;
  const head = parse(yaml, { schema: "failsafe" }) as Head;
  const { why = "", title = why || id, tags = [], arch, release } = head;
  const kind = KINDS.find((kind) => kind.list === list);
  return {
    id,
    yaml,
    list,
    title,
    why,
    tags,
    arch,
    release,
    rules: kind?.rules(yaml, `spec/${id}.yaml`) ?? [],
    origin: head,
    from: head.machine ?? head.header ?? head.base ?? head.twin,
    golden: bytesOf(file, list, corpus),
  };
}

function bytesOf(
  file: SpecFile,
  list: keyof Corpus,
  corpus: Corpus,
): Uint8Array | undefined {
  if (list === "images") {
    const image = parseImage(file.yaml, `spec/${file.id}.yaml`);
    return imageBytes(image, headerNamed(corpus, image.base));
  }
  return "golden" in file ? file.golden as Uint8Array : undefined;
}

/** Finds an item by its id, or by that of one of its files, moments or reads. */
export function itemNamed(
  byId: ReadonlyMap<string, Item>,
  id: string,
): Item | undefined {
  return byId.get(id) ?? byId.get(id.replace(/\/[^/]*$/, ""));
}

/** Its own architecture, or that of what it begins with. */
function archOf(
  item: Item,
  byId: ReadonlyMap<string, Item>,
): ArchName | undefined {
  if (item.arch !== undefined) return item.arch;
  const from = item.from && itemNamed(byId, item.from);
  if (from) return archOf(from, byId);
  return ARCH_NAMES.find((arch) => item.id.includes(arch));
}

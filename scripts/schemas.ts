/**
 * The JSON schemas of spec/, made of the shapes that read the same files.
 *
 * @module
 */

import { caseShape } from "../lib/spec/case_shape.ts";
import { fadumpShape } from "../lib/spec/fadump_shape.ts";
import { imageShape } from "../lib/spec/image.ts";
import { kexecToolsShape } from "../lib/spec/kexec_tools.ts";
import { memoryShape } from "../lib/spec/memory.ts";
import { rejectShape } from "../lib/spec/reject.ts";
import { releasesShape } from "../lib/spec/releases.ts";
import { rulesShape } from "../lib/spec/rule_shape.ts";
import { scenarioShape } from "../lib/spec/scenario.ts";
import type { Shape } from "../lib/spec/shape.ts";
import { vmcoreShape } from "../lib/spec/vmcore_shape.ts";
import { reportShape } from "../lib/report/json_shape.ts";
import { fadumpRequestShape } from "../lib/suite/fadump_request_shape.ts";
import {
  kexecToolsRequestShape,
  memoryRequestShape,
  vmcoreRequestShape,
  writerRequestShape,
} from "../lib/suite/request_shape.ts";
import { knownFailuresShape } from "../lib/suite/results.ts";
import { judgementShape } from "./host/judgement_shape.ts";
import { indexShape } from "./release/index_shape.ts";
import { fleetShape } from "./replay/fleet.ts";
import { sourcesShape } from "./witness/oracle/sources.ts";

/** A kind of files that has a schema. */
interface SchemaFile {
  /** Title of the schema. */
  readonly title: string;
  /** Checks of the code that the schema lacks. */
  readonly beyond?: string;
  /** Reads such a file. */
  readonly shape: Shape<unknown>;
}

/** All of them, by the name of the schema below spec/, without its ending. */
export const SCHEMAS: Readonly<Record<string, SchemaFile>> = {
  "case": {
    title: "A case of the elfcorehdr suite",
    beyond:
      "Masks must ascend, each within the one before; ranges and series must end behind their start and within 64 bits, those of system_ram ascend without overlap; each CPU that gets a note needs crash_notes; the header has at most 65535 program headers.",
    shape: caseShape,
  },
  "fadump": {
    title: "A case of firmware-assisted dump",
    beyond:
      "Masks and memory must ascend, ranges must end behind their start, and the first region of boot memory begins at 0.",
    shape: fadumpShape,
  },
  "fadump-request": {
    title:
      "What is asked of whoever writes the header of a firmware-assisted dump, version 2",
    shape: fadumpRequestShape,
  },
  "fleet": {
    title: "A fleet, for deno task replay --fleet",
    beyond:
      "Names must differ; at most possible CPUs are present; possible CPUs and ranges together fit into a header.",
    shape: fleetShape,
  },
  "index": {
    title: "The index of a release: every question with its answer",
    shape: indexShape,
  },
  "invalid": {
    title: "An input that no writer may accept",
    shape: rejectShape,
  },
  "judgement": {
    title:
      "The judgement of a running machine, as `judge --format json` prints it",
    shape: judgementShape,
  },
  "kexec-tools": {
    title: "A case of the userspace writer",
    beyond: "Masks must ascend, and ranges must end behind their start.",
    shape: kexecToolsShape,
  },
  "kexec-tools-request": {
    title:
      "What is asked of whoever writes as the kexec utility does, version 2",
    shape: kexecToolsRequestShape,
  },
  "known-failures": {
    title: "Known failures, for conform --expect-failures",
    beyond: "A file without entries may also be empty.",
    shape: knownFailuresShape,
  },
  "memory": {
    title: "A small dump, and reads of its memory",
    beyond:
      "A read has a physical or a virtual address, and an answer of its size or a twin that has one.",
    shape: memoryShape,
  },
  "memory-request": {
    title: "What a reader of memory is asked, version 2",
    shape: memoryRequestShape,
  },
  "reader": {
    title: "An image for readers: a golden, changed",
    shape: imageShape,
  },
  "releases": {
    title: "The releases of Linux that the suite speaks about",
    shape: releasesShape,
  },
  "report": {
    title: "What conform --format json writes",
    shape: reportShape,
  },
  "request": {
    title: "What a writer is asked, version 2",
    shape: writerRequestShape,
  },
  "rules": {
    title: "The rules of an elfcorehdr",
    shape: rulesShape,
  },
  "scenario": {
    title: "The life of a loaded header",
    beyond:
      "Masks must ascend, ranges must end behind their start, and each event must be possible in the state before it.",
    shape: scenarioShape,
  },
  "sources": {
    title: "Kernel sources that wrote goldens, by the git blobs of their files",
    shape: sourcesShape,
  },
  "vmcore": {
    title: "A case of the crash path",
    beyond: "Masks must ascend.",
    shape: vmcoreShape,
  },
  "vmcore-request": {
    title: "What a maker of /proc/vmcore is asked, version 2",
    shape: vmcoreRequestShape,
  },
};

/** Formats a schema as its file has it. */
export function formatSchema(name: string): string {
  const { title, beyond, shape } = SCHEMAS[name];
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `https://jsr.io/@kdump/elfcorehdr/spec/${name}.schema.json`,
    $comment: "Generated by deno task regen; do not edit.",
    title,
    ...beyond === undefined
      ? {}
      : { description: `Code checks more: ${beyond}` },
    ...shape.schema,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Makes every schema, by its path. */
export function schemaFiles(): [path: string, bytes: Uint8Array][] {
  const text = new TextEncoder();
  return Object.keys(SCHEMAS).map((name) => [
    `spec/${name}.schema.json`,
    text.encode(formatSchema(name)),
  ]);
}

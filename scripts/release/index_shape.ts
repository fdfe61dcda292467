/**
 * The shape of index.json, for its JSON schema.
 *
 * @module
 */

import { ruleNumber } from "../../lib/spec/head.ts";
import { anyText, integer, orNull } from "../../lib/spec/json_shape.ts";
import {
  described,
  list,
  matching,
  oneOf,
  record,
  type Shape,
  text,
  withSchema,
} from "../../lib/spec/shape.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import type { Entry, FileSum } from "./vectors.ts";

const fileSum: Shape<FileSum> = record({
  file: described(text, "Path in the release."),
  size: described(integer(), "Bytes."),
  sha256: described(
    matching(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex"),
    "SHA-256, in hex.",
  ),
});

const entry: Shape<Entry> = record({
  profile: described(
    oneOf(Object.keys(PROFILES)),
    "Kind of implementation that is asked.",
  ),
  id: described(text, "Id of the case, unique in its profile."),
  title: described(text, "What it is, in a line."),
  arch: described(text, "Architecture, images or invalid."),
  release: described(
    orNull(anyText),
    "The kernel whose bytes are wanted; null where it does not matter.",
  ),
  level: described(
    oneOf(["required", "quirk"]),
    "quirk where a rule of the case is one.",
  ),
  tags: described(list(anyText), "Words to select by."),
  rules: described(list(ruleNumber), "Rules that the case is there for."),
  expect: described(
    oneOf(["answer", "refuse", "either"]),
    "either: a refusal is as right as the expected answer.",
  ),
  input: described(
    withSchema(list(fileSum), { minItems: 1 }),
    "The question, in each wording that there is.",
  ),
  expected: described(
    orNull(fileSum),
    "The right answer; null where there is none.",
  ),
  also: described(list(fileSum), "Answers that are as right as that one."),
  twin: described(
    orNull(text),
    "Id of the valid twin of an input to refuse; a refusal counts only if the twin is done right.",
  ),
});

/** The shape of index.json. */
export const indexShape: Shape<Entry[]> = list(entry);

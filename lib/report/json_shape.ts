/**
 * The shape of a report as JSON, for its JSON schema; tests read reports by it.
 *
 * @module
 */

import { ruleNumber } from "../spec/head.ts";
import { anyText, boolean, integer, orNull } from "../spec/json_shape.ts";
import {
  described,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  withSchema,
} from "../spec/shape.ts";
import { PROFILES } from "../suite/profiles.ts";
import { countByStatus, FAILURE_KINDS, type Status } from "../suite/results.ts";

const STATUSES = Object.keys(countByStatus([])) as Status[];
const COUNTED: Readonly<Record<Status, string>> = {
  "pass": "Right answers.",
  "fail": "Wrong answers.",
  "broken": "Crashes, time-outs, and exit codes without meaning.",
  "missing": "Cases without a file.",
  "unsupported": "Cases that the implementation cannot do, as it says.",
  "known": "Failures that are known.",
  "unexpected-pass": "Right answers to cases that are known to fail.",
};

const texts = list(anyText);
const level = oneOf(["required", "quirk"]);
const caseId = matching(
  /^[a-z0-9_-]+(?:\/[A-Za-z0-9._-]+){1,2}$/,
  "the id of a case",
);

const known = record({
  file: described(anyText, "Path of the file."),
  entries: described(integer(), "Count of its entries."),
  unasked: described(texts, "Ids of entries whose case was not asked."),
});

const scope = record({
  cases: described(integer(), "Cases that the profile has."),
  asked: described(integer(), "How many were asked: the length of results."),
  answered: described(integer(), "How many were not answered as unsupported."),
  filter: described(texts, "Globs over ids; empty where all were asked."),
  arch: described(texts, "Architectures; empty for all."),
  tag: described(texts, "Tags; empty for all."),
  level: described(list(level), "Levels; empty for all."),
  release: described(texts, "Releases; empty for all."),
  request_version: described(oneOf([1, 2]), "Version of the requests."),
  known_failures: described(orNull(known), "The file of known failures."),
});

const causeId = matching(/^[a-z0-9_-]+$/, "the name of a cause");

const cause = record({
  id: described(causeId, "Its name, the same from run to run."),
  what: described(anyText, "The mistake, or what the failures share."),
  cases: described(
    withSchema(list(caseId), { minItems: 1 }),
    "Ids of the cases that it explains.",
  ),
  against: described(integer(), "Cases that pass and speak against it."),
  follow: described(
    list(caseId),
    "Refusals that do not count, since one of its cases is their valid twin.",
  ),
});

const difference = record({
  offset: described(integer(), "Byte offset."),
  field: described(anyText, "The field there."),
  expected: described(anyText, "Its right value."),
  got: described(anyText, "Its value in the answer."),
  rule: optional(ruleNumber, "The rule that is broken."),
  item: optional(
    oneOf(["missing", "surplus", "moved"]),
    "Set where a whole program header is missing, too much or elsewhere.",
  ),
});

const result = record({
  id: described(caseId, "Id of the case."),
  arch: described(anyText, "Architecture, or invalid."),
  level: described(level, "quirk where a rule of the case is one."),
  tags: described(texts, "Words to select by."),
  rules: described(list(ruleNumber), "Rules that the case is there for."),
  status: described(oneOf(STATUSES), "How it ended."),
  kind: optional(oneOf(FAILURE_KINDS), "How it failed, where it did."),
  known: optional(anyText, "The reason of its known failure."),
  reason: optional(anyText, "Why it failed, where differences do not say it."),
  differences: optional(list(difference), "The first hundred."),
  different: optional(integer(), "Count of all differences."),
  mistake: optional(
    anyText,
    "The known mistake that gives exactly this answer.",
  ),
  stderr: optional(anyText, "The first bytes of what it wrote there."),
  ms: described(integer(), "Milliseconds."),
});

/** The shape of what `formatJson()` writes. */
export const reportShape: Shape<unknown> = record({
  profile: described(oneOf(Object.keys(PROFILES)), "What was tested."),
  implementation: described(
    anyText,
    "The command, the directory, or the built-in reference.",
  ),
  suite: described(
    matching(/^\d+\.\d+\.\d+ of \d{4}-\d{2}-\d{2}$/, "a version and a day"),
    "Version and day of the run.",
  ),
  releases: described(texts, "The same as scope.release."),
  scope: described(scope, "What was asked, and of how much."),
  conforms: described(
    boolean,
    "Every case of the profile was asked, and passed.",
  ),
  right: described(
    boolean,
    "Nothing is wrong with what was asked, however little that was.",
  ),
  verdict: described(
    anyText,
    "The same in words: conforms, does not conform, or 6 of 365 asked: all right.",
  ),
  counts: described(
    record(Object.fromEntries(
      STATUSES.map((key) => [key, described(integer(), COUNTED[key])]),
    )),
    "Count of results by status.",
  ),
  complaints: described(texts, "What is wrong beside the failures."),
  causes: described(list(cause), "What the failures have in common."),
  results: described(list(result), "The cases that were asked, in order."),
});

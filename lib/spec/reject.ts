/**
 * An input that no writer may accept: the text of a file of spec/invalid in,
 * the text of the refused case and the class of its problem out.
 *
 * @module
 */

import { parseSpec } from "./document.ts";
import { ruleNumbers } from "./head.ts";
import {
  described,
  oneOf,
  optional,
  PROBLEM_KINDS,
  type ProblemKind,
  record,
  type Shape,
  text,
  withSchema,
} from "./shape.ts";

/** Contents of a file of spec/invalid. */
export interface RejectSpec {
  /** Why no writer may accept the input. */
  why: string;
  /** Class of its problem. */
  error: ProblemKind;
  /** Path of its problem within the input. */
  at: string;
  /**
   * The rules that a writer breaks by accepting it. Absent where the mistake
   * does not show in a request: those inputs are for whoever reads spec files.
   */
  rules?: string[];
  /** Id of a valid case of the kind, which whoever refuses this must do right. */
  twin?: string;
  /** Text of the refused case. */
  input: string;
}

/** The shape of a file of spec/invalid. */
export const rejectShape: Shape<RejectSpec> = withSchema(
  record({
    why: described(text, "Why no writer may accept the input."),
    error: described(oneOf(PROBLEM_KINDS), "Class of its problem."),
    at: described(text, "Path of the problem within the input."),
    rules: optional(
      ruleNumbers,
      "Rules that a writer breaks by accepting it; absent where the mistake does not show in a request.",
    ),
    twin: optional(
      text,
      "Id of a valid case, which counts beside a refusal: it must be done right.",
    ),
    input: described(text, "Text of the case."),
  }),
  { dependentRequired: { rules: ["twin"] } },
);

/**
 * Parses a file of spec/invalid.
 *
 * @throws {SpecError} If the file itself is malformed; its input always is.
 */
export function parseReject(yaml: string, file = "spec"): RejectSpec {
  return parseSpec(rejectShape, yaml, file, ({ rules, twin }, report) => {
    if (rules && !twin) {
      report(
        "missing-key",
        "twin",
        "there where writers are asked to refuse",
        "nothing",
      );
    }
  });
}

/**
 * The suite itself: tests of each kind of implementation, their verdicts, and
 * reports.
 *
 * @module
 */

export type { Answer } from "./suite/answer.ts";
export type {
  Corpus,
  GoldenCase,
  GoldenScenario,
  GoldenVmcore,
  SpecFile,
} from "./suite/corpus.ts";
export { Refusal, runFunction } from "./suite/run_function.ts";
export type { Difference } from "./compare/diff.ts";
export { type Profile, type ProfileName, PROFILES } from "./suite/profiles.ts";
export type {
  Apart,
  Explanation,
  Protocol,
  Test,
  Verdict,
} from "./suite/verdict.ts";
export type { RequestVersion } from "./suite/request.ts";
export type { FailureKind, Result, Status } from "./suite/results.ts";
export type { Mistake, Named } from "./mutants/mod.ts";
export { type Selection, selectTests } from "./suite/select.ts";
export { type Cause, diagnose } from "./suite/diagnosis.ts";
export type { Wording } from "./suite/reasons.ts";
export { FORMATS } from "./report/formats.ts";
export { conforms, type Format, type Report } from "./report/report.ts";
export type { KnownScope, Scope } from "./report/scope.ts";

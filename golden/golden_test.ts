/**
 * All tests that read goldens, in one file: each test file loads what it
 * imports anew, and the index is most of what there is to load.
 */

import "./tests/goldens.ts";
import "./tests/fadump.ts";
import "./tests/schemas.ts";
import "./tests/headers.ts";
import "./tests/core_files.ts";
import "./tests/core_kinds.ts";
import "./tests/lives.ts";
import "./tests/panics.ts";
import "./tests/unmet.ts";
import "./tests/rules.ts";
import "./tests/boundaries.ts";
import "./tests/witnesses.ts";
import "./tests/diff.ts";
import "./tests/explain.ts";
import "./tests/fadump_answers.ts";
import "./tests/causes.ts";
import "./tests/diagnosis.ts";
import "./tests/judges.ts";
import "./tests/blame.ts";
import "./tests/replay.ts";
import "./tests/reports.ts";
import "./tests/texts.ts";
import "./tests/properties.ts";

/**
 * Tests of the commands, in one file: each test file is started and loads what
 * it imports anew, and most of these wait for a permission.
 */

import "./tests/temporary.ts";
import "./tests/answers.ts";
import "./tests/bounds.ts";
import "./tests/bundle.ts";
import "./tests/cache.ts";
import "./tests/capture.ts";
import "./tests/children.ts";
import "./tests/collect.ts";
import "./tests/conform.ts";
import "./tests/crash_path.ts";
import "./tests/docs.ts";
import "./tests/host.ts";
import "./tests/judge.ts";
import "./tests/inspect.ts";
import "./tests/mistakes.ts";
import "./tests/oracle.ts";
import "./tests/regen.ts";
import "./tests/release.ts";
import "./tests/reports.ts";
import "./tests/std_types.ts";
import "./tests/tree.ts";
import "./tests/workflows.ts";

#!/usr/bin/env bash
# A user of the package has the files that would be published, in a folder
# of their own. A function is run against the suite from there.
set -eu
cd "$(dirname "$0")/.."
export NO_COLOR=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
deno publish --dry-run --allow-dirty 2>&1 |
  sed -n "s#^ *file://$PWD/\\(.*\\) (.*#\\1#p" >"$folder/list"
mkdir "$folder/package"
tar cf - -T "$folder/list" | tar xf - -C "$folder/package"
cat >"$folder/package/user.ts" <<'TS'
import { CORPUS } from "@kdump/elfcorehdr/corpus";
import { PROFILES, runFunction } from "@kdump/elfcorehdr/suite";

const goldens = new Map(CORPUS.cases.map(({ id, golden }) => [id, golden]));
const tests = PROFILES.writer.tests(CORPUS).filter(({ id }) => goldens.has(id));
const wrong = runFunction(tests, ({ id }) => goldens.get(String(id)))
  .filter(({ status }) => status !== "pass");
console.log(`${tests.length} cases, ${wrong.length} wrong`);
Deno.exitCode = tests.length > 200 && wrong.length === 0 ? 0 : 1;
TS
cd "$folder/package"
deno run user.ts

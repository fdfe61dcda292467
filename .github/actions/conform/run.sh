#!/usr/bin/env bash
# The step of action.yml: COMMAND is checked in the folder of the caller, with
# OPTIONS. Leaves JUnit, annotations and a summary; exits as conform does.
set -u
suite=$(cd "$(dirname "$0")/../../.." && pwd)
reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/elfcorehdr.XXXXXX")
echo "junit=$reports/conform.xml" >>"$GITHUB_OUTPUT"

# OPTIONS is words; COMMAND is one line, for a shell that starts where the caller is.
# shellcheck disable=SC2086
npx -y deno@2.9.6 run --config "$suite/deno.json" \
  --allow-read --allow-write --allow-run --allow-env "$suite/scripts/conform.ts" $OPTIONS \
  --output "$reports/conform.xml" --output "$reports/conform.annotations" \
  --output "$reports/conform.md" -- bash -c "$COMMAND"
code=$?

[ ! -f "$reports/conform.annotations" ] || cat "$reports/conform.annotations"
# GitHub takes a summary of no more than 1 MiB.
[ ! -f "$reports/conform.md" ] || head -c 1000000 "$reports/conform.md" >>"$GITHUB_STEP_SUMMARY"
exit "$code"

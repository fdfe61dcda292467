#!/usr/bin/env bash
# The step of action.yml: COMMAND is checked in the folder of the caller, with
# OPTIONS. Leaves JUnit, annotations and a summary; exits as conform does.
set -u
suite=$(cd "$(dirname "$0")/../../.." && pwd)
reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/elfcorehdr.XXXXXX")
echo "junit=$reports/conform.xml" >>"$GITHUB_OUTPUT"

refuse() {
  echo "::error title=elfcorehdr::$1"
  exit 2
}

# OPTIONS is words, quoted as in a shell where they have blanks; xargs takes
# quotes away and expands nothing.
printf '%s' "$OPTIONS" | xargs printf '%s\0' >"$reports/options" ||
  refuse "Cannot read options: each quote must have its end"
words=()
while IFS= read -r -d '' word; do
  [ -z "$word" ] || words+=("$word")
done <"$reports/options"

# COMMAND is one line, for a shell that starts where the caller is.
npx -y deno@2.9.6 run --config "$suite/deno.json" \
  --allow-read --allow-write --allow-run --allow-env "$suite/scripts/conform.ts" \
  ${words[@]+"${words[@]}"} \
  --output "$reports/conform.xml" --output "$reports/conform.annotations" \
  --output "$reports/conform.md" -- bash -c "$COMMAND"
code=$?

[ ! -f "$reports/conform.annotations" ] || cat "$reports/conform.annotations"
# GitHub takes a summary of no more than 1 MiB.
[ ! -f "$reports/conform.md" ] || head -c 1000000 "$reports/conform.md" >>"$GITHUB_STEP_SUMMARY"
# A bare word takes the place of the command, and --list and --help check nothing.
[ "$code" -ge 2 ] || [ -s "$reports/conform.xml" ] ||
  refuse "Nothing was checked: options must be those of a run, and no command among them"
exit "$code"

#!/usr/bin/env bash
# A user of a release has the archive alone, without Deno. It is built
# twice and must be the same. Its files are as their schemas say. Each consumer
# must be green as it lies, and red with field and rule where its writer is wrong.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
export NO_COLOR=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(umask 077 && TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 deno task release -- "$folder/one")
(umask 022 && TZ=America/Lima LC_ALL=C deno task release -- "$folder/two")
diff -r "$folder/one" "$folder/two"

cd "$folder/one"
sha256sum --quiet -c ./*.sha256
[ "$(stat -c %s elfcorehdr-*[0-9].tar.gz)" -lt 1000000 ]
mkdir "$folder/right"
for archive in *.tar.gz; do
  tar xzf "$archive" -C "$folder/right"
  (cd "$folder/right/${archive%.tar.gz}" && sha256sum --quiet -c SHA256SUMS)
done

mkdir "$folder/both"
cp -r "$folder"/right/*/. "$folder/both"
/usr/bin/python3 "$root/scripts/validate-schemas.py" "$folder/both"

# A stand-in for Deno is found first and fails: the real one may lie beside gcc.
mkdir "$folder/bin"
printf '#!/bin/sh\necho "deno was called"; exit 97\n' >"$folder/bin/deno"
chmod +x "$folder/bin/deno"
alone() {
  env -i HOME="$HOME" PATH="$folder/bin:$(dirname "$(command -v cargo)"):/usr/bin:/bin" \
    GOFLAGS=-count=1 GOCACHE="$folder/go" "$@"
}

run() { # run <vectors> <language>
  cd "$1/consumers/$2"
  case $2 in
  c) alone make -s check ;;
  python) alone /usr/bin/python3 -m unittest ;;
  rust) alone cargo test --quiet --offline ;;
  go) alone go vet && alone go test ;;
  esac 2>&1
}

green() { # green <language>
  run "$folder/right/$(basename "$vectors")" "$1" | tee "$folder/said" ||
    { echo "$1: red as it lies"; exit 1; }
  grep -q 'invalid/[^ ]*: refused, expected refuse: ' "$folder/said" ||
    { echo "$1: no refusal is named"; exit 1; }
}

red() { # red <language> <file> <right text> <wrong text> <what the consumer must say>
  local wrong
  wrong=$(mktemp -d -p "$folder")
  cp -r "$vectors/." "$wrong"
  python3 - "$wrong/consumers/$1/$2" "$3" "$4" <<'PY'
import sys
path, right, wrong = sys.argv[1:]
text = open(path).read()
assert text.count(right) == 1, (path, right)
open(path, "w").write(text.replace(right, wrong))
PY
  if run "$wrong" "$1" >"$folder/said"; then
    echo "$1: a writer with '$4' is called right"
    exit 1
  fi
  grep -q "$5" "$folder/said" || { echo "$1, '$4': no '$5' in"; cat "$folder/said"; exit 1; }
}

torn() { # torn <language>: a word of index.txt is missing
  local torn
  torn=$(mktemp -d -p "$folder")
  cp -r "$vectors/." "$torn"
  sed -i '11s/ [^ ]*$//' "$torn/index.txt"
  if run "$torn" "$1" >"$folder/said"; then
    echo "$1: a torn index.txt is walked"
    exit 1
  fi
  grep -q 'index.txt' "$folder/said" || { echo "$1: no 'index.txt' in"; cat "$folder/said"; exit 1; }
}

vectors=$(echo "$folder"/right/elfcorehdr-*[0-9])
short='p_filesz at byte 0x[0-9a-f]*: expected 0x[0-9a-f]*, got 0x[0-9a-f]*.*R2'
refused='refused a valid input'
for language in c python rust go; do green "$language"; done
for language in c rust go; do torn "$language"; done # Python walks index.json
red c elfcorehdr.c 'req.ranges[i].end - start + 1' 'req.ranges[i].end - start' "$short"
red c elfcorehdr.c '	check_request();' '	stop(1, "all");' "$refused"
red python elfcorehdr.py 'end - start + 1))' 'end - start))' "$short"
red python elfcorehdr.py '    check(request)
' '    raise Refused("all")
' "$refused"
red rust src/lib.rs 'end.wrapping_sub(start).wrapping_add(1)' 'end.wrapping_sub(start)' "$short"
red rust src/lib.rs '    check(request)?;' '    return Err("all".into());' "$refused"
red go elfcorehdr.go 'ram.Last - ram.First + 1' 'ram.Last - ram.First' "$short"
red go elfcorehdr.go 'if err := check(r); err != nil {' 'if err := errors.New("all"); err != nil {' "$refused"

asks() { # asks <profile> <command>...: a reader, by the archive alone
  (cd "$vectors/consumers/python" && alone /usr/bin/python3 check.py "$@")
}
asks notes /usr/bin/python3 vmcore.py --notes >/dev/null
asks memory /usr/bin/python3 memory.py >/dev/null
asks vmcore /usr/bin/python3 vmcore.py >/dev/null
if asks nr-cpus /usr/bin/python3 vmcore.py --notes >"$folder/said"; then
  echo "check.py: a lister of notes is called a right counter"
  exit 1
fi
grep -q 'notes: no key of an answer' "$folder/said"
echo "every consumer is green as it lies and red with each mistake"

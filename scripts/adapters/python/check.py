#!/usr/bin/env python3
"""Asks a program every question of a profile, and judges as ANSWERS.md says.

    check.py <profile> <command> [argument...]
    check.py notes ./my-reader --notes

A question goes to stdin: its bytes, or its JSON where it has some. One of
memory goes there as lines, with the whole path of its dump. Exit 0: the answer
is on stdout. 1: refused. 3: not supported. ELFCOREHDR names the folder of the
vectors, where it is not two above.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("ELFCOREHDR", pathlib.Path(__file__).resolve().parents[2]))
NUMBER = re.compile(r"(?:0x[0-9a-fA-F]+|-?[0-9]+)\Z")
PHDR = "p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz p_align".split()
NOTE = {"name": True, "type": True, "size": True, "offset": False, "pid": False}  # whether it is needed


def value(word):
    """The number that a JSON value is, decimal or hex; None of what is no number."""
    if isinstance(word, str):
        return int(word, 0 if word.startswith("0x") else 10) if len(word) <= 20 and NUMBER.match(word) else None
    if isinstance(word, bool) or not isinstance(word, (int, float)) or word != word // 1:
        return None
    return int(word)


def fields(where, expected, got, keys):
    """The first of these numbers that differs."""
    for key in keys:
        if value(got.get(key)) != value(expected[key]):
            return f"{where}{key}: expected {expected[key]}, got {json.dumps(got.get(key))}"
    return None


def rows(name, expected, got, compare):
    """The first row of a list that differs, or its length."""
    if not isinstance(got, list):
        return f"{name}: expected a list, got {json.dumps(got)[:80]}"
    for i, (want, have) in enumerate(zip(expected, got)):
        wrong = compare(f"{name}[{i}].", want, have if isinstance(have, dict) else {})
        if wrong:
            return wrong
    return None if len(got) == len(expected) else f"{name}: expected {len(expected)}, got {len(got)}"


def reader(expected, got):
    return (fields("", expected, got, ["e_machine", "e_phnum"]) or
            rows("phdrs", expected["phdrs"], got.get("phdrs"),
                 lambda where, want, have: fields(where, want, have, PHDR)))


def note(where, want, have):
    unknown = set(have) - set(NOTE)
    if unknown:
        return f"{where}{min(unknown)}: no key of a note"
    if have.get("name") != want["name"]:
        return f"{where}name: expected {want['name']!r}, got {have.get('name')!r}"
    for key, needed in NOTE.items():
        if key == "name" or not needed and have.get(key) is None:
            continue
        if have.get(key) is None or value(have[key]) != value(want.get(key)):
            return f"{where}{key}: expected {want.get(key)}, got {json.dumps(have.get(key))}"
    return None


def notes(expected, got):
    return rows("notes", expected["notes"], got.get("notes"), note)


def nr_cpus(expected, got):
    unknown = set(got) - {"nr_cpus", "vmcoreinfo"}
    if unknown:
        return f"{min(unknown)}: no key of an answer"
    want, have = expected.get("vmcoreinfo"), got.get("vmcoreinfo")
    if "vmcoreinfo" not in got or have is None and want is None:
        return fields("", expected, got, ["nr_cpus"])
    if want is None or not isinstance(have, dict) or set(have) - {"offset", "size"}:
        return f"vmcoreinfo: expected {json.dumps(want)}, got {json.dumps(have)}"
    return fields("", expected, got, ["nr_cpus"]) or fields("vmcoreinfo.", want, have, ["offset", "size"])


JUDGES = {"reader": reader, "notes": notes, "nr-cpus": nr_cpus}


def refuse_constant(word):
    raise ValueError(f"{word} is no JSON")


def difference(profile, expected, got):
    """Says where an answer differs from one that is right; None where it does not."""
    if profile not in JUDGES:
        at = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got)))
        return None if expected == got else f"byte {at:#x} differs: {len(expected)} bytes expected, {len(got)} got"
    try:
        printed = json.loads(got.decode("utf-8", "replace"), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return f"no JSON: {got[:60]!r}"
    return JUDGES[profile](json.loads(expected), printed if isinstance(printed, dict) else {})


def judge(entry, answer):
    """Says why an answer is wrong; None of a right one. A refusal is an answer of None."""
    if answer is None:
        return "refused a valid input" if entry["expect"] == "answer" else None
    if entry["expect"] == "refuse":
        return f"accepted what it must refuse: {entry['title']}"
    wrong = [difference(entry["profile"], (ROOT / right["file"]).read_bytes(), answer)
             for right in [entry["expected"], *entry["also"]]]
    return None if None in wrong else wrong[0]


def question(entry):
    if entry["profile"] != "memory":
        return (ROOT / entry["input"][0]["file"]).read_bytes()
    dump, lines = (each["file"] for each in entry["input"])
    return (ROOT / lines).read_text().replace(f"dump {dump}", f"dump {ROOT.absolute() / dump}").encode()


def ask(command, entry):
    """Asks a question: what is wrong with the answer, and how it ended."""
    try:
        child = subprocess.run(command, input=question(entry), capture_output=True, timeout=10)
    except subprocess.TimeoutExpired:
        return "no end within 10 s", "broken"
    reason = child.stderr.decode("utf-8", "replace").strip()
    if child.returncode == 3:
        return None, "unsupported"
    if child.returncode not in (0, 1) or b"Traceback" in child.stderr:
        return f"exit {child.returncode}: {reason[-200:]}", "broken"
    if child.returncode == 1:
        return judge(entry, None), f"refused: {reason}" if reason else "refused"
    return judge(entry, child.stdout), "answered"


def main(profile, *command):
    entries = [entry for entry in json.loads((ROOT / "index.json").read_text()) if entry["profile"] == profile]
    counts, failed = collections.Counter(), {}
    for entry in entries:  # a twin comes before the refusals that it decides
        wrong, how = ask(command, entry)
        if not wrong and how.startswith("refused"):
            print(f"{entry['id']}: {how}")
            if entry["twin"] in failed:
                wrong = f"refused, and its valid twin {entry['twin']} {failed[entry['twin']]}"
        if wrong:
            print(f"{entry['id']}: {wrong}")
        if wrong or how == "unsupported":
            failed[entry["id"]] = "is wrong" if wrong else "is not supported"
        counts["wrong" if wrong else how.split(":")[0]] += 1
    print(f"{len(entries)} questions of {profile}: " + ", ".join(f"{n} {how}" for how, n in sorted(counts.items())))
    return 0 if counts["answered"] and not counts["wrong"] else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else __doc__)

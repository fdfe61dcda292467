"""Checks a writer in Python against the vectors: python3 -m unittest

Copy this file beside the vectors and import a writer of your own: a function
that takes a request, as its JSON says it, and returns bytes or raises Refused.
"""
import json
import os
import pathlib
import unittest

from elfcorehdr import Refused
from elfcorehdr import write as write_elfcorehdr

ROOT = pathlib.Path(os.environ.get("ELFCOREHDR", pathlib.Path(__file__).parents[2]))
EM_PPC64, PT_NOTE = 21, 4


def place_of(data, at):
    """The part of a right header that holds a byte, its first byte, and what goes before its fields' names."""
    if at < 64:
        return "ehdr", 0, ""
    index, phnum = (at - 64) // 56, int.from_bytes(data[56:58], "little")
    if index >= phnum:
        return "padding", at, ""
    notes = [data[64 + 56 * i] for i in range(phnum)].count(PT_NOTE)
    has_kernel = data[18] != EM_PPC64
    part = ("crash_notes" if index < notes - 1 else "vmcoreinfo" if index == notes - 1
            else "kernel" if has_kernel and index == notes else "ram")
    return part, 64 + 56 * index, f"phdr[{index}]."


def field_at(wanted, at):
    """The field of a part that holds a byte: its name, first and last byte in the part, and rules."""
    for line in (ROOT / "fields.txt").read_text().splitlines():
        part, name, start, size, rules = line.split()
        if part == wanted and int(start) <= at < int(start) + int(size):
            return name, int(start), int(start) + int(size), rules
    raise LookupError(f"fields.txt has no byte {at} of {wanted}")


def difference(entry, expected, got):
    """What differs first, in words; None where the bytes are equal."""
    if expected == got:
        return None
    at = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b), None)
    if at is None:
        return f"{entry['id']}: size: expected {len(expected)}, got {len(got)} ({field_at('size', 0)[3]})"
    part, base, prefix = place_of(expected, at)
    name, start, end, rules = field_at(part, at - base)
    wanted, found = (hex(int.from_bytes(data[base + start:base + end], "little")) for data in (expected, got))
    return f"{entry['id']}: {prefix}{name} at byte {base + start:#x}: expected {wanted}, got {found} ({rules})"


class Vectors(unittest.TestCase):
    def setUp(self):
        self.entries = [e for e in json.loads((ROOT / "index.json").read_text()) if e["profile"] == "writer"]

    def check(self, entry):
        request = json.loads((ROOT / entry["input"][0]["file"]).read_text())
        try:
            got = write_elfcorehdr(request)
        except Refused as reason:
            if entry["expect"] == "answer":
                return f"{entry['id']}: refused a valid input: {reason}"
            print(f"{entry['id']}: refused, expected {entry['expect']}: {reason}")
            return None
        if entry["expect"] == "refuse":
            return f"{entry['id']}: accepted what it must refuse ({', '.join(entry['rules'])}): {entry['title']}"
        return difference(entry, (ROOT / entry["expected"]["file"]).read_bytes(), got)

    def test_writer(self):
        self.assertTrue(self.entries, "no vectors of a writer")
        wrong = {entry["id"]: self.check(entry) for entry in self.entries}
        for entry in self.entries:  # who refuses all refuses nothing rightly
            if entry["expect"] == "refuse" and not wrong[entry["id"]] and wrong.get(entry["twin"]):
                wrong[entry["id"]] = f"{entry['id']}: refused, and its valid twin {entry['twin']} is wrong"
        failures = [each for each in wrong.values() if each]
        if failures:
            self.fail(f"{len(failures)} of {len(wrong)} wrong\n" + "\n".join(failures))

    def test_harness(self):
        """Known wrong answers are distinguished from the right ones, at the byte that is named."""
        by_id = {entry["id"]: entry for entry in self.entries}
        for line in (ROOT / "known-wrong.txt").read_text().splitlines():
            mistake, case, wrong, right, at, what = line.split(" ", 5)
            with self.subTest(mistake):
                expected, got = (ROOT / right).read_bytes(), (ROOT / wrong).read_bytes()
                self.assertIsNotNone(difference(by_id[case], expected, got), what)
                self.assertEqual(next(i for i, (a, b) in enumerate(zip(expected, got)) if a != b), int(at))


if __name__ == "__main__":
    unittest.main()

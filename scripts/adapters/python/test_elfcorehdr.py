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
EHDR = [("e_ident", 0), ("e_type", 16), ("e_machine", 18), ("e_version", 20), ("e_entry", 24), ("e_phoff", 32),
        ("e_shoff", 40), ("e_flags", 48), ("e_ehsize", 52), ("e_phentsize", 54), ("e_phnum", 56),
        ("e_shentsize", 58), ("e_shnum", 60), ("e_shstrndx", 62)]
PHDR = [("p_type", 0), ("p_flags", 4), ("p_offset", 8), ("p_vaddr", 16), ("p_paddr", 24), ("p_filesz", 32),
        ("p_memsz", 40), ("p_align", 48)]
EM_PPC64, PT_NOTE = 21, 4


def field_at(data, at):
    """The field that holds a byte of a right header: its part, its name, its first and last byte."""
    if at < 64:
        base, index, fields, part = 0, None, EHDR, "ehdr"
    else:
        index, phnum = (at - 64) // 56, int.from_bytes(data[56:58], "little")
        if index >= phnum:
            return "padding", "padding", at, at + 1
        base, fields = 64 + 56 * index, PHDR
        types = [data[64 + 56 * i] for i in range(phnum)]
        notes, has_kernel = types.count(PT_NOTE), data[18] != EM_PPC64
        part = ("crash_notes" if index < notes - 1 else "vmcoreinfo" if index == notes - 1
                else "kernel" if has_kernel and index == notes else "ram")
    ends = [start for _, start in fields[1:]] + [64 if index is None else 56]
    for (name, start), end in zip(fields, ends):
        if base + start <= at < base + end:
            return f"{part}.{name}", name if index is None else f"phdr[{index}].{name}", base + start, base + end


def difference(entry, expected, got, governs):
    """What differs first, in words; None where the bytes are equal."""
    if expected == got:
        return None
    at = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b), None)
    if at is None:
        return f"{entry['id']}: size: expected {len(expected)}, got {len(got)} ({', '.join(governs['size'])})"
    part, field, start, end = field_at(expected, at)
    wanted, found = (hex(int.from_bytes(data[start:end], "little")) for data in (expected, got))
    return f"{entry['id']}: {field} at byte {start:#x}: expected {wanted}, got {found} ({', '.join(governs[part])})"


class Vectors(unittest.TestCase):
    def setUp(self):
        self.entries = [e for e in json.loads((ROOT / "index.json").read_text()) if e["profile"] == "writer"]
        self.governs = {}
        for line in (ROOT / "governs.txt").read_text().splitlines():
            field, rule = line.split()
            self.governs.setdefault(field, []).append(rule)

    def check(self, entry):
        request = json.loads((ROOT / entry["input"][0]["file"]).read_text())
        try:
            got = write_elfcorehdr(request)
        except Refused as reason:
            return f"{entry['id']}: refused a valid input: {reason}" if entry["expect"] == "answer" else None
        if entry["expect"] == "refuse":
            return f"{entry['id']}: accepted what it must refuse ({', '.join(entry['rules'])}): {entry['title']}"
        return difference(entry, (ROOT / entry["expected"]["file"]).read_bytes(), got, self.governs)

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
        """The known wrong answers are told from the right ones, at the byte that is named."""
        by_id = {entry["id"]: entry for entry in self.entries}
        for line in (ROOT / "known-wrong.txt").read_text().splitlines():
            mistake, case, wrong, right, at, what = line.split(" ", 5)
            with self.subTest(mistake):
                expected, got = (ROOT / right).read_bytes(), (ROOT / wrong).read_bytes()
                self.assertIsNotNone(difference(by_id[case], expected, got, self.governs), what)
                self.assertEqual(next(i for i, (a, b) in enumerate(zip(expected, got)) if a != b), int(at))


if __name__ == "__main__":
    unittest.main()

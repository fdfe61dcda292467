#!/usr/bin/env python3
"""readelf as a reader: readelf.py <program> [--notes], an ELF file on stdin, JSON on stdout.

With --jsonl a request a line and an answer a line, until stdin ends. The program is readelf of binutils, eu-readelf of elfutils or llvm-readelf; what
they print for people is read back.
"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile

KEYS = "p_type p_offset p_vaddr p_paddr p_filesz p_memsz p_flags p_align".split()
P_TYPES = {"NULL": 0, "LOAD": 1, "DYNAMIC": 2, "INTERP": 3, "NOTE": 4, "SHLIB": 5, "PHDR": 6}
N_TYPES = ("PRSTATUS FPREGSET PRPSINFO TASKSTRUCT PLATFORM AUXV GWINDOWS ASRS PSTATUS - - - "
           "PSINFO PRCRED UTSNAME LWPSTATUS LWPSINFO").split()
# Names of elfutils for the same: NT_PRFPREG, NT_PRXREG.
N_TYPES = {**{name: i + 1 for i, name in enumerate(N_TYPES)}, "PRFPREG": 2, "PRXREG": 4, "VMCOREDD": 0x700,
           "GNU_ABI_TAG": 1, "GNU_BUILD_ID": 3}
MACHINES = {"x86-64": 62, "aarch64": 183, "powerpc64": 21, "ppc64": 21, "risc-v": 243, "loongarch": 258}


class Refused(Exception):
    """The program complains of the file."""


def run(data, program, *options):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run([program, *options, file.name], capture_output=True, text=True, errors="replace")
    if done.returncode < 0:  # It died, and did not refuse.
        os.kill(os.getpid(), -done.returncode)
    complaint = re.search(r"^.*(?:[Ee]rror|cannot|unable|invalid|not a|Not an|too (?:small|large)).*$", done.stderr, re.M)
    if done.returncode or complaint:
        raise Refused(complaint.group() if complaint else done.stderr or "failed")
    return done.stdout


def flags(text):
    return sum(bit for bit, letter in ((4, "R"), (2, "W"), (1, "E")) if letter in text)


def headers(data, program):
    text = run(data, program, "-hlW" if program != "eu-readelf" else "-hl")
    machine = re.search(r"^ +Machine: +(.*)$", text, re.M).group(1)
    e_machine = next((number for name, number in MACHINES.items() if name in machine.lower()), None)
    if e_machine is None:
        # LLVM gives the number in hex, without saying so.
        e_machine = int(re.search(r"[0-9a-f]+$", machine).group(), 16)
    count = re.search(r"^ +Number of program headers(?: entries)?: +(\d+)(?: \((\d+)[^)]*\))?", text, re.M)
    row = re.compile(r"^  (\S+(?:: -?(?:0x)?[0-9a-f]+)?) +(0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) "
                     r"(0x[0-9a-f]+) ([RWE ]*) *(0x[0-9a-f]+|\d+)$", re.M)
    phdrs = []
    for cells in row.findall(text):
        phdr = dict(zip(KEYS, cells))
        kind = re.sub(r"^<unknown>: |^LOOS\+|^LOPROC\+", "", phdr["p_type"])
        base = 0x60000000 if "LOOS+" in phdr["p_type"] else 0x70000000 if "LOPROC+" in phdr["p_type"] else 0
        # eu-readelf has unknown types in decimal.
        digits = 10 if program == "eu-readelf" else 16
        phdr["p_type"] = P_TYPES[kind] if kind in P_TYPES else (base + int(kind, digits)) % 2**32
        phdr["p_flags"] = flags(phdr["p_flags"])
        phdr["p_align"] = hex(int(phdr["p_align"], 16))
        phdrs.append(phdr)
    return {"e_machine": e_machine, "e_phnum": int(count.group(2) or count.group(1)), "phdrs": phdrs}


def note_type(text):
    number = re.search(r"(?:Unknown note type: \(|<unknown>: )(0x[0-9a-f]+|\d+)", text)
    name = re.match(r"(?:NT_)?(\w+)", text)
    return int(number.group(1), 0) if number else N_TYPES.get(name.group(1))


def notes(data, program):
    text = run(data, program, "-nW" if program != "eu-readelf" else "-n")
    listed = []
    for line in text.splitlines():
        row = re.match(r"  (\S.*?|) +(0x[0-9a-f]{8}|\d+)\s+((?:NT_|<unknown>|Unknown|[A-Z_]+\b(?!:)).*)$", line)
        if row:
            name, size, kind = row.groups()
            # readelf of binutils shows this where there is no name.
            name = "" if name == "(NONE)" else name
            listed.append({"name": name, "size": int(size, 0), "type": note_type(kind)})
        pid = re.match(r" +pid: (\d+),", line)
        if pid and listed:
            listed[-1]["pid"] = int(pid.group(1))
    return {"notes": listed}


def answer(read, request):
    try:
        return {"id": request["id"], **read(base64.b64decode(request["bytes"]))}
    except Refused as reason:
        return {"id": request["id"], "refused": str(reason)}


def main(program, *options):
    def read(data):
        return (notes if "--notes" in options else headers)(data, program)

    if "--jsonl" in options:
        for line in sys.stdin:
            print(json.dumps(answer(read, json.loads(line))), flush=True)
    else:
        print(json.dumps(read(sys.stdin.buffer.read())))


if not sys.argv[1:]:
    sys.exit(__doc__)
try:
    main(*sys.argv[1:])
except Refused as reason:
    sys.exit(str(reason))

#!/usr/bin/env python3
"""LLVM's yaml2obj as an elfcorehdr writer: a layout engine that nobody here wrote.

    deno task conform -- scripts/adapters/yaml2obj.py

The program headers are those of elfcorehdr.py; every byte is yaml2obj's. It
ends its files with one byte of string table, which passes for padding; where
there is none, exit 3.
"""
import json
import subprocess
import sys

from elfcorehdr import Refused, check, program_headers

MACHINES = {62: "EM_X86_64", 183: "EM_AARCH64", 21: "EM_PPC64", 243: "EM_RISCV", 258: "0x102"}  # LLVM 14 has no name for it
TYPES = {1: "PT_LOAD", 4: "PT_NOTE"}
FLAGS = {0: "[]", 7: "[PF_R, PF_W, PF_X]"}
KEYS = "Type Flags Offset VAddr PAddr FileSize MemSize Align".split()


def document(request):
    headers = program_headers(request)
    slots = request["nr_possible"] + 2 + len(request["ranges"])
    padding = -(-(64 + 56 * slots) // 4096) * 4096 - 64 - 56 * len(headers)
    if padding == 0:
        print("yaml2obj cannot write a file without a byte behind the headers", file=sys.stderr)
        sys.exit(3)
    yield f"""--- !ELF
FileHeader: {{ Class: ELFCLASS64, Data: ELFDATA2LSB, Type: ET_CORE, Machine: {MACHINES[request["e_machine"]]},
  EShEntSize: 0, EShOff: 0, EShNum: 0, EShStrNdx: 0 }}
ProgramHeaders:
"""
    for header in headers:
        values = [TYPES[header[0]], FLAGS[header[1]], *map(hex, header[2:])]
        yield "  - { " + ", ".join(map(": ".join, zip(KEYS, values))) + " }\n"
    yield f"""Sections:
  - {{ Type: Fill, Size: {padding - 1}, Pattern: "00" }}
  - {{ Type: SectionHeaderTable, NoHeaders: true }}
"""


def main():
    request = json.load(sys.stdin)
    check(request)
    result = subprocess.run(["yaml2obj"], input="".join(document(request)).encode(), stdout=subprocess.PIPE)
    if result.returncode:
        sys.exit(2)
    sys.stdout.buffer.write(result.stdout)


if __name__ == "__main__":
    try:
        main()
    except Refused as reason:
        print(reason, file=sys.stderr)
        sys.exit(1)
